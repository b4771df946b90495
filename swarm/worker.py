"""
One core reads and judges one cluster at a time; a machine has several, and Python uses one of them a process.

A worker is a process of its own that owns whole targets: it asks for one, scans it and sends back the small result.
Pages and inventories never leave it. It ends by itself when its parent is gone.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection

from swarm.collector import search_rarely
from swarm.flight import side_by_side
from swarm.progress import Quiet, Standing, Watched
from swarm.spec import TargetSpec
from swarm.target import Plan, Scanned, scan_target


@dataclass(frozen=True, slots=True)
class Begin:
    """To a worker, first of all: what is asked of each target, and how many it may have under way."""

    plan: Plan
    most: int


@dataclass(frozen=True, slots=True)
class Job:
    """To a worker: a target to scan, by its number among all."""

    number: int
    spec: TargetSpec


@dataclass(frozen=True, slots=True)
class NoMore:
    """To a worker: nothing is left to scan."""


@dataclass(frozen=True, slots=True)
class Halt:
    """To a worker: end the reading, tell what there is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """From a worker: it has room for another target."""


@dataclass(frozen=True, slots=True)
class Done:
    """From a worker: a target's share of the report."""

    number: int
    scanned: Scanned


@dataclass(frozen=True, slots=True)
class Heard:
    """From a worker: how the agents of a target stand. ``objects`` of the slice that came in, if one did."""

    target: str
    standings: tuple[Standing, ...]
    objects: int | None = None
    began: bool = False
    ended: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """From a worker: a line for the log."""

    record: logging.LogRecord


Order = Begin | Job | NoMore | Halt
News = Wanted | Done | Heard | Logged


class Line:
    """The worker's end of the pipe; several threads may send. Nobody at the other end is the end of the worker."""

    def __init__(self, end: "Connection[News, Order]") -> None:
        self._end, self._lock = end, threading.Lock()

    def send(self, news: News) -> None:
        """Tell the parent."""
        try:
            with self._lock:
                self._end.send(news)
        except OSError:
            os._exit(1)

    def receive(self) -> Order:
        """Wait for what the parent wants."""
        try:
            return self._end.recv()
        except (EOFError, OSError):
            os._exit(1)


class Relay(Quiet):
    """Progress that is shown elsewhere."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._agents: dict[str, Sequence[Watched]] = {}

    def begin(self, target: str, agents: Sequence[Watched]) -> None:
        self._agents[target] = agents
        self._line.send(Heard(target, self._now(target), began=True))

    def slice_read(self, target: str, objects: int) -> None:
        self._line.send(Heard(target, self._now(target), objects))

    def ended(self, agent: Watched) -> None:
        self._line.send(Heard(agent.target, self._now(agent.target), ended=agent.concern))

    def unread(self, target: str) -> None:
        self._line.send(Heard(target, (), unread=True))

    def _now(self, target: str) -> tuple[Standing, ...]:
        return tuple(Standing.of(agent) for agent in self._agents[target])


class LogLine(QueueHandler):
    """Log records by the pipe; they are formatted here, so that any value may stand in them."""

    def __init__(self, line: Line) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # the pipe is the queue
        self._line = line

    def enqueue(self, record: logging.LogRecord) -> None:
        self._line.send(Logged(record))


def work(end: "Connection[News, Order]", level: int, others: "Sequence[Connection[Order, News]]") -> None:
    """
    The life of a worker process: learn the plan, then scan what the parent hands out.

    The parent alone hears Ctrl-C, and passes it on. ``level`` is the least that is logged. ``others`` are ends of pipes
    that a fork has copied: held open here, they would hide from a worker that the parent is gone.
    """
    signal.signal(
        signal.SIGINT, lambda *_: None
    )  # a handler, unlike an ignored signal, is not inherited by plugins
    for other in others:
        other.close()
    search_rarely()
    line = Line(end)
    logging.basicConfig(level=level, handlers=[LogLine(line)], force=True)
    begin = line.receive()
    if isinstance(begin, Begin):
        asyncio.run(_work(line, begin.plan, begin.most))


async def _work(line: Line, plan: Plan, most: int) -> None:
    loop, stop, jobs, relay = (
        asyncio.get_running_loop(),
        asyncio.Event(),
        asyncio.Queue[Job | None](),
        Relay(line),
    )
    with suppress(NotImplementedError):  # Windows has no such handlers
        loop.add_signal_handler(signal.SIGTERM, stop.set)

    def listen() -> None:
        while True:
            order = line.receive()
            with suppress(RuntimeError):  # the loop is closed: all work is done
                if isinstance(order, Halt):
                    loop.call_soon_threadsafe(stop.set)
                else:
                    loop.call_soon_threadsafe(jobs.put_nowait, order if isinstance(order, Job) else None)

    async def take() -> Job | None:
        line.send(Wanted())
        return await jobs.get()

    async def scan(job: Job) -> None:
        line.send(Done(job.number, await scan_target(job.spec, plan, relay, stop)))

    threading.Thread(target=listen, daemon=True).start()
    await side_by_side(take, scan, most)
