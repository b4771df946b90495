"""Everything that waits: the coordinator, its agents, the sources they read, the command line."""
