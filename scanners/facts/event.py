"""
Events say why, and forget it within the hour.

Only the reasons that a check or a cause reads are kept; the rest (Pulled, Created, Scheduled, ...) is counted and
dropped while it streams past. Nothing may hang on an event alone that a status also tells.
"""

from typing import ClassVar

import msgspec

from scanners.facts.fact import Owner
from scanners.facts.workload import ObjectReference


class Event(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    One event, core/v1 or events.k8s.io/v1 alike. ``last`` is the best of series, eventTime, last- and firstTimestamp;
    ``count`` that of the series, else its own, else 1. ``host`` is the node of the kubelet that wrote it.
    """

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "Event"

    namespace: str
    name: str
    uid: str = ""
    created: str = ""
    reason: str = ""
    message: str = ""
    type: str = ""
    regarding: ObjectReference
    first: str = ""
    last: str = ""
    count: int = 1
    host: str = ""
    component: str = ""
    owners: tuple[Owner, ...] = ()
    labels: dict[str, str] = {}


READ_REASONS = frozenset(
    {
        # Controllers that could not create pods, and CronJobs that could not start a run
        "FailedCreate", "ReplicaSetCreateError", "FailedGet", "FailedDelete", "MissSchedule", "TooManyMissedTimes",
        "UnknownTimeZone", "UnparseableSchedule", "InvalidSchedule", "JobAlreadyActive",
        # Scheduling, scale-up, preemption
        "FailedScheduling", "NotTriggerScaleUp", "TriggeredScaleUp", "Nominated", "Preempted", "NoScaleDown",
        "ScaleDownFailed",
        # Volumes
        "FailedMount", "FailedAttachVolume", "FailedMapVolume", "ProvisioningFailed", "FailedBinding",
        "ProvisioningSucceeded", "WaitForFirstConsumer", "ExternalProvisioning", "SuccessfulAttachVolume",
        # Kubelet
        "Failed", "FailedToRetrieveImagePullSecret", "Evicted", "Killing", "ExceededGracePeriod", "Preempting",
        "FailedCreatePodSandBox", "UnexpectedAdmissionError", "Unhealthy",
        # Nodes
        "SystemOOM", "OOMKilling", "NodeNotReady", "Rebooted", "EvictionThresholdMet", "Drain", "Cordon",
    }
)  # fmt: skip
"""Reasons that are kept. A check that wants another adds it here."""
