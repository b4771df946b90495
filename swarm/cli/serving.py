"""
A server that starts over nothing would answer "no scans" for ever: what it serves is looked at before it starts.
"""

import asyncio
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from swarm.cli.stored import history_of
from swarm.errors import ConfigurationError

INSTALL = "pip install 'deepscan-swarm[mcp]'"


def serve(files: Sequence[Path], http: int | None, flag: str | None, config: Path | None) -> None:
    """
    Serve these reports, and the history where no file is named or ``--history`` is given; by pipes, or on a port.

    ConfigurationError where the extra is not installed, or a report or the history cannot be read.
    """
    if importlib.util.find_spec("mcp") is None:
        raise ConfigurationError(
            "the MCP server needs the extra mcp, which is not installed", where="deepscan mcp", mend=INSTALL
        )
    from swarm.history.store import History
    from swarm.mcp.library import Library
    from swarm.mcp.server import server_of
    from swarm.mcp.transport import over_http, over_pipes

    history = History(history_of(flag, config)) if flag or not files else None
    server = server_of(Library(files, history))
    asyncio.run(over_pipes(server) if http is None else over_http(server, http))
