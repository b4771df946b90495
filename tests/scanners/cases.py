"""
Cases of the checks: a YAML file each, objects as real controllers write them, and what must be seen in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scanners.facts.cloud import CloudFact, Digest
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Ages, Inventory, Target
from scanners.facts.log import ContainerLog
from scanners.facts.ref import key_of
from scanners.facts.slices import ALL, GPU_METRICS, POD_LOGS, PRICES, PROMETHEUS, Slice, named
from scanners.semantics.price_tables import built_in
from scanners.semantics.times import instant
from swarm.sources.cloud import fact_from
from swarm.sources.kubernetes.objects import facts_of
from swarm.sources.prometheus import answers
from tests.scanners.metrics import bodies

SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where it was built: the cases are a megabyte of YAML."""

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TARGET = Target(id="fixture", name="fixture", provider="recorded", cluster_uid="", version="v1.35.4")

Objects = Mapping[Slice, Sequence[Any]]


@dataclass(frozen=True)
class Case:
    """One case of one check."""

    path: Path
    now: float
    expect: list[dict[str, Any]]
    objects: Objects
    raw: list[dict[str, Any]]
    code: str = ""
    ages: Ages = field(default_factory=Ages)
    window: float = 86400.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, bytes] = field(default_factory=dict)
    digests: Sequence[Digest] = ()

    @property
    def name(self) -> str:
        return f"{self.path.parent.parent.name}/{self.path.parent.name}/{self.path.stem}"

    def inventory(
        self, objects: Objects | None = None, readings: Sequence[Reading] | None = None
    ) -> Inventory:
        """The case as an inventory, everything read whole unless other readings are given."""
        objects = self.objects if objects is None else objects
        if readings is None:
            readings = whole(objects)
        limits = {(self.code, name): value for name, value in self.thresholds.items()}
        return Inventory(
            TARGET, self.now, objects, readings,
            window=self.window, ages=self.ages, limits=limits, digests=self.digests,
        )  # fmt: skip


def whole(objects: Objects) -> list[Reading]:
    """Readings that say: every slice was read, and this is all there is."""
    return [Reading(slice_.name, SliceState.COMPLETE, objects=len(objects.get(slice_, ()))) for slice_ in ALL]


def load(path: Path, code: str) -> Case:
    """Read a case file."""
    documents = [document for document in yaml.load_all(path.read_text(), Loader=SAFE) if document]
    head, raw = documents[0], documents[1:]
    assert head.get("deepscan") == "case", f"{path}: the first document must say 'deepscan: case'"
    objects, skipped, broken = facts_of([document for document in raw if "cloud" not in document])
    assert not broken, f"{path}: {broken}"
    assert not skipped, f"{path}: {skipped} objects of no known kind"
    facts: dict[Slice, Any] = dict(objects)
    facts[POD_LOGS] = [_log(entry) for entry in head.get("logs", [])]
    for document in raw:
        if "cloud" in document:
            facts.setdefault(named(document["slice"]), []).append(_cloud_fact(document, path))
    if head.get("prices") == "built-in":
        facts[PRICES] = built_in()
    now = instant(_text(head["now"]))
    assert now is not None, f"{path}: now is no time"
    metrics = bodies(head.get("metrics", {}), now)
    answered = answers.facts_of(metrics)
    assert not answered.broken, f"{path}: {answered.why}"
    facts[GPU_METRICS], facts[PROMETHEUS] = answered.devices, answered.uses
    return Case(
        path, now, head.get("expect") or [], facts, raw, code,
        ages=Ages(**head.get("ages", {})),
        window=float(head.get("window", 86400)),
        thresholds=head.get("thresholds", {}),
        metrics=metrics,
        digests=[_digest(entry) for entry in head.get("digests", [])],
    )  # fmt: skip


def _cloud_fact(document: dict[str, Any], path: Path) -> CloudFact:
    """An object of a provider's answer, through the provider's own decoding; its ``key`` stays for the evidence."""
    fact = fact_from(
        document["cloud"], named(document["slice"]), document["item"], document.get("account", "123456789012"),
        document["region"], document.get("cluster", ""),
    )  # fmt: skip
    assert fact is not None, f"{path}: an item that is none of slice {document['slice']}"
    document["key"] = str(key_of(fact))
    return fact


def _digest(entry: dict[str, Any]) -> Digest:
    sets = {
        name: frozenset(entry.get(name, ())) for name in ("volume_handles", "addresses", "services", "whole")
    }
    return Digest(name=entry["name"], cluster=entry.get("cluster", ""), **sets)


def _log(entry: dict[str, Any]) -> ContainerLog:
    namespace, name = entry["pod"].split("/")
    return ContainerLog(
        namespace=namespace, name=name, container=entry["container"], previous=entry.get("previous", False),
        lines=tuple(entry["lines"]),
    )  # fmt: skip


def _text(moment: Any) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()
