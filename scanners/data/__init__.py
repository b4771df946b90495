"""Reference data carried as package files, with its loader."""
