"""
A scan that says nothing for a minute is a scan that somebody kills.

On a terminal each agent has a live line; elsewhere there is one line when a target's agents have ended.
Progress goes to stderr, results to stdout.
"""

import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from scanners.facts.slices import Slice
from swarm.agent import Agent
from swarm.sources.source import Read

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Progress(Protocol):
    """What a scan tells while it runs."""

    def begin(self, target: str, agents: Sequence[Agent]) -> None:
        """The agents of a target start."""

    def slice_read(self, target: str, slice_: Slice, read: Read) -> None:
        """A slice is in, or known not to come."""

    def ended(self, agent: Agent) -> None:
        """An agent has ended."""

    def live(self) -> AbstractContextManager[object]:
        """Show it for as long as the context lasts."""


class Quiet:
    """Says nothing."""

    def begin(self, target: str, agents: Sequence[Agent]) -> None: ...

    def slice_read(self, target: str, slice_: Slice, read: Read) -> None: ...

    def ended(self, agent: Agent) -> None: ...

    def live(self) -> AbstractContextManager[object]:
        return nullcontext()


class Lines(Quiet):
    """One line as each target's agents end: for pipes and CI."""

    def __init__(self) -> None:
        self._open: dict[str, set[str]] = {}
        self._agents: dict[str, list[Agent]] = {}
        self._began = time.monotonic()

    def begin(self, target: str, agents: Sequence[Agent]) -> None:
        self._open[target] = {agent.concern for agent in agents}
        self._agents[target] = list(agents)

    def ended(self, agent: Agent) -> None:
        waiting = self._open.get(agent.target, set())
        waiting.discard(agent.concern)
        if not waiting:
            sys.stderr.write(self._line(agent.target) + "\n")

    def _line(self, target: str) -> str:
        agents = self._agents[target]
        states = ", ".join(f"{agent.concern} {agent.state}" for agent in agents if agent.state != "done")
        seconds = time.monotonic() - self._began
        found = sum(agent.findings for agent in agents)
        troubles = f" ({states})" if states else ""
        return f"{target}: {len(agents)} agents ended, {found} sightings, {seconds:.1f} s{troubles}"


class Live(Quiet):
    """A live line per agent, on a terminal."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._agents: list[Agent] = []
        self._read = 0
        self._objects = 0
        self._began = time.monotonic()

    def begin(self, target: str, agents: Sequence[Agent]) -> None:
        self._agents.extend(agents)

    def slice_read(self, target: str, slice_: Slice, read: Read) -> None:
        self._read += 1
        self._objects += len(read.objects)

    def live(self) -> AbstractContextManager[object]:
        from rich.live import Live as RichLive

        return RichLive(
            get_renderable=self._table, console=self._console, refresh_per_second=8, transient=True
        )

    def _table(self) -> "RenderableType":
        from rich.table import Table

        several = len({agent.target for agent in self._agents}) > 1
        title = f"{self._read} slices, {self._objects} objects, {time.monotonic() - self._began:.1f} s"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for heading in ("agent", "state", "objects", "sightings", "seconds"):
            table.add_column(heading, justify="left" if heading in ("agent", "state") else "right")
        for agent in self._agents:
            name = f"{agent.target} · {agent.concern}" if several else agent.concern
            cells = (name, agent.state, str(agent.objects), str(agent.findings), f"{agent.seconds:.1f}")
            table.add_row(*cells)
        return table
