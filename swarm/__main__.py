"""``python -m swarm`` is ``deepscan``."""

from swarm.cli import main

main()
