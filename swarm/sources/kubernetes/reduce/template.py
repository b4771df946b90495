"""
Replicas share a spec word for word, apart from the node they landed on and the claims that are theirs alone.

Sharing is exact: a spec without its per-pod fields is encoded again, and only an equal text (by digest) gives
the same template. Specs that differ merely in what decoding drops (a run id in an argument) meet again by the
digest of the template itself.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Raw

from scanners.facts.pod import NodeTerm, PodTemplate, Port, Reference, Toleration
from swarm.sources.kubernetes.reduce.container import container, host_ports
from swarm.sources.kubernetes.reduce.mould import TOKEN_VOLUME
from swarm.sources.kubernetes.reduce.pool import Pool, digest
from swarm.sources.kubernetes.reduce.shared import node_terms
from swarm.sources.kubernetes.reduce.volume import volume, volume_references
from swarm.sources.kubernetes.wire import template as wire
from swarm.sources.kubernetes.wire.metadata import NOTHING, Scalar
from swarm.sources.kubernetes.wire.pod import PodSpec, Volume

_encode = msgspec.json.Encoder().encode
_encode_into = msgspec.json.Encoder().encode_into
_affinity = msgspec.json.Decoder(wire.Affinity | None).decode
_tolerations = msgspec.json.Decoder(list[wire.Toleration] | None).decode
_spreads = msgspec.json.Decoder(list[wire.SpreadConstraint] | None).decode
_gates = msgspec.json.Decoder(wire.Gated | None).decode
_named = msgspec.json.Decoder(list[wire.Named] | None).decode
_resources = msgspec.json.Decoder(wire.Resources | None).decode
_table = msgspec.json.Decoder(dict[str, Scalar | None] | None).decode


def template_of(spec: PodSpec, pool: Pool) -> PodTemplate:
    """The shared template of a spec whose per-pod fields were taken out (:func:`take_apart`)."""
    key = digest(_encode(spec))
    found = pool.templates.get(key)
    if found is None:
        built = _build(spec, pool)
        found = pool.templates[key] = pool.twins.setdefault(digest(_encode(built)), built)
    return found


def take_apart(spec: PodSpec, pod: str, pool: Pool) -> tuple[tuple[str, str], ...]:
    """
    Take what is the pod's own out of its spec: node, gates, token volume, claim names.

    Returns the (volume, claim) pairs; an ephemeral volume's claim is named after the pod. Changes ``spec``.
    """
    spec.node_name = None
    spec.scheduling_gates = NOTHING
    if not spec.volumes:
        return ()
    kept, claims = [], []
    for each in spec.volumes:
        if each.persistent_volume_claim is not None or each.ephemeral is not NOTHING:
            claims.append((pool.string(each.name), _claim_of(each, pod, pool)))
        elif each.name.startswith(TOKEN_VOLUME):
            continue
        kept.append(each)
    spec.volumes = kept
    return tuple(claims)


def _claim_of(volume: Volume, pod: str, pool: Pool) -> str:
    source = volume.persistent_volume_claim
    if source is None:
        return f"{pod}-{volume.name}"
    name, source.claim_name = source.claim_name, None
    return pool.string(name)


def without_pin(affinity: Raw, node: str) -> Raw:
    """
    The affinity of a DaemonSet's pod without its pin to the node on which it already stands.

    The DaemonSet controller replaces all required terms by ``metadata.name in [node]``
    (ReplaceDaemonSetPodNodeNameNodeAffinity): it is a per-pod field like nodeName, and would make each such
    pod a template of its own.
    """
    read = _affinity(affinity) if affinity is not NOTHING else None
    required = read.node_affinity.required if read and read.node_affinity else None
    terms = required.node_selector_terms if required else None
    if read is None or terms is None or len(terms) != 1 or terms[0].match_expressions:
        return affinity
    fields = terms[0].match_fields or []
    if [(field.key, field.operator, field.values) for field in fields] != [("metadata.name", "In", [node])]:
        return affinity
    read.node_affinity = None
    return Raw(_encode(read))


def gates(spec: bytes, pool: Pool) -> tuple[str, ...]:
    """Names of the scheduling gates that still hold the pod back."""
    read = _gates(spec) if spec else None
    return pool.strings(each.name for each in read.scheduling_gates or ()) if read else ()


def _build(spec: PodSpec, pool: Pool) -> PodTemplate:
    affinity = (_affinity(spec.affinity) if spec.affinity is not NOTHING else None) or wire.Affinity()
    resources = (_resources(spec.resources) if spec.resources is not NOTHING else None) or wire.Resources()
    host_network = bool(spec.host_network)
    every = [*(spec.containers or ()), *(spec.init_containers or ())]
    return PodTemplate(
        containers=tuple(container(each, pool) for each in spec.containers or ()),
        init_containers=tuple(container(each, pool, init=True) for each in spec.init_containers or ()),
        node_selector=_labels(spec.node_selector, pool),
        required_nodes=_required(affinity, pool),
        tolerations=pool.same(_tolerated(spec.tolerations, pool)),
        volumes=pool.same(tuple(volume(each, pool) for each in spec.volumes or ())),
        references=pool.same(_references(spec, pool)),
        resources=pool.table(resources.requests),
        overhead=_labels(spec.overhead, pool),
        host_network=host_network,
        host_ports=_distinct(port for each in every for port in host_ports(each, host_network, pool)),
        priority=spec.priority or 0,
        priority_class=pool.string(spec.priority_class_name),
        service_account=pool.string(spec.service_account_name),
        scheduler=pool.string(spec.scheduler_name),
        restart_policy=pool.string(spec.restart_policy) or "Always",
        resource_claims=_names(spec.resource_claims, pool),
        grace_seconds=_default(spec.termination_grace_period_seconds, 30),
        unevaluated=_unevaluated(spec, affinity),
    )


def _default(value: int | None, default: int) -> int:
    return default if value is None else value


def _distinct(ports: Iterable[Port]) -> tuple[Port, ...]:
    return tuple(dict.fromkeys(ports))


def _labels(raw: Raw, pool: Pool) -> dict[str, str]:
    return pool.table(_table(raw)) if raw is not NOTHING else {}


def _names(raw: Raw, pool: Pool) -> tuple[str, ...]:
    return pool.strings(each.name for each in _named(raw) or ()) if raw is not NOTHING else ()


def _required(affinity: wire.Affinity, pool: Pool) -> tuple[NodeTerm, ...] | None:
    return node_terms(affinity.node_affinity.required, pool) if affinity.node_affinity else None


def _tolerated(raw: Raw, pool: Pool) -> tuple[Toleration, ...]:
    text = pool.string
    return tuple(
        Toleration(text(each.key), text(each.operator), text(each.value), text(each.effect))
        for each in (_tolerations(raw) if raw is not NOTHING else None) or ()
    )


def _references(spec: PodSpec, pool: Pool) -> tuple[Reference, ...]:
    pulled = _names(spec.image_pull_secrets, pool)
    return (
        *(reference for each in spec.volumes or () for reference in volume_references(each, pool)),
        *(Reference("Secret", name) for name in pulled),
    )


def _unevaluated(spec: PodSpec, affinity: wire.Affinity) -> tuple[str, ...]:
    spreads = (
        _spreads(spec.topology_spread_constraints)
        if spec.topology_spread_constraints is not NOTHING
        else None
    ) or ()
    named = {
        "pod-affinity": any(
            each and each.required for each in (affinity.pod_affinity, affinity.pod_anti_affinity)
        ),
        "topology-spread": any(each.when_unsatisfiable != "ScheduleAnyway" for each in spreads),
    }
    return tuple(name for name, present in named.items() if present)
