"""
A claim that fills up is known to the kubelet alone, and each node that mounts it tells of it anew.

The kubelet's ``kubelet_volume_stats_…``, joined to one fact for each claim.
"""

from collections import defaultdict
from collections.abc import Mapping

from scanners.facts.metric import Series, VolumeUse
from swarm.sources.prometheus.body import Answer, Labels, Sampled
from swarm.sources.prometheus.grid import series_of, step_of
from swarm.sources.prometheus.queries import selected

_NOW = {
    "used_bytes": "volume-used-bytes",
    "capacity_bytes": "volume-capacity-bytes",
    "inodes_used": "volume-inodes-used",
    "inodes": "volume-inodes",
}
_TREND = "volume-available-bytes"
_LARGEST = 2.0**63
_SELECTING = ("namespace", "exported_namespace", "persistentvolumeclaim")
Claim = tuple[str, str]


def volume_uses(read: Mapping[str, Answer]) -> list[VolumeUse]:
    """Every claim that a kubelet tells of, by namespace and name."""
    now: dict[Claim, dict[str, float]] = defaultdict(dict)
    trends: dict[Claim, Series] = {}
    queries: dict[Claim, dict[str, str]] = defaultdict(dict)
    for field, name in _NOW.items():
        for claim, one in _by_claim(read.get(name)):
            value = one.value
            if 0.0 <= value < 2 * _LARGEST:
                now[claim][field] = value
                queries[claim][field] = _selected(name, one.labels)
    step = step_of(read[_TREND]) if _TREND in read else 0.0
    for claim, one in _by_claim(read.get(_TREND)):
        series = series_of([one], step, _LARGEST)
        if series is not None:
            trends[claim] = series
            queries[claim]["available"] = _selected(_TREND, one.labels)
    return [
        VolumeUse(
            namespace=claim[0],
            claim=claim[1],
            available=trends.get(claim),
            queries=queries[claim],
            **now.get(claim, {}),
        )
        for claim in sorted(queries)
    ]


def _by_claim(answer: Answer | None) -> list[tuple[Claim, Sampled]]:
    found = (
        (one.labels.get("exported_namespace") or one.labels.get("namespace", ""), one)
        for one in _series(answer)
    )
    named = ((namespace, one.labels.get("persistentvolumeclaim", ""), one) for namespace, one in found)
    return [((namespace, claim), one) for namespace, claim, one in named if namespace and claim]


def _series(answer: Answer | None) -> list[Sampled]:
    return answer.series if answer else []


def _selected(name: str, labels: Labels) -> str:
    return selected(name, {label: labels[label] for label in _SELECTING if labels.get(label)})
