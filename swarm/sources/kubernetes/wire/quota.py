"""Namespaces and their quotas."""

from swarm.sources.kubernetes.wire.metadata import Condition, Metadata, Scalar, SelectorTerm, Wire


class ScopeSelector(Wire):
    """spec.scopeSelector: its terms name a scope instead of a key."""

    match_expressions: list[SelectorTerm] | None = None


class QuotaSpec(Wire):
    """spec of a ResourceQuota."""

    hard: dict[str, Scalar | None] | None = None
    scopes: list[str] | None = None
    scope_selector: ScopeSelector | None = None


class QuotaStatus(Wire):
    """status of a ResourceQuota."""

    hard: dict[str, Scalar | None] | None = None
    used: dict[str, Scalar | None] | None = None


class ResourceQuota(Wire):
    """A v1 ResourceQuota."""

    metadata: Metadata | None = None
    spec: QuotaSpec | None = None
    status: QuotaStatus | None = None


class NamespaceStatus(Wire):
    """status of a Namespace."""

    phase: str | None = None
    conditions: list[Condition] | None = None


class Namespace(Wire):
    """A v1 Namespace."""

    metadata: Metadata | None = None
    status: NamespaceStatus | None = None
