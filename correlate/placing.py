"""
An alert names a pod with a hashed name; its reader knows a Deployment, a DAG, a node.

Where a sighting belongs: the workload that a person edits, the layers around it, its node, pipeline and
queue, and what delivers it (so that a mend goes to the source and not to a copy that the source overwrites).
"""

from collections.abc import Sequence
from typing import NamedTuple

from correlate.observation import WORKLOAD_GROUPS
from scanners.facts import slices
from scanners.facts.fact import Fact
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Named, Ref, key_of, ref_to
from scanners.finding import PipelineRef, QueueRef, Sighting
from scanners.semantics.owners import chain, top_owner
from scanners.semantics.pipelines import pipeline_of

QUEUE_LABELS = (("kueue", "kueue.x-k8s.io/queue-name"), ("volcano", "scheduling.volcano.sh/queue-name"))

DELIVERED_BY = (
    ("argoproj.io", "Application", "argocd.argoproj.io/instance"),
    ("helm.toolkit.fluxcd.io", "HelmRelease", "helm.toolkit.fluxcd.io/name"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization", "kustomize.toolkit.fluxcd.io/name"),
)
"""Group, kind and the label that GitOps engines set on what they apply."""


class Place(NamedTuple):
    """Where a finding belongs; ``layers`` run from outer to inner, ``nodes`` are those of its pods."""

    workload: Ref | None
    layers: tuple[Ref, ...]
    node: str
    nodes: tuple[str, ...]
    pipeline: PipelineRef | None
    queue: QueueRef | None
    delivered_by: Ref | None


def subject_of(inventory: Inventory, sighting: Sighting) -> Ref:
    """The sighting's subject with its uid; an owned pod gives way to whom it belongs to."""
    subject = sighting.subject
    if subject.kind == "Pod" and subject.group == "":
        pod = (
            subject
            if isinstance(subject, Pod)
            else _pod_named(sighting.pods, subject.namespace, subject.name)
        )
        if pod is not None:
            return top_owner(inventory, pod)
    return ref_to(subject) if subject.uid else _with_uid(inventory, ref_to(subject))


def place_of(inventory: Inventory, subject: Ref, lead: Sighting, pods: Sequence[Pod]) -> Place:
    """Where a finding belongs, by its subject and the pod of the smallest uid."""
    thing = _fact(inventory, subject, lead)
    sample = pods[0] if pods else None
    is_work = _is_work(subject, thing)
    workload = _workload(inventory, subject, thing, sample) if is_work or _is_claim(subject) else None
    nodes = tuple(sorted({pod.node for pod in pods if pod.node} | ({lead.node} if lead.node else set())))
    node = subject.name if subject.kind == "Node" else nodes[0] if len(nodes) == 1 else ""
    bearers = [bearer for bearer in (thing, sample if is_work else None) if bearer is not None]
    return Place(
        workload,
        _layers(inventory, subject, thing, sample) if is_work else (),
        node,
        nodes,
        _pipeline(bearers),
        _queue(bearers),
        _delivered_by(bearers),
    )


def _with_uid(inventory: Inventory, subject: Ref) -> Ref:
    index = inventory.index
    found: Named | None = None
    match subject.kind:
        case "Node":
            found = index.nodes.get(subject.name)
        case "PersistentVolumeClaim":
            found = index.claims.get((subject.namespace, subject.name))
        case _ if subject.group in WORKLOAD_GROUPS:
            found = _owners_by_key(inventory).get(key_of(subject))
    return ref_to(found) if found is not None and found.group == subject.group else subject


def _owners_by_key(inventory: Inventory) -> dict[object, Fact]:
    memo = inventory.index.memo
    if "placing.owners" not in memo:
        memo["placing.owners"] = {key_of(fact): fact for fact in inventory.index.owners_by_uid.values()}
    found: dict[object, Fact] = memo["placing.owners"]
    return found


def _pod_named(pods: Sequence[Pod], namespace: str, name: str) -> Pod | None:
    return next((pod for pod in pods if pod.name == name and pod.namespace == namespace), None)


def _fact(inventory: Inventory, subject: Ref, lead: Sighting) -> Fact | Pod | None:
    if isinstance(lead.subject, Fact | Pod) and key_of(lead.subject) == key_of(subject):
        return lead.subject
    return inventory.index.owners_by_uid.get(subject.uid) if subject.uid else None


def _is_work(subject: Ref, thing: Fact | Pod | None) -> bool:
    """Whether the subject is work: a pod, a workload, or what an engine runs."""
    owns = (
        subject.group in WORKLOAD_GROUPS
        or isinstance(thing, Pod)
        or (subject.group, subject.kind) == ("", "Pod")
    )
    return owns or (bool(subject.group) and (subject.group, subject.kind) not in _NOT_WORK)


def _is_claim(subject: Ref) -> bool:
    return (subject.group, subject.kind) == ("", "PersistentVolumeClaim")


_NOT_WORK = frozenset(
    (slice_.group, slice_.kind) for slice_ in slices.ALL if slice_.group not in WORKLOAD_GROUPS
)


def _workload(inventory: Inventory, subject: Ref, thing: Fact | Pod | None, sample: Pod | None) -> Ref | None:
    if thing is not None and not _is_claim(subject):
        return top_owner(inventory, thing)
    if _is_claim(subject):
        return top_owner(inventory, sample) if sample else None
    return subject


def _layers(
    inventory: Inventory, subject: Ref, thing: Fact | Pod | None, sample: Pod | None
) -> tuple[Ref, ...]:
    walked = chain(inventory, sample) if sample else []
    if not walked and thing is not None:
        own = [] if isinstance(thing, Pod) else [subject]
        walked = [*own, *chain(inventory, thing)]
    return tuple(reversed(walked)) if walked else (subject,)


def _pipeline(bearers: Sequence[Fact | Pod]) -> PipelineRef | None:
    for bearer in reversed(bearers):
        found = pipeline_of(bearer)
        if found:
            return PipelineRef(
                system=found.system,
                pipeline=found.pipeline or None,
                run=found.run or None,
                step=found.step or None,
                attempt=found.attempt or None,
            )
    return None


def _queue(bearers: Sequence[Fact | Pod]) -> QueueRef | None:
    found = ((system, bearer.labels.get(label)) for bearer in bearers for system, label in QUEUE_LABELS)
    return next((QueueRef(system=system, name=name) for system, name in found if name), None)


def _delivered_by(bearers: Sequence[Fact | Pod]) -> Ref | None:
    for bearer in bearers:
        for group, kind, label in DELIVERED_BY:
            name = bearer.labels.get(label)
            if name:
                return Ref(group, kind, bearer.labels.get(label.replace("/name", "/namespace"), ""), name)
    return None
