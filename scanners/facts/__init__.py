"""What a scan knows: flat, frozen, interned facts of one target, with the gaps in them."""
