"""The only door to a language model: it is asked last, for words alone, and a report stands without it."""
