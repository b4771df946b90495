"""Google Cloud: a project's clusters by the container API, what stands beside them by Compute's REST."""
