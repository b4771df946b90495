"""
``deepscan`` and ``python -m swarm`` start here: a thousand classes are imported before the first request, and Python
would look through them for rings again and again.
"""

from swarm.collector import search_rarely


def main() -> None:
    """Entry point of the ``deepscan`` command."""
    search_rarely()
    from swarm.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
