"""
A claim, a volume, a node and a pod fail together because fields of the API tie them, not because it was the
same minute.

The typed relations of correlation.md section 2, each with the field it is read from. Pods are not vertices:
what ties a pod to its node or claim ties the finding that the pod belongs to.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from correlate.observation import Observation
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.ref import Named, Ref, ref_to
from scanners.facts.storage import Claim

HUB = 200
"""An entity with more neighbours of one relation than this is a hub: no path runs through it (section 2)."""

POOL_LABELS = (
    "karpenter.sh/nodepool", "eks.amazonaws.com/nodegroup", "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool", "agentpool",
)  # fmt: skip


class Relation(StrEnum):
    """The relations that rules walk, as they stand in ``chain[].relation``."""

    ABOUT = "about"
    TOUCHES = "touches"
    OWNED_BY = "owned-by"
    RUNS_ON = "runs-on"
    MOUNTS = "mounts"
    BINDS = "binds"
    PROVISIONED_BY = "provisioned-by"
    ATTACHED_TO = "attached-to"
    GOVERNED_BY = "governed-by"
    SELECTS = "selects"
    SERVED_BY = "served-by"
    IN_POOL = "in-pool"


OF_FINDINGS = frozenset({Relation.ABOUT, Relation.TOUCHES, Relation.RUNS_ON, Relation.MOUNTS})
"""Relations that begin at a finding, because its pods carry them."""


class Entity(NamedTuple):
    """A vertex that is an object: its identity, uid included where it is known."""

    group: str
    kind: str
    namespace: str
    name: str
    uid: str = ""


Vertex = str | Entity


def entity_of(thing: Named) -> Entity:
    """The vertex of an object."""
    return Entity(thing.group, thing.kind, thing.namespace, thing.name, thing.uid)


class Tie(NamedTuple):
    """One relation from something to ``target``, with the field that says so."""

    relation: Relation
    target: Ref
    field: str


def ties_of_finding(inventory: Inventory, observation: Observation) -> Iterator[Tie]:
    """What a finding is about, and what its pods run on and mount."""
    subject, workload = observation.subject, observation.workload
    yield Tie(Relation.ABOUT, subject, "")
    for touched in observation.touches[:HUB]:
        yield Tie(Relation.TOUCHES, touched, "")
    if workload is None:
        return
    if workload != subject and subject.kind != "PersistentVolumeClaim":
        yield Tie(Relation.ABOUT, workload, "metadata.ownerReferences")
    if len(observation.nodes) <= HUB:
        for name in observation.nodes:
            yield Tie(Relation.RUNS_ON, node_ref(inventory, name), "spec.nodeName")
    claims = sorted({(pod.namespace, claim) for pod in observation.pods for _, claim in pod.claims})
    for namespace, name in claims[:HUB]:
        field = "spec.volumes[].persistentVolumeClaim.claimName"
        yield Tie(Relation.MOUNTS, claim_ref(inventory, namespace, name), field)


def ties_of_entity(inventory: Inventory, entity: Ref) -> Iterator[Tie]:
    """What a touched object is tied to by its own fields."""
    match entity.group, entity.kind:
        case "", "PersistentVolumeClaim":
            yield from _ties_of_claim(inventory, entity)
        case "", "PersistentVolume":
            yield from _attachments(inventory).get(entity.name, ())
        case "", "Node":
            node = inventory.index.nodes.get(entity.name)
            pool = pool_of(node) if node else ""
            if pool:
                yield Tie(Relation.IN_POOL, Ref("", "NodePool", "", pool), "metadata.labels")
        case "admissionregistration.k8s.io", _:
            yield from _webhooks(inventory).get((entity.kind, entity.name), ())


def node_ref(inventory: Inventory, name: str) -> Ref:
    """A node by name, with its uid where it was read."""
    node = inventory.index.nodes.get(name)
    return ref_to(node) if node else Ref("", "Node", "", name)


def claim_ref(inventory: Inventory, namespace: str, name: str) -> Ref:
    """A claim by name, with its uid where it was read."""
    claim = inventory.index.claims.get((namespace, name))
    return ref_to(claim) if claim else Ref("", "PersistentVolumeClaim", namespace, name)


def pool_of(node: Node) -> str:
    """The node pool a node belongs to by its provider's label, ``""`` where none tells it."""
    return next((node.labels[label] for label in POOL_LABELS if node.labels.get(label)), "")


def server_of(inventory: Inventory, namespace: str, claim: str) -> str:
    """The file server behind a claim, ``""`` where its volume names none."""
    bound = inventory.index.claims.get((namespace, claim))
    volume = inventory.index.volumes.get(bound.volume) if bound and bound.volume else None
    return volume.server if volume else ""


def _ties_of_claim(inventory: Inventory, entity: Ref) -> Iterator[Tie]:
    claim: Claim | None = inventory.index.claims.get((entity.namespace, entity.name))
    if claim is None:
        return
    volume = inventory.index.volumes.get(claim.volume) if claim.volume else None
    if volume is not None and (volume.claim is None or volume.claim.uid in ("", claim.uid)):
        yield Tie(Relation.BINDS, ref_to(volume), "spec.volumeName")
    if claim.storage_class:
        known = inventory.index.storage_classes.get(claim.storage_class)
        named = ref_to(known) if known else Ref("storage.k8s.io", "StorageClass", "", claim.storage_class)
        yield Tie(Relation.PROVISIONED_BY, named, "spec.storageClassName")


def _attachments(inventory: Inventory) -> dict[str, list[Tie]]:
    memo = inventory.index.memo
    if "relations.attachments" not in memo:
        found: dict[str, list[Tie]] = {}
        for attachment in inventory.attachments:
            tie = Tie(Relation.ATTACHED_TO, node_ref(inventory, attachment.node), "spec.nodeName")
            found.setdefault(attachment.volume, []).append(tie)
        memo["relations.attachments"] = found
    kept: dict[str, list[Tie]] = memo["relations.attachments"]
    return kept


def _webhooks(inventory: Inventory) -> dict[tuple[str, str], list[Tie]]:
    memo = inventory.index.memo
    if "relations.webhooks" not in memo:
        services = {(service.namespace, service.name): ref_to(service) for service in inventory.services}
        found: dict[tuple[str, str], list[Tie]] = {}
        for configuration in [*inventory.mutating_webhooks, *inventory.validating_webhooks]:
            for hook in configuration.webhooks:
                if hook.service:
                    namespace, name, _ = hook.service
                    served = services.get((namespace, name), Ref("", "Service", namespace, name))
                    field = f"webhooks[{hook.index}].clientConfig.service"
                    place = configuration.kind, configuration.name
                    found.setdefault(place, []).append(Tie(Relation.SERVED_BY, served, field))
        memo["relations.webhooks"] = found
    kept: dict[tuple[str, str], list[Tie]] = memo["relations.webhooks"]
    return kept
