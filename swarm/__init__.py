"""Everything that waits: the coordinator, its agents, the sources they read, the command line."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("deepscan-swarm")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
