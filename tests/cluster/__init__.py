"""A real Kubernetes control plane on one machine, for tests that must not believe their own imitation of one."""
