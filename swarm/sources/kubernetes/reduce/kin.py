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
from swarm.sources.kubernetes.wire.metadata import NOTHING

_spec = msgspec.json.Decoder(wire.PodSpec | None).decode
_encode = msgspec.json.Encoder().encode


def kin_of(metadata: wire.PodMetadata, spec: bytes, phase: str, pool: Pool) -> tuple[Kin, str, Claims]:
    """What a pod shares, its node and its claims; ``spec`` is decoded unless it is that of the pod before."""
    references = metadata.owner_references
    owner = (references[0].uid or "") if references else ""
    said = (metadata.namespace, phase, references, bytes(metadata.labels))
    mould = pool.moulds.get(owner, said)
    if mould is not None:
        node = mould.node_in(spec)
        if node is not None:
            return mould.kin, pool.string(node.decode()), mould.claims
    read = (_spec(spec) if spec else None) or wire.PodSpec()
    repeats = all(
        volume.ephemeral is NOTHING for volume in read.volumes or ()
    )  # its claim is named after the pod
    kin, name, claims = _read(metadata, read, phase, pool)
    mould = mould_of(spec, name, kin, claims, _encode((kin.template, claims))) if repeats else None
    if mould is not None:
        pool.moulds.keep(owner, said, mould)
    return kin, name, claims


def _read(metadata: wire.PodMetadata, spec: wire.PodSpec, phase: str, pool: Pool) -> tuple[Kin, str, Claims]:
    owners = pool.owners(metadata.owner_references)
    node = pool.string(spec.node_name)
    claims = take_apart(spec, metadata.name, pool)
    if node and owners and owners[0].kind == "DaemonSet":
        spec.affinity = without_pin(spec.affinity, node)
    template, labels = template_of(spec, pool), pool.labels(bytes(metadata.labels))
    made = Kin(pool.string(metadata.namespace), pool.string(phase), template, labels, owners)
    shared = (made.namespace, made.phase, template, id(labels), owners)
    return pool.kin.setdefault(shared, made), node, claims
