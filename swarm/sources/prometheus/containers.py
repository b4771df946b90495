"""
A container that waits for its CPU quota starves the GPU beside it, and nothing in its status says so.

cAdvisor's counters of throttled CPU periods, one fact for each container that was throttled at all.
"""

from collections.abc import Mapping

from scanners.facts.metric import Throttling
from swarm.sources.prometheus.body import Answer
from swarm.sources.prometheus.queries import selected

_NAME = "container-throttling"
_WORDS = ("namespace", "pod", "container")


def throttlings(read: Mapping[str, Answer]) -> list[Throttling]:
    """Every container that the answer names, by namespace, pod and container."""
    found: dict[tuple[str, ...], Throttling] = {}
    for one in read[_NAME].series if _NAME in read else ():
        renamed = "exported_" if one.labels.get("exported_pod") else ""
        labels = {f"{renamed}{word}": one.labels.get(f"{renamed}{word}", "") for word in _WORDS}
        ratio = one.value
        if all(labels.values()) and 0.0 <= ratio <= 1.0:
            namespace, pod, container = labels.values()
            found[namespace, pod, container] = Throttling(
                namespace=namespace, pod=pod, container=container, ratio=ratio, query=selected(_NAME, labels)
            )
    return [found[key] for key in sorted(found)]
