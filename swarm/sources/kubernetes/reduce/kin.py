"""
Of two thousand replicas each says what all the others say; to see that it does must be cheaper than to read it.

Lists come sorted, so replicas follow one another: what a pod says is compared, as text, with what the pod
before it of the same owner said. Only what differs is looked up by its content.
"""

from scanners.facts.fact import Owner
from scanners.facts.pod import Kin
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.reduce.template import encoded, template_of
from swarm.sources.kubernetes.wire import pod as wire


def kin_of(
    metadata: wire.PodMetadata, spec: wire.PodSpec, phase: str, owners: tuple[Owner, ...], pool: Pool
) -> Kin:
    """What a pod shares; its spec is without per-pod fields (:func:`.template.take_apart`)."""
    labels, text = bytes(metadata.labels), encoded(spec)
    owner = owners[0].uid if owners else ""
    said = (metadata.namespace, phase, owners, labels, text)
    recent = pool.recent_kin.get(owner, said)
    if recent is not None:
        return recent
    made = Kin(
        pool.string(metadata.namespace),
        pool.string(phase),
        template_of(spec, pool, text),
        pool.labels(labels),
        owners,
    )
    shared = (made.namespace, made.phase, made.template, id(made.labels), owners)
    found = pool.kin.setdefault(shared, made)
    pool.recent_kin.keep(owner, said, found)
    return found
