"""
One command, several targets, one report.

The coordinator scans the targets side by side, survives those that fail, and assembles what they found. The first
Ctrl-C ends the reading and reports what there is; the second ends the program.
"""

import asyncio
import signal
from collections.abc import Sequence

from swarm.progress import Progress
from swarm.target import Plan, Scanned, TargetSpec, scan_target


async def scan(specs: Sequence[TargetSpec], plan: Plan, progress: Progress) -> list[Scanned]:
    """Scan all targets; results in the order of the targets, whatever their speed."""
    stop = asyncio.Event()
    _stop_on_interrupt(stop)
    with progress.live():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(scan_target(spec, plan, progress, stop)) for spec in specs]
    return [task.result() for task in tasks]


def _stop_on_interrupt(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    try:
        loop.add_signal_handler(signal.SIGINT, interrupted)
        loop.add_signal_handler(signal.SIGTERM, interrupted)
    except (
        NotImplementedError,
        RuntimeError,
    ):  # Windows, or not the main thread: Ctrl-C ends the program at once
        return
