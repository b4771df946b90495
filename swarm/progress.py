"""
A scan that says nothing for a minute is a scan that somebody kills.

On a terminal each agent has a live line, or each target one with a cell per concern where there are several; elsewhere
there is one line when a target's agents have ended. Progress goes to stderr, results to stdout.
"""

import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from swarm.agent import AgentState

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

MARKS: dict[AgentState, str] = {
    "waiting": "·", "reading": "…", "checking": "…", "partial": "~", "timed-out": "!", "failed": "!",
}  # fmt: skip
"""What stands in an agent's cell beside how much it found."""


class Watched(Protocol):
    """An agent as far as it is shown; ``seconds`` of reading and looking, ``findings`` what its checks saw."""

    target: str
    concern: str
    state: AgentState
    objects: int
    findings: int
    seconds: float


@dataclass(slots=True)
class Standing:
    """How an agent stands that works in another process."""

    target: str
    concern: str
    state: AgentState
    objects: int
    findings: int
    seconds: float

    @classmethod
    def of(cls, agent: Watched) -> "Standing":
        """As it stands now."""
        return cls(agent.target, agent.concern, agent.state, agent.objects, agent.findings, agent.seconds)

    def follow(self, agent: Watched) -> None:
        """Stand as it does."""
        self.state, self.objects = agent.state, agent.objects
        self.findings, self.seconds = agent.findings, agent.seconds


class Progress(Protocol):
    """What a scan tells while it runs. Agents change while they are watched."""

    def begin(self, target: str, agents: Sequence[Watched]) -> None:
        """The agents of a target start."""

    def slice_read(self, target: str, objects: int) -> None:
        """A slice is in, or known not to come (of no objects then)."""

    def ended(self, agent: Watched) -> None:
        """An agent has ended."""

    def unread(self, target: str) -> None:
        """A target could not be read at all."""

    def live(self) -> AbstractContextManager[object]:
        """Show it for as long as the context lasts."""


class Quiet:
    """Says nothing."""

    def begin(self, target: str, agents: Sequence[Watched]) -> None: ...

    def slice_read(self, target: str, objects: int) -> None: ...

    def ended(self, agent: Watched) -> None: ...

    def unread(self, target: str) -> None: ...

    def live(self) -> AbstractContextManager[object]:
        return nullcontext()


class Lines(Quiet):
    """One line as each target's agents end: for pipes and CI."""

    def __init__(self) -> None:
        self._open: dict[str, set[str]] = {}
        self._agents: dict[str, list[Watched]] = {}
        self._began = time.monotonic()

    def begin(self, target: str, agents: Sequence[Watched]) -> None:
        self._open[target] = {agent.concern for agent in agents}
        self._agents[target] = list(agents)

    def ended(self, agent: Watched) -> None:
        waiting = self._open.get(agent.target, set())
        waiting.discard(agent.concern)
        if not waiting:
            sys.stderr.write(self._line(agent.target) + "\n")

    def unread(self, target: str) -> None:
        sys.stderr.write(f"{target}: not read, {time.monotonic() - self._began:.1f} s\n")

    def _line(self, target: str) -> str:
        agents = self._agents[target]
        states = ", ".join(f"{agent.concern} {agent.state}" for agent in agents if agent.state != "done")
        seconds = time.monotonic() - self._began
        found = sum(agent.findings for agent in agents)
        troubles = f" ({states})" if states else ""
        return f"{target}: {len(agents)} agents ended, {found} sightings, {seconds:.1f} s{troubles}"


class Live(Quiet):
    """
    On a terminal: a live line per agent, or for ``several`` targets a line each with a cell per concern.
    """

    def __init__(self, console: "Console", *, several: bool = False) -> None:
        self._console, self._several = console, several
        self._agents: dict[str, Sequence[Watched]] = {}
        self._unread: set[str] = set()
        self._read = 0
        self._objects = 0
        self._began = time.monotonic()

    def begin(self, target: str, agents: Sequence[Watched]) -> None:
        self._agents[target] = agents

    def slice_read(self, target: str, objects: int) -> None:
        self._read += 1
        self._objects += objects

    def unread(self, target: str) -> None:
        self._agents.setdefault(target, ())
        self._unread.add(target)

    def live(self) -> AbstractContextManager[object]:
        from rich.live import Live as RichLive

        return RichLive(
            get_renderable=self.table, console=self._console, refresh_per_second=8, transient=True
        )

    def table(self) -> "RenderableType":
        """How everybody stands now."""
        from rich.table import Table

        title = f"{self._read} slices, {self._objects} objects, {time.monotonic() - self._began:.1f} s"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        return self._targets(table) if self._several else self._each_agent(table)

    def _each_agent(self, table: "Table") -> "Table":
        for heading in ("agent", "state", "objects", "sightings", "seconds"):
            table.add_column(heading, justify="left" if heading in ("agent", "state") else "right")
        for agent in (agent for agents in self._agents.values() for agent in agents):
            cells = (agent.state, str(agent.objects), str(agent.findings), f"{agent.seconds:.1f}")
            table.add_row(agent.concern, *cells)
        return table

    def _targets(self, table: "Table") -> "Table":
        """Those that are under way come first: what a low terminal cuts off has ended."""
        concerns = sorted({agent.concern for agents in self._agents.values() for agent in agents})
        table.add_column("target")
        for concern in concerns:
            table.add_column(concern, justify="right")
        for target, agents in sorted(self._agents.items(), key=lambda row: (_is_over(row[1]), row[0])):
            cells = {agent.concern: _cell(agent) for agent in agents}
            empty = "not read" if target in self._unread else ""
            table.add_row(target, *(cells.get(concern, empty) for concern in concerns))
        return table


def _is_over(agents: Sequence[Watched]) -> bool:
    return all(agent.state not in ("waiting", "reading", "checking") for agent in agents)


def _cell(agent: Watched) -> str:
    """How much an agent has found, and how it stands where it has not simply ended."""
    mark = MARKS.get(agent.state, "")
    return mark if mark in ("·", "…") else f"{agent.findings}{mark}"
