"""Owners, conditions, selectors, annotations: what every kind has, reduced in one way."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from scanners.facts.fact import Condition, LabelSelector, Owner, SelectorTerm
from scanners.facts.pod import NodeTerm
from scanners.facts.workload import ObjectReference
from swarm.sources.kubernetes.reduce.pool import Pool, text_of
from swarm.sources.kubernetes.wire import metadata as metadata_wire

KEPT_ANNOTATIONS = frozenset(
    {
        "deployment.kubernetes.io/revision",
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
        "volume.kubernetes.io/selected-node",
    }
)
KEPT_PREFIXES = ("cluster-autoscaler.kubernetes.io/", "karpenter.sh/")
"""Annotations of other kinds than pods that are kept; everything else, last-applied above all, is dropped."""


class Identity(TypedDict):
    """The fields of :class:`scanners.facts.fact.Fact`."""

    name: str
    namespace: str
    uid: str
    created: str
    deleted: str
    labels: dict[str, str]
    annotations: dict[str, str]
    owners: tuple[Owner, ...]
    finalizers: tuple[str, ...]


def identity(metadata: metadata_wire.Metadata | None, pool: Pool) -> Identity:
    """What the metadata of an object says, as keyword arguments of its fact."""
    read = metadata or metadata_wire.Metadata()
    return {
        "name": pool.string(read.name),
        "namespace": pool.string(read.namespace),
        "uid": pool.string(read.uid),
        "created": read.creation_timestamp or "",
        "deleted": read.deletion_timestamp or "",
        "labels": pool.table(read.labels),
        "annotations": annotations(read.annotations, pool),
        "owners": pool.owners(read.owner_references),
        "finalizers": pool.strings(read.finalizers),
    }


def annotations(sent: Mapping[str, metadata_wire.Scalar | None] | None, pool: Pool) -> dict[str, str]:
    """The annotations that are kept."""
    kept = (
        {
            key: pool.message(text_of(value))
            for key, value in sent.items()
            if key in KEPT_ANNOTATIONS or key.startswith(KEPT_PREFIXES)
        }
        if sent
        else {}
    )
    return pool.table(kept)


def conditions(sent: Sequence[metadata_wire.Condition] | None, pool: Pool) -> tuple[Condition, ...]:
    """All conditions, each with its place in the status."""
    return tuple(condition(read, index, pool) for index, read in enumerate(sent or ()))


def condition(read: metadata_wire.Condition, index: int, pool: Pool) -> Condition:
    """One condition at that place; how a workload that is well came to be so is not kept."""
    well = read.status == "True" and read.type in ("Available", "Progressing")
    return Condition(
        type=pool.string(read.type),
        status=pool.string(read.status),
        reason=pool.message(read.reason),
        message="" if well else pool.message(read.message),
        since=pool.string(read.last_transition_time),
        index=index,
    )


def selector(sent: metadata_wire.LabelSelector | None, pool: Pool) -> LabelSelector | None:
    """A label selector; nil stays None, empty stays empty."""
    if sent is None:
        return None
    return LabelSelector(pool.table(sent.match_labels), terms(sent.match_expressions, pool))


def terms(sent: Sequence[metadata_wire.SelectorTerm] | None, pool: Pool) -> tuple[SelectorTerm, ...]:
    """Match expressions; a scope's name stands as key."""
    return tuple(
        SelectorTerm(
            pool.string(term.key or term.scope_name), pool.string(term.operator), pool.strings(term.values)
        )
        for term in sent or ()
    )


def node_terms(sent: metadata_wire.NodeSelector | None, pool: Pool) -> tuple[NodeTerm, ...] | None:
    """Required node affinity: None where nothing is required."""
    if sent is None:
        return None
    return tuple(
        NodeTerm(terms(term.match_expressions, pool), terms(term.match_fields, pool))
        for term in sent.node_selector_terms or ()
    )


def reference(sent: metadata_wire.ObjectReference | None, pool: Pool) -> ObjectReference:
    """A reference to another object; its uid is often the only thing that tells two lives of a name apart."""
    read = sent or metadata_wire.ObjectReference()
    return ObjectReference(
        pool.string(read.kind), pool.string(read.namespace), pool.string(read.name), pool.string(read.uid)
    )
