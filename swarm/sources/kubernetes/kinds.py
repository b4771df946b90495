"""
Twenty kinds are listed in the same way; what differs is one row: how the wire is decoded and what becomes of
it.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from scanners.facts import slices
from scanners.facts.slices import Slice
from swarm.sources.kubernetes.reduce import (
    batch,
    event,
    network,
    node,
    pod,
    quota,
    storage,
    webhook,
    workload,
)
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.wire import event as event_wire
from swarm.sources.kubernetes.wire import network as network_wire
from swarm.sources.kubernetes.wire import node as node_wire
from swarm.sources.kubernetes.wire import pod as pod_wire
from swarm.sources.kubernetes.wire import quota as quota_wire
from swarm.sources.kubernetes.wire import storage as storage_wire
from swarm.sources.kubernetes.wire import webhook as webhook_wire
from swarm.sources.kubernetes.wire import workload as workload_wire


class KindSpec(msgspec.Struct, frozen=True):
    """
    How a kind is read: its wire type, and the reducer that makes a fact of it (or None: seen, but not kept).
    """

    wire: type[Any]
    reduce: Callable[[Any, Pool], Any]


KINDS: Mapping[Slice, KindSpec] = {
    slices.NAMESPACES: KindSpec(quota_wire.Namespace, quota.namespace),
    slices.NODES: KindSpec(node_wire.Node, node.node),
    slices.DEPLOYMENTS: KindSpec(workload_wire.Workload, workload.deployment),
    slices.REPLICASETS: KindSpec(workload_wire.Workload, workload.replica_set),
    slices.STATEFULSETS: KindSpec(workload_wire.Workload, workload.stateful_set),
    slices.DAEMONSETS: KindSpec(workload_wire.Workload, workload.daemon_set),
    slices.JOBS: KindSpec(workload_wire.Job, batch.job),
    slices.CRONJOBS: KindSpec(workload_wire.CronJob, batch.cron_job),
    slices.PERSISTENTVOLUMECLAIMS: KindSpec(storage_wire.Claim, storage.claim),
    slices.PERSISTENTVOLUMES: KindSpec(storage_wire.Volume, storage.volume),
    slices.STORAGECLASSES: KindSpec(storage_wire.StorageClass, storage.storage_class),
    slices.VOLUMEATTACHMENTS: KindSpec(storage_wire.VolumeAttachment, storage.attachment),
    slices.RESOURCEQUOTAS: KindSpec(quota_wire.ResourceQuota, quota.resource_quota),
    slices.NETWORKPOLICIES: KindSpec(network_wire.NetworkPolicy, network.network_policy),
    slices.INGRESSES: KindSpec(network_wire.Ingress, network.ingress),
    slices.SERVICES: KindSpec(network_wire.Service, network.service),
    slices.ENDPOINTSLICES: KindSpec(network_wire.EndpointSlice, network.endpoint_slice),
    slices.PODDISRUPTIONBUDGETS: KindSpec(workload_wire.DisruptionBudget, workload.disruption_budget),
    slices.MUTATING_WEBHOOKS: KindSpec(webhook_wire.WebhookConfiguration, webhook.mutating),
    slices.VALIDATING_WEBHOOKS: KindSpec(webhook_wire.WebhookConfiguration, webhook.validating),
    slices.PODS: KindSpec(pod_wire.Pod, pod.pod),
    slices.EVENTS: KindSpec(event_wire.Event, event.event),
}
"""Every slice that is a list of API objects; ``pod-logs`` is derived and has no row."""

SLICE_OF_KIND: Mapping[str, Slice] = {slice_.kind: slice_ for slice_ in KINDS}
"""
The slice of each kind. Kinds of other groups may share a name: compare the group too (:func:`slice_of`).
"""

SERVED_GROUPS: Mapping[Slice, tuple[str, ...]] = {
    slices.EVENTS: ("", "events.k8s.io"),
    slices.INGRESSES: ("networking.k8s.io", "extensions"),
}
"""Groups under which an object of the slice may be written, where that is more than its own."""


def slice_of(api_version: str, kind: str) -> Slice | None:
    """The slice to which an object of that apiVersion and kind belongs, if any."""
    found = SLICE_OF_KIND.get(kind)
    group = api_version.rpartition("/")[0]
    if found is None or group not in SERVED_GROUPS.get(found, (found.group,)):
        return None
    return found


def ordered(facts: list[Any]) -> list[Any]:
    """
    Facts in the order in which they are handed out: namespace, name, uid.

    Lists come in order within each namespace, so names are compared and few are sorted: the keys of 150,000 pods
    would take as much memory for a moment as the pods do.
    """
    by_namespace: defaultdict[str, list[Any]] = defaultdict(list)
    for fact in facts:
        by_namespace[fact.namespace].append(fact)
    for found in by_namespace.values():
        names = [fact.name for fact in found]
        if not all(map(operator.lt, names, names[1:])):
            found.sort(key=lambda fact: (fact.name, fact.uid))
    return [fact for namespace in sorted(by_namespace) for fact in by_namespace[namespace]]
