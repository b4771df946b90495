"""
Causal rules speak of kinds of fault, never of check codes, so a new check joins the causes that are already written.

What a kind may be is fixed with it: a root only, a symptom only, or either.
"""

from enum import StrEnum


class Role(StrEnum):
    """Whether a kind of fault can be a cause, a consequence, or both."""

    ROOT = "root"
    EITHER = "either"
    SYMPTOM = "symptom"


class Kind(StrEnum):
    """The closed list of kinds of fault; a check that names another does not load."""

    JOB_FAILED = "JobFailed"
    JOB_FAILING = "JobFailing"
    JOB_NOT_STARTED = "JobNotStarted"
    RUNS_FAILING = "RunsFailing"
    SCHEDULE_MISSED = "ScheduleMissed"
    CONTAINER_OOM = "ContainerOom"
    MEMORY_HOG = "MemoryHog"
    POD_EVICTED = "PodEvicted"
    GPU_NODE_IDLE = "GpuNodeIdle"
    IDLE_HOLDER = "IdleHolder"
    GPU_INEFFECTIVE = "GpuIneffective"
    CPU_ON_GPU_NODE = "CpuOnGpuNode"
    GPU_NOT_ALLOCATABLE = "GpuNotAllocatable"
    RECLAIM_BLOCKED = "ReclaimBlocked"
    POOL_UNDERUSED = "PoolUnderused"
    POOL_FULL = "PoolFull"
    POD_UNSCHEDULABLE = "PodUnschedulable"
    CLAIM_PENDING = "ClaimPending"
    VOLUME_ZONE_CONFLICT = "VolumeZoneConflict"
    VOLUME_ORPHANED = "VolumeOrphaned"
    ATTACH_CONFLICT = "AttachConflict"
    FILE_SERVER_DOWN = "FileServerDown"
    VOLUME_FULL = "VolumeFull"
    QUOTA_EXHAUSTED = "QuotaExhausted"
    QUOTA_NEARLY_FULL = "QuotaNearlyFull"
    PODS_NOT_CREATED = "PodsNotCreated"
    POLICY_MISSING = "PolicyMissing"
    DNS_BLOCKED = "DnsBlocked"
    NODE_NOT_READY = "NodeNotReady"
    NODE_PRESSURE = "NodePressure"
    POD_UNREACHABLE = "PodUnreachable"
    CRASH_LOOP = "CrashLoop"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    REGISTRY_FAILING = "RegistryFailing"
    CONFIG_REF_MISSING = "ConfigRefMissing"
    WORKLOAD_UNAVAILABLE = "WorkloadUnavailable"
    SERVICE_NO_ENDPOINTS = "ServiceNoEndpoints"
    WEBHOOK_NO_ENDPOINTS = "WebhookNoEndpoints"
    DNS_DOWN = "DnsDown"
    NAME_RESOLUTION_FAILED = "NameResolutionFailed"
    TELEMETRY_GAP = "TelemetryGap"
    CLOUD_UNHEALTHY = "CloudUnhealthy"
    POOL_AT_MAX = "PoolAtMax"
    VERSION_BEHIND = "VersionBehind"
    PAID_NO_NODE = "PaidNoNode"
    DISK_UNATTACHED = "DiskUnattached"
    ADDRESS_IDLE = "AddressIdle"

    @property
    def role(self) -> Role:
        """What it may be in an explanation."""
        if self in _SYMPTOMS:
            return Role.SYMPTOM
        return Role.EITHER if self in _EITHER else Role.ROOT


_SYMPTOMS = frozenset(
    {
        Kind.JOB_NOT_STARTED, Kind.RECLAIM_BLOCKED, Kind.POD_UNREACHABLE, Kind.WORKLOAD_UNAVAILABLE,
        Kind.SERVICE_NO_ENDPOINTS, Kind.NAME_RESOLUTION_FAILED,
    }
)  # fmt: skip
_EITHER = frozenset(
    {
        Kind.JOB_FAILED, Kind.JOB_FAILING, Kind.RUNS_FAILING, Kind.CONTAINER_OOM, Kind.POD_EVICTED,
        Kind.CPU_ON_GPU_NODE, Kind.GPU_NOT_ALLOCATABLE, Kind.POD_UNSCHEDULABLE, Kind.CLAIM_PENDING,
        Kind.ATTACH_CONFLICT, Kind.QUOTA_NEARLY_FULL, Kind.PODS_NOT_CREATED, Kind.NODE_NOT_READY,
        Kind.NODE_PRESSURE, Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING,
        Kind.WEBHOOK_NO_ENDPOINTS, Kind.DNS_DOWN,
    }
)  # fmt: skip
