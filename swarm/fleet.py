"""
Eight clusters on eight cores take as long as one; and one of them that is too large must not cost the other seven.

Targets are handed out to worker processes as these ask for them. A worker that dies, as when the system kills it for
want of memory, is a gap of the targets it held; what it held besides others is tried once more, alone.
"""

import asyncio
import logging
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from swarm.errors import DeepscanError, Interrupted
from swarm.flight import AT_FIRST
from swarm.progress import Progress, Standing
from swarm.spec import TargetSpec
from swarm.target import Plan, Scanned
from swarm.unread import unreadable
from swarm.worker import Begin, Done, Halt, Heard, Job, Logged, News, NoMore, Order, Wanted, work

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a process may take to end once it has closed its pipe."""


@dataclass(eq=False)
class Worker:
    """A worker process as its parent sees it, and the targets that it holds by number."""

    process: BaseProcess
    end: "Connection[Order, News]"
    held: dict[int, TargetSpec] = field(default_factory=dict)

    def send(self, order: Order) -> None:
        """Tell the worker; one that is gone is noticed by who listens to it."""
        try:
            self.end.send(order)
        except OSError:
            log.info("process %s is gone", self.process.pid)

    def shut(self) -> None:
        """End the process now."""
        self.process.kill()
        self.process.join()
        self.end.close()


@dataclass(frozen=True)
class Lost:
    """A target that died with its process: how that ended, and whether it was the only one there."""

    why: str
    alone: bool


async def scan_in_processes(
    specs: Sequence[TargetSpec],
    plan: Plan,
    progress: Progress,
    stop: asyncio.Event,
    *,
    workers: list[Worker],
    most: int,
) -> list[Scanned]:
    """Scan targets by these workers, at most ``most`` at a time in each; results in the order of the targets."""
    crew = Crew(dict(enumerate(specs)), plan, progress, stop)
    lost = await crew.scan(workers, most)
    done = crew.done
    for number in [number for number, died in lost.items() if not died.alone]:
        if not stop.is_set():
            again = Crew({number: specs[number]}, plan, progress, stop)
            lost |= await again.scan(hired(1), 1)
            done |= again.done
    for number, died in lost.items():
        if number not in done:
            done[number] = _left(specs[number], plan, progress, died, interrupted=stop.is_set())
    return [done[number] for number in range(len(specs))]


class Crew:
    """Worker processes and the targets that wait for them. ``done`` holds what came back, by number."""

    def __init__(
        self, specs: Mapping[int, TargetSpec], plan: Plan, progress: Progress, stop: asyncio.Event
    ) -> None:
        self._waiting = deque(Job(number, spec) for number, spec in specs.items())
        self._plan, self._progress, self._stop = plan, progress, stop
        self._workers: list[Worker] = []
        self._asking: list[Worker] = []
        self._inbox: asyncio.Queue[tuple[Worker, News | None]] = asyncio.Queue()
        self._shown: dict[str, dict[str, Standing]] = {}
        self.done: dict[int, Scanned] = {}
        self.lost: dict[int, Lost] = {}

    async def scan(self, workers: list[Worker], most: int) -> dict[int, Lost]:
        """Until all is scanned or every process has ended; returns what was lost, or never begun."""
        self._workers = workers
        stopping = asyncio.create_task(self._halt())
        try:
            for worker in workers:
                worker.send(Begin(self._plan, most))
                self._listen(worker)
            while self._workers and (self._waiting or self._held()):
                await self._take(*await self._inbox.get())
        finally:
            stopping.cancel()
            for worker in self._workers:
                worker.shut()
        why = "it was interrupted" if self._stop.is_set() else "no process was left to scan it"
        return self.lost | {job.number: Lost(why, alone=False) for job in self._waiting}

    def _held(self) -> bool:
        return any(worker.held for worker in self._workers)

    async def _halt(self) -> None:
        await self._stop.wait()
        self._hand_out()
        for worker in self._workers:
            worker.send(Halt())

    def _listen(self, worker: Worker) -> None:
        """News of a worker into the inbox, and None when its pipe closes."""
        loop = asyncio.get_running_loop()

        def listen() -> None:
            news: News | None = Wanted()
            while news is not None:
                try:
                    news = worker.end.recv()
                except (EOFError, OSError):
                    news = None
                try:
                    loop.call_soon_threadsafe(self._inbox.put_nowait, (worker, news))
                except RuntimeError:  # the loop is closed: nobody waits for news
                    return

        threading.Thread(target=listen, daemon=True, name=f"worker {worker.process.pid}").start()

    async def _take(self, worker: Worker, news: News | None) -> None:
        match news:
            case Wanted():
                self._asking.append(worker)
            case Done(number, scanned):
                worker.held.pop(number)
                self.done[number] = scanned
            case Heard():
                self._show(news)
            case Logged(record):
                logging.getLogger(record.name).handle(record)
            case None:
                await self._ended(worker)
        self._hand_out()

    def _hand_out(self) -> None:
        """
        Answer those who ask, the idlest first. The last targets are for workers that have less than they begin with:
        one that starts sooner than the others would take them all.
        """
        for worker in sorted(self._asking, key=lambda worker: len(worker.held)):
            if not self._waiting or self._stop.is_set():
                answer: Order = NoMore()
            elif worker.held and len(self._waiting) <= self._behind(worker):
                continue
            else:
                answer = job = self._waiting.popleft()
                worker.held[job.number] = job.spec
            self._asking.remove(worker)
            worker.send(answer)

    def _behind(self, worker: Worker) -> int:
        """How many targets the other workers could begin at once."""
        others = (other for other in self._workers if other is not worker)
        return sum(max(0, AT_FIRST - len(other.held)) for other in others)

    async def _ended(self, worker: Worker) -> None:
        self._workers.remove(worker)
        self._asking = [other for other in self._asking if other is not worker]
        await asyncio.to_thread(worker.process.join, PATIENCE)
        why = _told(worker.process.exitcode)
        worker.shut()
        for number, spec in worker.held.items():
            log.info("%s: its process %s", spec.name, why)
            self.lost[number] = Lost(why, alone=len(worker.held) == 1)

    def _show(self, heard: Heard) -> None:
        if heard.unread:
            self._progress.unread(heard.target)
            return
        shown = self._shown.setdefault(heard.target, {})
        for standing in heard.standings:
            shown.setdefault(standing.concern, standing).follow(standing)
        if heard.began:
            self._progress.begin(heard.target, list(shown.values()))
        if heard.objects is not None:
            self._progress.slice_read(heard.target, heard.objects)
        if heard.ended:
            self._progress.ended(shown[heard.ended])


def hired(processes: int) -> list[Worker]:
    """So many workers, which start while their parent goes on; whoever has them lets them scan."""
    workers: list[Worker] = []
    with _uninterrupted():
        for _ in range(processes):
            workers.append(_started([worker.end for worker in workers]))
    return workers


def _started(earlier: "Sequence[Connection[Order, News]]") -> Worker:
    forked = _is_alone()
    context: ForkContext | SpawnContext = multiprocessing.get_context("spawn")
    if forked:
        context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    level = logging.getLogger().getEffectiveLevel()
    arguments = (theirs, level, [*earlier, ours] if forked else [])
    process = context.Process(target=work, args=arguments, daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def _is_alone() -> bool:
    """
    Whether this process is a single thread, so that a copy of it is whole: no lock is held by a thread that the copy
    lacks. A copy has all imports already, which cost a fresh process half a second. Only Linux tells, and only there
    are the system's own libraries safe in a copy.
    """
    threads = Path("/proc/self/task")
    return sys.platform == "linux" and threads.is_dir() and len(list(threads.iterdir())) == 1


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process inherits that Ctrl-C is ignored: until it has a handler of its own, the parent alone hears it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _told(status: int | None) -> str:
    if status is not None and status < 0:
        name = signal.Signals(-status).name if -status in list(signal.Signals) else f"signal {-status}"
        memory = ", as the system does for want of memory" if name == "SIGKILL" else ""
        return f"was killed by {name}{memory}"
    return f"ended with status {status}"


def _left(spec: TargetSpec, plan: Plan, progress: Progress, lost: Lost, *, interrupted: bool) -> Scanned:
    """A target that nobody scanned to its end, as a gap."""
    progress.unread(spec.name)
    if interrupted:
        return unreadable(spec, plan, Interrupted("interrupted before it was scanned", where=spec.name))
    what = f"the process that scanned it {lost.why}"
    mend = "give the machine more memory, scan it alone, or narrow it with --namespace"
    return unreadable(spec, plan, DeepscanError(what, where=spec.name, mend=mend))
