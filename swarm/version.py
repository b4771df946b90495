"""
A report must say which deepscan wrote it; asking the package costs more than ``--help`` may.
"""

from importlib.metadata import PackageNotFoundError, version


def installed() -> str:
    """The version of the installed distribution; ``0+unknown`` in a checkout that was never installed."""
    try:
        return version("deepscan-swarm")
    except PackageNotFoundError:
        return "0+unknown"
