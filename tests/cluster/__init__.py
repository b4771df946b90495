"""A real Kubernetes control plane on one machine, for tests that must not believe an imitation of one."""
