"""
Whoever looks for idle GPUs need not know how pods are listed, and must not fail because a log server hangs.

An agent is one (target, concern) pair at work: it asks the reader for the slices of its checks, waits until the
inventory is frozen, and lets its checks look. What goes wrong in it costs its own answers and nothing else.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scanners.facts.inventory import Inventory
from scanners.facts.slices import Slice, in_reading_order
from scanners.finding import Sighting
from scanners.scanner import CheckState, Scanner, Verdict
from swarm.reader import Reader

log = logging.getLogger(__name__)

AgentState = Literal["waiting", "reading", "checking", "done", "partial", "timed-out", "failed"]


@dataclass
class Agent:
    """
    One concern of one target. ``verdicts`` holds how each check ended, by code; what they saw is kept until
    it is handed over, ``findings`` how much that is.
    """

    target: str
    concern: str
    checks: Sequence[Scanner]
    unread: frozenset[Slice] = frozenset()
    state: AgentState = "waiting"
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    seconds: float = 0.0
    objects: int = 0
    requests: int = 0
    findings: int = 0
    late: bool = False
    _sighted: list[tuple[Scanner, Sequence[Sighting]]] = field(default_factory=list)

    @property
    def slices(self) -> list[Slice]:
        """What it reads, in reading order."""
        return in_reading_order({slice_ for check in self.checks for slice_ in check.slices} - self.unread)

    async def read(self, reader: Reader) -> None:
        """Wait for its slices."""
        self.state, began = "reading", time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                for slice_ in self.slices:
                    group.create_task(self._count(reader, slice_))
        finally:
            self.seconds = time.monotonic() - began

    def look(self, inventory: Inventory) -> None:
        """Let every check look at the frozen inventory; one that breaks is not measured, and named in the log."""
        self.state, began = "checking", time.monotonic()
        for check in self.checks:
            self.verdicts[check.code], sightings = _ask(check, inventory)
            self._sighted.append((check, sightings))
            self.findings += len(sightings)
        self.seconds += time.monotonic() - began
        self.state = self._ended()

    def hand_over(self) -> Iterator[tuple[Scanner, Sequence[Sighting]]]:
        """What its checks saw, by code; afterwards it is no longer held here."""
        self._sighted.sort(key=lambda seen: seen[0].code, reverse=True)
        while self._sighted:
            yield self._sighted.pop()

    async def _count(self, reader: Reader, slice_: Slice) -> None:
        read = await reader.read(slice_)
        self.objects += len(read.objects)

    def _ended(self) -> AgentState:
        if self.late:
            return "timed-out"
        states = {verdict.state for verdict in self.verdicts.values()}
        if states and states <= {CheckState.NOT_MEASURED}:
            return "failed"
        return "partial" if states & {CheckState.PARTIAL, CheckState.NOT_MEASURED} else "done"


def _ask(check: Scanner, inventory: Inventory) -> tuple[Verdict, Sequence[Sighting]]:
    try:
        verdict = check.verdict(inventory)
        if verdict.state not in (CheckState.RAN, CheckState.PARTIAL):
            return verdict, check.hinted(inventory)
        return verdict, check.sightings(inventory)
    except Exception as mistake:  # a bug in one check must not cost the others their answers
        log.exception("check %s failed", check.code)
        why = f"the check itself failed ({type(mistake).__name__}); please report it, the traceback is in the log"
        return Verdict(CheckState.NOT_MEASURED, why), ()


def share_requests(agents: Sequence[Agent], requests: Mapping[Slice, int]) -> None:
    """Count each slice's requests for the first agent by name that read it."""
    for slice_, count in requests.items():
        readers = sorted(
            (agent for agent in agents if slice_ in agent.slices), key=lambda agent: agent.concern
        )
        if readers:
            readers[0].requests += count
