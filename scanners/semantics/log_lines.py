"""
The last words of a container say more than its exit code, where somebody may read them.
"""

from scanners.facts.inventory import Inventory
from scanners.facts.log import ContainerLog
from scanners.facts.pod import Pod
from scanners.finding import Evidence

SHOWN = 5
"""Lines that a finding carries."""


def log_of(inventory: Inventory, pod: Pod, container: str) -> ContainerLog | None:
    """
    The log of the run that died: the previous one where there is one. None where none was read, or it is
    empty.
    """
    logs = [
        log for log in inventory.index.logs.get((pod.namespace, pod.name), ()) if log.container == container
    ]
    return next((log for log in sorted(logs, key=lambda log: not log.previous) if log.lines), None)


def last_lines(log: ContainerLog | None) -> list[str] | None:
    """Its last lines that are not empty; None without a log."""
    return [line for line in log.lines if line.strip()][-SHOWN:] or None if log else None


def last_line(log: ContainerLog) -> Evidence:
    """Its last line that is not empty, as evidence (lines count from 1)."""
    spoken = [(number, line) for number, line in enumerate(log.lines, 1) if line.strip()] or [(1, "")]
    number, line = spoken[-1]
    return Evidence(subject=log, source="log", path=f"{log.container}:{number}", value=line)


def saying(inventory: Inventory, pod: Pod, words: str) -> list[Evidence]:
    """The last line of each log of a pod that has these words in it, whatever their case, the latest run last."""
    found = []
    for log in sorted(
        inventory.index.logs.get((pod.namespace, pod.name), ()), key=lambda log: not log.previous
    ):
        spoken = [(number, line) for number, line in enumerate(log.lines, 1) if words in line.lower()]
        if spoken:
            number, line = spoken[-1]
            found.append(Evidence(subject=log, source="log", path=f"{log.container}:{number}", value=line))
    return found
