"""Quotas and namespaces. A resource that ``used`` does not name is unknown, not zero."""

from scanners.facts.quota import Namespace, ResourceQuota
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.reduce.shared import conditions, identity, terms
from swarm.sources.kubernetes.wire import quota as wire


def resource_quota(read: wire.ResourceQuota, pool: Pool) -> ResourceQuota:
    """A ResourceQuota."""
    spec, status = read.spec or wire.QuotaSpec(), read.status or wire.QuotaStatus()
    scopes = spec.scope_selector.match_expressions if spec.scope_selector else None
    return ResourceQuota(
        **identity(read.metadata, pool),
        hard=pool.table(spec.hard),
        status_hard=pool.table(status.hard),
        used=pool.table(status.used),
        scopes=pool.strings(spec.scopes),
        scope_selector=terms(scopes, pool),
    )


def namespace(read: wire.Namespace, pool: Pool) -> Namespace:
    """A Namespace."""
    status = read.status or wire.NamespaceStatus()
    return Namespace(
        **identity(read.metadata, pool),
        phase=pool.string(status.phase) or "Active",
        conditions=conditions(status.conditions, pool),
    )
