"""A live Kubernetes cluster as a source: read only, streamed, one list per kind."""
