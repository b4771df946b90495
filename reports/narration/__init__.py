"""Who puts a problem into words: a template always, a model only when asked."""
