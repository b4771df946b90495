"""``python -m swarm.cli`` is ``deepscan`` too."""

from swarm.cli import main

main()
