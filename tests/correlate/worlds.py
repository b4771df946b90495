"""
Small clusters, and what checks would see in them: the material of the correlation tests.
"""

from collections.abc import Sequence
from typing import Any

from scanners.facts import slices
from scanners.facts.fact import Owner
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Inventory, Target
from scanners.facts.node import Node
from scanners.facts.pod import Container, Pod, PodTemplate
from scanners.facts.ref import Named, Ref
from scanners.facts.slices import Slice
from scanners.facts.storage import Claim, Volume, VolumeAttachment
from scanners.facts.workload import CronJob, Deployment, Job, ObjectReference, ReplicaSet
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import Scanner
from scanners.semantics.times import instant, rfc3339

NOW = instant("2026-03-04T10:12:00Z") or 0.0
TEMPLATE = PodTemplate(containers=(Container(name="main", image="registry.example/app:1"),))
Sighted = list[tuple[Scanner, list[Sighting]]]


def at(minutes: float) -> str:
    """A time so many minutes before now."""
    return rfc3339(NOW - 60 * minutes)


def scanner(code: str, severity: Severity = Severity.HIGH, title: str = "Something is wrong") -> Scanner:
    return Scanner(
        code=code, title=title, severity=severity, confidence=Confidence.OBSERVED, concern="jobs", page="",
        needs=(slices.PODS,), complete=(), about=(slices.PODS,), sharpened_by=(), thresholds=(),
        look=lambda _: [],
    )  # fmt: skip


def inventory(objects: dict[Slice, Sequence[Any]] | None = None, **words: Any) -> Inventory:
    objects = objects or {}
    readings = [Reading(s.name, SliceState.COMPLETE, objects=len(objects.get(s, ()))) for s in slices.ALL]
    target = Target(id="cluster-1", name="prod", provider="recorded")
    return Inventory(target, NOW, objects, words.pop("readings", readings), **words)


def deployment(name: str, namespace: str = "ml", **words: Any) -> Deployment:
    labels = words.pop("template_labels", {"app": name})
    return Deployment(
        name=name, namespace=namespace, uid=f"u-{namespace}-{name}", template_labels=labels, **words
    )


def job(name: str, namespace: str = "ml", **words: Any) -> Job:
    return Job(name=name, namespace=namespace, uid=f"u-{namespace}-{name}", **words)


def cronjob(name: str, namespace: str = "ml", **words: Any) -> CronJob:
    return CronJob(name=name, namespace=namespace, uid=f"u-{namespace}-{name}", **words)


def node(name: str, **words: Any) -> Node:
    return Node(name=name, uid=f"n-{name}", **words)


def claim(name: str, namespace: str = "ml", **words: Any) -> Claim:
    return Claim(name=name, namespace=namespace, uid=f"c-{name}", **words)


def volume(name: str, **words: Any) -> Volume:
    return Volume(name=name, uid=f"v-{name}", **words)


def attachment(volume_name: str, node_name: str) -> VolumeAttachment:
    return VolumeAttachment(name=f"a-{volume_name}", volume=volume_name, node=node_name, attached=True)


def bound_to(found: Claim) -> ObjectReference:
    return ObjectReference("PersistentVolumeClaim", found.namespace, found.name, found.uid)


def pod_of(owner: Named, number: int = 0, on: str = "", claims: Sequence[str] = (), **words: Any) -> Pod:
    """A pod of a workload; a Deployment's pods are owned by it directly, which is enough for these tests."""
    return Pod.of(
        namespace=owner.namespace, name=words.pop("name", f"{owner.name}-{number}"),
        created=words.pop("created", at(600)),
        node=on, uid=words.pop("uid", f"p-{owner.name}-{number}"), phase="Running",
        template=words.pop("template", TEMPLATE), labels=words.pop("labels", {"app": owner.name}),
        claims=tuple((f"v{i}", c) for i, c in enumerate(claims)),
        owners=(Owner(owner.group, owner.kind, owner.name, owner.uid, controller=True),), **words,
    )  # fmt: skip


def replicaset(name: str, owner: Named) -> ReplicaSet:
    return ReplicaSet(
        name=name, namespace=owner.namespace, uid=f"u-{name}",
        owners=(Owner(owner.group, owner.kind, owner.name, owner.uid, controller=True),),
    )  # fmt: skip


def seen(
    kind: Kind,
    subject: Named,
    *,
    since: float | None = 10,
    until: float | None = None,
    code: str = "",
    **words: Any,
) -> tuple[Scanner, list[Sighting]]:
    """One check's one sighting; the code is made from the kind where it does not matter."""
    severity = words.pop("severity", Severity.HIGH)
    facts: dict[str, JsonValue] = words.pop("facts", {})
    evidence = words.pop("evidence", [Evidence(subject=subject, path="status.phase", value="x")])
    sighting = Sighting(
        subject=subject, kind=kind, message=words.pop("message", f"{kind} on {subject.name}"),
        evidence=evidence, facts=facts, severity=severity, onset=at(since) if since is not None else "",
        last_seen=at(until) if until is not None else "", **words,
    )  # fmt: skip
    return scanner(code or f"X-{kind}", severity), [sighting]


def recovered(kind: Kind, subject: Named, **words: Any) -> tuple[Scanner, list[Sighting]]:
    return seen(kind, subject, state=State.RECOVERED, **words)


def registry(host: str) -> Ref:
    return Ref("", "Registry", "", host)


def pool(name: str) -> Ref:
    return Ref("", "NodePool", "", name)
