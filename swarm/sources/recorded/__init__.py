"""A cluster that was recorded: captures, support bundles, any tree of Kubernetes objects."""
