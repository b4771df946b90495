"""Claims that do not bind, volumes that do not mount."""
