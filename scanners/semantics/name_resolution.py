"""
"Temporary failure in name resolution" is the resolver's silence; "no such host" is its answer.

Only silence counts here: a name that does not exist is the program's fault, not that of DNS. Wordings: glibc
(EAI_AGAIN, also Python, Java and Ruby), Node.js, Go's resolver, curl, c-ares, nginx.
"""

import re
from collections import defaultdict
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.log import ContainerLog
from scanners.facts.pod import Pod
from scanners.finding import Evidence
from scanners.semantics.times import within

_SILENCE = re.compile(
    r"temporary failure in name resolution"
    r"|\bEAI_AGAIN\b"
    r"|lookup \S+(?: on \S+)?: .*(?:i/o timeout|connection refused|server misbehaving)"
    r"|resolving timed out"
    r"|timeout while contacting dns servers"
    r"|could not be resolved \(110: operation timed out\)",
    re.IGNORECASE,
)


class Silence(NamedTuple):
    """A line in a container's log that says that no resolver answered."""

    pod: Pod
    log: ContainerLog
    line: int

    @property
    def evidence(self) -> Evidence:
        """The line, quoted."""
        path = f"{self.log.container}:{self.line + 1}"
        return Evidence(subject=self.log, source="log", path=path, value=self.log.lines[self.line])


def silences(inventory: Inventory, recent: float) -> list[Silence]:
    """
    Pods whose container said so before an end in the last ``recent`` seconds, one line each.

    Logs are read of containers that failed. Needs pods and pod-logs.
    """
    found: dict[tuple[str, str], Silence] = {}
    by_namespace: dict[str, list[ContainerLog]] = defaultdict(list)
    for log in inventory.logs:
        by_namespace[log.namespace].append(log)
    for namespace, logs in by_namespace.items():
        by_name = {pod.name: pod for pod in inventory.index.pods_by_namespace.get(namespace, ())}
        for log in sorted(logs, key=lambda log: (log.name, log.container, not log.previous)):
            line, pod = silence_in(log), by_name.get(log.name)
            if line is not None and pod and ended_within(inventory, pod, log.container, recent):
                found.setdefault((namespace, log.name), Silence(pod, log, line))
    return [found[place] for place in sorted(found)]


def silence_in(log: ContainerLog) -> int | None:
    """Index of the last line that says that no resolver answered."""
    lines = (index for index in reversed(range(len(log.lines))) if _SILENCE.search(log.lines[index]))
    return next(lines, None)


def ended_within(inventory: Inventory, pod: Pod, container: str, recent: float) -> bool:
    """Whether a container of that name ended in the last ``recent`` seconds."""
    ends = (
        end
        for state in pod.troubled
        if state.name == container
        for end in (state.terminated, state.last)
        if end
    )
    return any(within(end.finished, inventory.now, recent) for end in ends)
