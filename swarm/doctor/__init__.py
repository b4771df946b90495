"""Finding out before the night what a scan would be able to see; everything here asks and changes nothing."""
