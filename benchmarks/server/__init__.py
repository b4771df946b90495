"""A kube-apiserver's face over bytes that are ready, so that what is measured is the client."""
