"""What is told, and how: one report, its schema, its narration, its faces."""
