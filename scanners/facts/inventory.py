"""
Everything a check may look at: the facts of one target at one moment, and what could not be read.

An inventory is frozen before the first check runs. A check sees it through the slices it named: touching another one
is a mistake that its tests catch (:class:`UndeclaredSlice`). Empty and unread are different answers: ask
:meth:`Inventory.has`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from scanners.facts import slices
from scanners.facts.cloud import (
    CloudAddress,
    CloudCluster,
    CloudQuota,
    Digest,
    Disk,
    Instance,
    LoadBalancer,
    NodePool,
)
from scanners.facts.event import Event
from scanners.facts.gaps import HAS_SOMETHING, Reading, SliceState, narrowed, overall
from scanners.facts.indexes import DeclaredIndexes, Indexes, UndeclaredSlice
from scanners.facts.log import ContainerLog
from scanners.facts.metric import DeviceUse, Throttling, VolumeUse
from scanners.facts.network import EndpointSlice, Ingress, NetworkPolicy, Service, WebhookConfiguration
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.price import FlatPrice, InstancePrice, StoragePrice
from scanners.facts.quota import Namespace, ResourceQuota
from scanners.facts.slices import Slice
from scanners.facts.storage import Claim, StorageClass, Volume, VolumeAttachment
from scanners.facts.target import Ages, Target
from scanners.facts.threshold import Threshold
from scanners.facts.workload import (
    CronJob,
    DaemonSet,
    Deployment,
    DisruptionBudget,
    Job,
    ReplicaSet,
    StatefulSet,
    Workload,
)

__all__ = ["Ages", "Inventory", "Target"]


class Inventory:
    """
    The frozen facts of one target. An account's has ``digests`` of the clusters that were scanned in the same run.

    ``now`` is the scan's moment in epoch seconds, ``window`` the seconds that count as recent (``--since``). Objects
    come in the order of namespace and name, whatever order they arrived in.
    """

    def __init__(
        self,
        target: Target,
        now: float,
        objects: Mapping[Slice, Sequence[Any]],
        readings: Iterable[Reading] = (),
        *,
        window: float = 86400,
        ages: Ages | None = None,
        limits: Mapping[tuple[str, str], float] | None = None,
        digests: Sequence[Digest] = (),
    ) -> None:
        self.target = target
        self.now = now
        self.window = window
        self.ages = ages or Ages()
        self.readings: tuple[Reading, ...] = tuple(readings)
        self.limits = dict(limits or {})
        self.digests: tuple[Digest, ...] = tuple(digests)
        self._objects = dict(objects)
        self._released: set[str] = set()
        self._allowed: frozenset[str] | None = None
        self._code = ""
        self._states: dict[str, list[Reading]] = {}
        for reading in self.readings:
            self._states.setdefault(reading.slice, []).append(reading)
        self.index = Indexes(self)

    def seen_by(self, code: str, allowed: Iterable[Slice]) -> "Inventory":
        """The same facts through the eyes of one check: only its slices, with its thresholds."""
        view = object.__new__(Inventory)
        view.__dict__.update(self.__dict__)
        view._allowed = frozenset(slice_.name for slice_ in allowed)
        view._code = code
        view.index = cast(Indexes, DeclaredIndexes(self.index, view._allowed, code))
        return view

    def release(self, *released: Slice) -> None:
        """
        Let go of the facts of slices that nobody will ask for again, and of all that was shared between checks: they
        make place for what is told of them. How they were read stays known; asking for one is an error from here on.
        """
        for slice_ in released:
            self._objects.pop(slice_, None)
            self._released.add(slice_.name)
        self.index.release(frozenset(slice_.name for slice_ in released))

    def state(self, slice_: Slice) -> SliceState:
        """How the slice was read, over all scopes."""
        return overall(self._states.get(slice_.name, []))

    def readings_of(self, slice_: Slice) -> Sequence[Reading]:
        """Every reading of the slice, one a scope."""
        return self._states.get(slice_.name, ())

    def has(self, slice_: Slice) -> bool:
        """Whether something was read of it. False means unknown, not empty."""
        return self.state(slice_) in HAS_SOMETHING

    def is_complete(self, slice_: Slice) -> bool:
        """Whether absence may be claimed: all of it was read, over the whole cluster."""
        readings = self._states.get(slice_.name, [])
        whole = overall(readings) is SliceState.COMPLETE
        return whole and not (slice_.namespaced and narrowed(readings))

    def limit(self, threshold: Threshold) -> float:
        """A threshold of the running check: the user's setting, else its default."""
        return self.limits.get((self._code, threshold.name), threshold.default)

    def all(self, slice_: Slice) -> Sequence[Any]:
        """The facts of a slice, whatever their type. The typed properties below are the way for checks."""
        if self._allowed is not None and slice_.name not in self._allowed:
            raise UndeclaredSlice(f"{self._code} reads {slice_.name}, which it does not declare")
        if slice_.name in self._released:
            raise LookupError(f"{slice_.name} were released, nobody was to ask for them again")
        return self._objects.get(slice_, ())

    @property
    def pods(self) -> Sequence[Pod]:
        return cast(Sequence[Pod], self.all(slices.PODS))

    @property
    def nodes(self) -> Sequence[Node]:
        return cast(Sequence[Node], self.all(slices.NODES))

    @property
    def namespaces(self) -> Sequence[Namespace]:
        return cast(Sequence[Namespace], self.all(slices.NAMESPACES))

    @property
    def events(self) -> Sequence[Event]:
        return cast(Sequence[Event], self.all(slices.EVENTS))

    @property
    def deployments(self) -> Sequence[Deployment]:
        return cast(Sequence[Deployment], self.all(slices.DEPLOYMENTS))

    @property
    def replicasets(self) -> Sequence[ReplicaSet]:
        return cast(Sequence[ReplicaSet], self.all(slices.REPLICASETS))

    @property
    def statefulsets(self) -> Sequence[StatefulSet]:
        return cast(Sequence[StatefulSet], self.all(slices.STATEFULSETS))

    @property
    def daemonsets(self) -> Sequence[DaemonSet]:
        return cast(Sequence[DaemonSet], self.all(slices.DAEMONSETS))

    @property
    def workloads(self) -> Sequence[Workload]:
        """Deployments, ReplicaSets, StatefulSets and DaemonSets, one after another."""
        return [*self.deployments, *self.replicasets, *self.statefulsets, *self.daemonsets]

    @property
    def jobs(self) -> Sequence[Job]:
        return cast(Sequence[Job], self.all(slices.JOBS))

    @property
    def cronjobs(self) -> Sequence[CronJob]:
        return cast(Sequence[CronJob], self.all(slices.CRONJOBS))

    @property
    def claims(self) -> Sequence[Claim]:
        return cast(Sequence[Claim], self.all(slices.PERSISTENTVOLUMECLAIMS))

    @property
    def volumes(self) -> Sequence[Volume]:
        return cast(Sequence[Volume], self.all(slices.PERSISTENTVOLUMES))

    @property
    def storage_classes(self) -> Sequence[StorageClass]:
        return cast(Sequence[StorageClass], self.all(slices.STORAGECLASSES))

    @property
    def attachments(self) -> Sequence[VolumeAttachment]:
        return cast(Sequence[VolumeAttachment], self.all(slices.VOLUMEATTACHMENTS))

    @property
    def quotas(self) -> Sequence[ResourceQuota]:
        return cast(Sequence[ResourceQuota], self.all(slices.RESOURCEQUOTAS))

    @property
    def network_policies(self) -> Sequence[NetworkPolicy]:
        return cast(Sequence[NetworkPolicy], self.all(slices.NETWORKPOLICIES))

    @property
    def services(self) -> Sequence[Service]:
        return cast(Sequence[Service], self.all(slices.SERVICES))

    @property
    def endpoint_slices(self) -> Sequence[EndpointSlice]:
        return cast(Sequence[EndpointSlice], self.all(slices.ENDPOINTSLICES))

    @property
    def ingresses(self) -> Sequence[Ingress]:
        return cast(Sequence[Ingress], self.all(slices.INGRESSES))

    @property
    def disruption_budgets(self) -> Sequence[DisruptionBudget]:
        return cast(Sequence[DisruptionBudget], self.all(slices.PODDISRUPTIONBUDGETS))

    @property
    def mutating_webhooks(self) -> Sequence[WebhookConfiguration]:
        return cast(Sequence[WebhookConfiguration], self.all(slices.MUTATING_WEBHOOKS))

    @property
    def validating_webhooks(self) -> Sequence[WebhookConfiguration]:
        return cast(Sequence[WebhookConfiguration], self.all(slices.VALIDATING_WEBHOOKS))

    @property
    def device_uses(self) -> Sequence[DeviceUse]:
        """Measured use of accelerators, of slice ``gpu-metrics``."""
        return cast(Sequence[DeviceUse], self.all(slices.GPU_METRICS))

    @property
    def volume_uses(self) -> Sequence[VolumeUse]:
        """Measured use of volumes, of slice ``prometheus``."""
        return [use for use in self.all(slices.PROMETHEUS) if isinstance(use, VolumeUse)]

    @property
    def throttlings(self) -> Sequence[Throttling]:
        """Measured CPU throttling, of slice ``prometheus``."""
        return [use for use in self.all(slices.PROMETHEUS) if isinstance(use, Throttling)]

    @property
    def instance_prices(self) -> Sequence[InstancePrice]:
        return [price for price in self.all(slices.PRICES) if isinstance(price, InstancePrice)]

    @property
    def storage_prices(self) -> Sequence[StoragePrice]:
        return [price for price in self.all(slices.PRICES) if isinstance(price, StoragePrice)]

    @property
    def flat_prices(self) -> Sequence[FlatPrice]:
        return [price for price in self.all(slices.PRICES) if isinstance(price, FlatPrice)]

    @property
    def cloud_clusters(self) -> Sequence[CloudCluster]:
        """The clusters that a cloud told of: an account's, or the one that this inventory is of."""
        return cast(Sequence[CloudCluster], self.all(slices.CLUSTERS))

    @property
    def node_pools(self) -> Sequence[NodePool]:
        return cast(Sequence[NodePool], self.all(slices.NODE_POOLS))

    @property
    def instances(self) -> Sequence[Instance]:
        return cast(Sequence[Instance], self.all(slices.INSTANCES))

    @property
    def cloud_quotas(self) -> Sequence[CloudQuota]:
        return cast(Sequence[CloudQuota], self.all(slices.CLOUD_QUOTAS))

    @property
    def disks(self) -> Sequence[Disk]:
        return cast(Sequence[Disk], self.all(slices.DISKS))

    @property
    def addresses(self) -> Sequence[CloudAddress]:
        return cast(Sequence[CloudAddress], self.all(slices.ADDRESSES))

    @property
    def load_balancers(self) -> Sequence[LoadBalancer]:
        return cast(Sequence[LoadBalancer], self.all(slices.LOAD_BALANCERS))

    @property
    def logs(self) -> Sequence[ContainerLog]:
        return cast(Sequence[ContainerLog], self.all(slices.POD_LOGS))
