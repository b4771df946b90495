"""
Half of what a cluster costs and some of what stops it is not in its API: pools at their limit, disks nobody mounts.

Facts of three clouds in one vocabulary. Each keeps the provider's own type as its kind and says, by ``paths``, where in
the provider's answer a value stands, so that evidence resolves whoever the provider is. Times are RFC 3339 text, sizes
bytes; None is unknown.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

import msgspec

Provider = Literal["aws", "gcp", "azure"]
PROVIDERS: tuple[Provider, ...] = ("aws", "gcp", "azure")


class CloudFact(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    What everything at a provider has. ``kind`` is the provider's own type (``Nodegroup``, ``disks``), ``uid`` its ARN,
    self link or ARM id, ``name`` what people call it. ``account`` is the account, project or subscription; ``labels``
    its tags or labels. ``paths`` leads from a field's name here to its place in the provider's answer, ``values`` to
    what stands there word for word.
    """

    namespace: ClassVar[str] = ""

    provider: Provider
    kind: str
    name: str
    uid: str = ""
    account: str = ""
    region: str = ""
    zone: str = ""
    created: str = ""
    labels: dict[str, str] = {}
    paths: Mapping[str, str] = {}
    values: Mapping[str, str | int | float | bool] = {}

    @property
    def group(self) -> str:
        """The provider stands where objects of the API have their group."""
        return self.provider

    def path(self, field: str) -> str:
        """Where a field stands in the provider's answer. KeyError for one that was not taken from it."""
        return self.paths[field]


class CloudIssue(msgspec.Struct, frozen=True, gc=False):
    """What a provider says is wrong. ``index`` is its place in the provider's list, for evidence paths."""

    code: str
    message: str = ""
    index: int = 0


class CloudCluster(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A managed cluster. ``status`` in the provider's word; ``healthy`` False where that word means trouble, None where
    it is changing or unknown. ``version`` is the control plane's. ``private``: its endpoint is reachable from its own
    network only. ``autopilot``: pools are the provider's business.
    """

    status: str = ""
    healthy: bool | None = None
    issues: tuple[CloudIssue, ...] = ()
    version: str = ""
    endpoint: str = ""
    private: bool = False
    autopilot: bool = False
    support: str = ""


class NodePool(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A pool of nodes. ``cluster`` is the uid of its cluster. ``size`` is the live number of instances where the provider
    tells it (GKE does not), ``minimum`` and ``maximum`` are of the whole pool (a bound per zone times its zones).
    ``autoscaled`` None: unknown. ``capacity_type``: ``on-demand``, ``spot``, ``reserved``. ``gpus`` per instance, a
    fraction for shared ones. ``stopped``: its machines are switched off on purpose.
    """

    cluster: str = ""
    status: str = ""
    healthy: bool | None = None
    issues: tuple[CloudIssue, ...] = ()
    version: str = ""
    instance_types: tuple[str, ...] = ()
    size: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    autoscaled: bool | None = None
    capacity_type: str = "on-demand"
    zones: tuple[str, ...] = ()
    gpus: float | None = None
    gpu_model: str = ""
    node_labels: dict[str, str] = {}
    stopped: bool = False


class Instance(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A machine. ``provider_id`` is what its Node's ``spec.providerID`` says; ``cluster`` the uid of the cluster that it
    was made for, ``pool`` the pool's name. ``state`` in the provider's word, ``running`` whether it is paid for and
    up. ``gpus`` as in :class:`NodePool`.
    """

    provider_id: str = ""
    cluster: str = ""
    pool: str = ""
    type: str = ""
    state: str = ""
    running: bool = False
    capacity_type: str = "on-demand"
    gpus: float | None = None
    gpu_model: str = ""


class Disk(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A block device. ``handle`` is what a PersistentVolume's ``volumeHandle`` says of it. ``type`` is the sort of disk
    (``gp3``, ``pd-ssd``, ``Premium_LRS``), ``tier`` the priced size class where the provider has one (``P30``).
    ``detached`` is when its last user let go, ``""`` where the provider does not tell. ``claim`` and ``volume`` are
    those that the CSI driver wrote on it (``namespace/name``), ``cluster`` the uid or name of the cluster it was made
    for.
    """

    handle: str = ""
    state: str = ""
    attached: bool = False
    size_bytes: int | None = None
    type: str = ""
    tier: str = ""
    detached: str = ""
    claim: str = ""
    volume: str = ""
    cluster: str = ""


class CloudAddress(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A public address or a NAT gateway, by ``sort``. ``used`` None: unknown. ``service`` is the Service it was made for,
    as its tags say (``namespace/name``).
    """

    sort: Literal["address", "nat-gateway"] = "address"
    address: str = ""
    state: str = ""
    used: bool | None = None
    service: str = ""


class LoadBalancer(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A load balancer. ``addresses`` are its host name and addresses, ``targets`` how many backends are registered (None:
    not read). ``type`` is the priced sort (``application-load-balancer``, ``forwarding-rule``). ``service``: as in
    :class:`CloudAddress`.
    """

    addresses: tuple[str, ...] = ()
    type: str = ""
    targets: int | None = None
    service: str = ""


class CloudQuota(CloudFact, frozen=True, eq=False, gc=False, kw_only=True):
    """A limit of the account in a region, in its own ``unit`` (vCPU, GPUs). ``used`` None: not told."""

    limit: float | None = None
    used: float | None = None
    unit: str = ""


class Digest(msgspec.Struct, frozen=True):
    """
    What an account's own checks must know of a cluster that was scanned: which disks, machines and addresses its
    objects name. ``cluster`` is the uid of the :class:`CloudCluster`, ``""`` for one that no account named. ``whole``
    holds the slices that were read whole: only of those absence may be claimed.
    """

    name: str
    cluster: str = ""
    volume_handles: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
