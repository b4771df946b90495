"""
A check that searches all pods for each node would cost the square of the cluster.

Each index is built once, on first use, and shared by all checks of a scan. Indexes speak of facts whose slice the
asking check has declared; ownership alone is free to all, because every finding must name whom it concerns.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from scanners.facts import slices
from scanners.facts.event import Event
from scanners.facts.fact import Fact
from scanners.facts.log import ContainerLog
from scanners.facts.network import EndpointSlice
from scanners.facts.node import Node
from scanners.facts.pod import Kin, Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.storage import Claim, StorageClass, Volume
from scanners.facts.workload import Job, Workload

if TYPE_CHECKING:
    from scanners.facts.inventory import Inventory

F = TypeVar("F", bound=Fact)


_READS: Mapping[str, tuple[slices.Slice, ...]] = {
    "pods_by_node": (slices.PODS,),
    "pods_by_owner": (slices.PODS,),
    "pods_by_namespace": (slices.PODS,),
    "pods_by_claim": (slices.PODS,),
    "nodes": (slices.NODES,),
    "claims": (slices.PERSISTENTVOLUMECLAIMS,),
    "volumes": (slices.PERSISTENTVOLUMES,),
    "storage_classes": (slices.STORAGECLASSES,),
    "events_by_uid": (slices.EVENTS,),
    "events_by_object": (slices.EVENTS,),
    "logs": (slices.POD_LOGS,),
    "endpoint_slices": (slices.ENDPOINTSLICES,),
    "jobs_by_owner": (slices.JOBS,),
    "workloads": slices.WORKLOADS,
}
"""Which slices an index speaks of; a check that asks for it must declare one of them."""


class Indexes:
    """Facts by what one asks for. Reading an index of a slice that was not read gives nothing, never an error."""

    def __init__(self, inventory: "Inventory") -> None:
        self._inventory = inventory
        self.memo: dict[str, Any] = {}
        """Results that several checks share (room on nodes, verdicts on pending pods), by name; filled on first use."""

    def release(self, names: frozenset[str]) -> None:
        """Forget the indexes of slices of these names, and what checks shared."""
        self.memo.clear()
        for index, slices_ in _READS.items():
            if any(slice_.name in names for slice_ in slices_):
                self.__dict__.pop(index, None)

    @cached_property
    def pods_by_node(self) -> Mapping[str, Sequence[Pod]]:
        """Pods assigned to each node, finished ones too; unassigned pods stand nowhere."""
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self._inventory.pods:
            if pod.node:
                found[pod.node].append(pod)
        return dict(found)

    @cached_property
    def pods_by_owner(self) -> Mapping[str, Sequence[Pod]]:
        """Pods by the uid of their direct controlling owner."""
        return self._by_kin(lambda kin: kin.owners[0].uid if kin.owners else None)

    @cached_property
    def pods_by_namespace(self) -> Mapping[str, Sequence[Pod]]:
        """Pods of each namespace."""
        return self._by_kin(lambda kin: kin.namespace)

    def _by_kin(self, key_of_kin: Callable[[Kin], str | None]) -> Mapping[str, Sequence[Pod]]:
        """Pods by something that kin share: asked once where kin follow one another. None leaves a pod out."""
        found: dict[str | None, list[Pod]] = defaultdict(list)
        last, members = None, found[None]
        for pod in self._inventory.pods:
            if pod.kin is not last:
                last, members = pod.kin, found[key_of_kin(pod.kin)]
            members.append(pod)
        return {key: pods for key, pods in found.items() if key is not None}

    @cached_property
    def pods_by_claim(self) -> Mapping[tuple[str, str], Sequence[Pod]]:
        """Pods that mount each claim, by (namespace, claim name)."""
        found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
        for pod in self._inventory.pods:
            for _, claim in pod.rare.claims:
                found[pod.namespace, claim].append(pod)
        return dict(found)

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by name."""
        return {node.name: node for node in self._inventory.nodes}

    @cached_property
    def claims(self) -> Mapping[tuple[str, str], Claim]:
        """Claims by (namespace, name)."""
        return {(claim.namespace, claim.name): claim for claim in self._inventory.claims}

    @cached_property
    def volumes(self) -> Mapping[str, Volume]:
        """Persistent volumes by name."""
        return {volume.name: volume for volume in self._inventory.volumes}

    @cached_property
    def storage_classes(self) -> Mapping[str, StorageClass]:
        """Storage classes by name."""
        return {storage_class.name: storage_class for storage_class in self._inventory.storage_classes}

    @cached_property
    def events_by_uid(self) -> Mapping[str, Sequence[Event]]:
        """Kept events by the uid of the object they regard."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self._inventory.events:
            if event.regarding.uid:
                found[event.regarding.uid].append(event)
        return dict(found)

    @cached_property
    def events_by_object(self) -> Mapping[tuple[str, str, str], Sequence[Event]]:
        """Kept events by (kind, namespace, name): for nodes, whose events carry the name as uid."""
        found: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
        for event in self._inventory.events:
            found[event.regarding.kind, event.regarding.namespace, event.regarding.name].append(event)
        return dict(found)

    @cached_property
    def logs(self) -> Mapping[tuple[str, str], Sequence[ContainerLog]]:
        """Log tails by (namespace, pod), the previous run first."""
        found: dict[tuple[str, str], list[ContainerLog]] = defaultdict(list)
        for log in self._inventory.logs:
            found[log.namespace, log.name].append(log)
        return dict(found)

    @cached_property
    def endpoint_slices(self) -> Mapping[tuple[str, str], Sequence[EndpointSlice]]:
        """Endpoint slices by (namespace, Service)."""
        found: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
        for endpoints in self._inventory.endpoint_slices:
            found[endpoints.namespace, endpoints.service].append(endpoints)
        return dict(found)

    @cached_property
    def jobs_by_owner(self) -> Mapping[str, Sequence[Job]]:
        """Jobs by the uid of their controlling owner."""
        found: dict[str, list[Job]] = defaultdict(list)
        for job in self._inventory.jobs:
            if job.owners:
                found[job.owners[0].uid].append(job)
        return dict(found)

    @cached_property
    def workloads(self) -> Mapping[Key, Workload]:
        """Deployments, ReplicaSets, StatefulSets and DaemonSets by identity."""
        return {key_of(workload): workload for workload in self._inventory.workloads}

    @cached_property
    def owners_by_uid(self) -> Mapping[str, Fact]:
        """Every collected object that may own another, by uid."""
        kinds = (*slices.WORKLOADS, slices.JOBS, slices.CRONJOBS)
        return {fact.uid: fact for slice_ in kinds for fact in self._inventory.all(slice_) if fact.uid}

    @cached_property
    def owner_chains(self) -> dict[str, tuple[Ref, ...]]:
        """Memory of the owner walk (:mod:`scanners.semantics.owners`): a direct owner's uid to the chain from it up."""
        return {}


class UndeclaredSlice(LookupError):
    """A check touched a slice that it does not name in ``needs``, ``complete`` or ``sharpened_by``."""


class DeclaredIndexes:
    """The indexes as one check may use them: those of slices that it declares."""

    def __init__(self, indexes: Indexes, allowed: frozenset[str], code: str) -> None:
        self._indexes, self._allowed, self._code = indexes, allowed, code

    def __getattr__(self, name: str) -> Any:
        declared = _READS.get(name, ())
        if declared and not any(slice_.name in self._allowed for slice_ in declared):
            raise UndeclaredSlice(f"{self._code} asks for {name}, of a slice that it does not declare")
        return getattr(self._indexes, name)
