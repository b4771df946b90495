"""
The label ``pod`` of a GPU's series names its holder, or the exporter that was scraped, depending on who wrote it last.

dcgm-exporter writes ``namespace``, ``pod`` and ``container`` of the holder, and nothing where a device has none.
Prometheus adds labels of the same names for the pod that it scraped: with ``honor_labels: false`` it renames the
exporter's to ``exported_…``, with ``true`` it fills in its own only where the exporter wrote none. Either way the plain
labels of a device that nobody holds are those of the exporter's own pod.
"""

from collections.abc import Iterable
from typing import NamedTuple

from swarm.sources.prometheus.body import Answer, Labels

_PLAIN = ("namespace", "pod", "container")
_RENAMED = ("exported_namespace", "exported_pod", "exported_container")
_OLD = ("pod_namespace", "pod_name", "container_name")


class Holder(NamedTuple):
    """Who held a device; empty words where nobody did."""

    namespace: str
    pod: str
    container: str


NOBODY = Holder("", "", "")


class Exporters:
    """What is known of the exporters: which jobs rename labels, and which pods they run in."""

    def __init__(self, told: Answer | None, series: Iterable[Labels]) -> None:
        self._pods = {
            (labels.get("namespace", ""), labels["pod"])
            for labels in (one.labels for one in (told.series if told else ()))
            if labels.get("pod")
        }
        self._renaming = {labels.get("job", "") for labels in series if labels.get("exported_pod")}

    def holder_of(self, labels: Labels) -> Holder:
        """Who held the device of a series while it carried these labels."""
        names = holder_labels(labels)
        if names is _PLAIN and (not labels.get("pod") or self._own(labels)):
            return NOBODY
        return Holder(*(labels.get(name, "") for name in names))

    def _own(self, labels: Labels) -> bool:
        """Whether the plain labels are those of the exporter's own pod; its name decides where nothing else does."""
        renamed = labels.get("job", "") in self._renaming
        scraped = (labels.get("namespace", ""), labels["pod"]) in self._pods
        return (
            renamed
            or scraped
            or "dcgm-exporter" in labels["pod"]
            or "dcgm-exporter" in labels.get("container", "")
        )


def holder_labels(labels: Labels) -> tuple[str, str, str]:
    """The labels in which a series names namespace, pod and container of its holder, if it has one."""
    return next((names for names in (_RENAMED, _OLD) if labels.get(names[1])), _PLAIN)
