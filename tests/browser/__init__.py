"""Pages in a real browser (Debian package chromium)."""
