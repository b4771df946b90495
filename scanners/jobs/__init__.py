"""Work that fails, waits or never starts."""
