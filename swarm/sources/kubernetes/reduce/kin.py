"""
Of two thousand replicas each says what all the others say; to see that it does must be cheaper than to read it.

Lists come sorted, so replicas follow one another: a pod's owners, labels and spec are compared with those of
the pod before it of the same owner, the latter two as text (:mod:`.mould`). Only what differs is decoded, and
looked up by its content.
"""

import msgspec

from scanners.facts.pod import Kin
from swarm.sources.kubernetes.reduce.mould import Claims, mould_of
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.reduce.template import take_apart, template_of, without_pin
from swarm.sources.kubernetes.wire import pod as wire
from swarm.sources.kubernetes.wire.metadata import NOTHING, OwnerReference

_spec = msgspec.json.Decoder(wire.PodSpec | None).decode
_owners = msgspec.json.Decoder(list[OwnerReference] | None).decode
_encode = msgspec.json.Encoder().encode


def kin_of(metadata: wire.PodMetadata, spec: bytes, phase: str, pool: Pool) -> tuple[Kin, str, Claims]:
    """What a pod shares, its node and its claims; ``spec`` is decoded unless it is that of the pod before."""
    owners, labels = bytes(metadata.owner_references), bytes(metadata.labels)
    mould = pool.moulds.get(owners)
    if mould is not None and mould.says(metadata.namespace, phase, labels):
        node = mould.node_in(spec)
        name = pool.node(node) if node else ""
        if name:
            return mould.kin, name, mould.claims
    read = (_spec(spec) if spec else None) or wire.PodSpec()
    repeats = all(
        volume.ephemeral is NOTHING for volume in read.volumes or ()
    )  # its claim is named after the pod
    kin, name, claims = _read(metadata, read, phase, pool)
    mould = mould_of(spec, name, kin, claims, labels, _encode((kin.template, claims))) if repeats else None
    if mould is not None:
        pool.remember(owners, mould)
    return kin, name, claims


def _read(metadata: wire.PodMetadata, spec: wire.PodSpec, phase: str, pool: Pool) -> tuple[Kin, str, Claims]:
    references = metadata.owner_references
    owners = pool.owners(_owners(references)) if references is not NOTHING else ()
    node = pool.string(spec.node_name)
    claims = take_apart(spec, metadata.name, pool)
    if node and owners and owners[0].kind == "DaemonSet":
        spec.affinity = without_pin(spec.affinity, node)
    template, labels = template_of(spec, pool), pool.labels(bytes(metadata.labels))
    made = Kin(pool.string(metadata.namespace), pool.string(phase), template, labels, owners)
    shared = (made.namespace, made.phase, template, id(labels), owners)
    return pool.kin.setdefault(shared, made), node, claims
