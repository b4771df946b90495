"""``python -m swarm.cli`` is ``deepscan``."""

from swarm.cli import main

main()
