"""The words (facts) and the eyes (checks): pure functions from what was read to what is wrong."""
