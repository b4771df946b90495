"""
Pods are nine tenths of a cluster's bytes, so their wire type decodes as little as it can.

Of the spec only what tells one replica from the next (node, claims, the token volume's random name) is taken
apart here; the rest stays as the server wrote it until a template of that text is built for the first time
(:mod:`.template`).
"""

import msgspec
from msgspec import Raw

from scanners.semantics.pipelines import IDENTITY_ANNOTATIONS
from swarm.sources.kubernetes.wire.metadata import NOTHING, Scalar, Wire

POD_ANNOTATIONS = (
    *IDENTITY_ANNOTATIONS,
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes",
    "gpu-fraction",
    "gpu-memory",
    "karpenter.sh/do-not-disrupt",
)
"""The annotations of a pod that are decoded at all."""

PodAnnotations = msgspec.defstruct(
    "PodAnnotations",
    [(f"_{index}", Scalar | None, None) for index in range(len(POD_ANNOTATIONS))],
    rename={f"_{index}": key for index, key in enumerate(POD_ANNOTATIONS)},
    gc=False,
)
"""
metadata.annotations of a pod, reduced while they are decoded; its fields stand in the order of POD_ANNOTATIONS.
"""


class PodMetadata(Wire):
    """metadata of a Pod; labels, annotations and owners stay text, because replicas share them."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: Raw = NOTHING
    annotations: Raw = NOTHING
    owner_references: Raw = NOTHING
    finalizers: list[str] | None = None


class ClaimSource(Wire):
    """volumes[].persistentVolumeClaim."""

    claim_name: str | None = None


class Volume(Wire):
    """volumes[]: one of the sources is set. A source that is not named here is one that no check reads."""

    name: str = ""
    persistent_volume_claim: ClaimSource | None = None
    empty_dir: Raw = NOTHING
    config_map: Raw = NOTHING
    secret: Raw = NOTHING
    projected: Raw = NOTHING
    host_path: Raw = NOTHING
    ephemeral: Raw = NOTHING
    csi: Raw = NOTHING
    nfs: Raw = NOTHING
    downward_api: Raw = msgspec.field(default=NOTHING, name="downwardAPI")
    image: Raw = NOTHING
    iscsi: Raw = NOTHING
    cephfs: Raw = NOTHING
    rbd: Raw = NOTHING
    fc: Raw = NOTHING
    glusterfs: Raw = NOTHING
    aws_elastic_block_store: Raw = NOTHING
    gce_persistent_disk: Raw = NOTHING
    azure_disk: Raw = NOTHING
    azure_file: Raw = NOTHING
    flex_volume: Raw = NOTHING
    vsphere_volume: Raw = NOTHING
    portworx_volume: Raw = NOTHING


class Probe(Wire):
    """A probe: only that there is one."""


class Container(Wire):
    """containers[] and initContainers[]; what replicas share word for word stays text."""

    name: str = ""
    image: str = ""
    restart_policy: str | None = None
    resources: Raw = NOTHING
    ports: Raw = NOTHING
    env: Raw = NOTHING
    env_from: Raw = NOTHING
    command: Raw = NOTHING
    args: Raw = NOTHING
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None


class PodSpec(Wire):
    """spec of a Pod, or of a workload's template."""

    node_name: str | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    volumes: list[Volume] | None = None
    node_selector: Raw = NOTHING
    affinity: Raw = NOTHING
    tolerations: Raw = NOTHING
    topology_spread_constraints: Raw = NOTHING
    scheduling_gates: Raw = NOTHING
    image_pull_secrets: Raw = NOTHING
    resources: Raw = NOTHING
    overhead: Raw = NOTHING
    resource_claims: Raw = NOTHING
    host_network: bool | None = None
    priority: int | None = None
    priority_class_name: str | None = None
    service_account_name: str | None = None
    scheduler_name: str | None = None
    restart_policy: str | None = None
    termination_grace_period_seconds: int | None = None


class Running(Wire):
    """state.running."""

    started_at: str | None = None


class Waiting(Wire):
    """state.waiting."""

    reason: str | None = None
    message: str | None = None


class Terminated(Wire):
    """state.terminated."""

    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    message: str | None = None
    started_at: str | None = None
    finished_at: str | None = None


class State(Wire):
    """state and lastState."""

    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(Wire):
    """containerStatuses[] and its two siblings."""

    name: str = ""
    ready: bool | None = None
    restart_count: int | None = None
    state: State | None = None
    last_state: State | None = None


class PodStatus(Wire):
    """status of a Pod; its conditions stay text, because those of a running pod are decoded by nobody."""

    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    start_time: str | None = None
    conditions: Raw = NOTHING
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None


class Pod(Wire):
    """A v1 Pod; its spec stays text, because that of a replica need not be decoded (:mod:`..reduce.mould`)."""

    metadata: PodMetadata | None = None
    spec: Raw = NOTHING
    status: PodStatus | None = None
