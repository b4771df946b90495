"""Policies, Services, endpoints, Ingresses. Nil and empty selectors stay apart: they mean opposite things."""

from collections.abc import Iterable, Sequence

from scanners.facts.fact import LabelSelector
from scanners.facts.network import (
    Endpoint,
    EndpointSlice,
    Ingress,
    NetworkPolicy,
    Peer,
    PolicyPort,
    PolicyRule,
    Service,
    ServicePort,
)
from swarm.sources.kubernetes.reduce.pool import Pool, text_of
from swarm.sources.kubernetes.reduce.shared import identity, selector
from swarm.sources.kubernetes.wire import network as wire
from swarm.sources.kubernetes.wire.metadata import Metadata

_EVERY_POD = LabelSelector()

ADDRESS_ANNOTATIONS = (
    "service.beta.kubernetes.io/aws-load-balancer-eip-allocations",
    "networking.gke.io/load-balancer-ip-addresses",
    "kubernetes.io/ingress.global-static-ip-name",
    "kubernetes.io/ingress.regional-static-ip-name",
    "service.beta.kubernetes.io/azure-pip-name",
    "service.beta.kubernetes.io/azure-load-balancer-ipv4",
)
"""Annotations in which a Service or an Ingress names addresses of the cloud, by value, name or id."""


def network_policy(read: wire.NetworkPolicy, pool: Pool) -> NetworkPolicy:
    """
    A NetworkPolicy; a podSelector that is missing counts as empty, as the API server's own decoding does.
    """
    spec = read.spec or wire.PolicySpec()
    return NetworkPolicy(
        **identity(read.metadata, pool),
        selector=selector(spec.pod_selector, pool) or _EVERY_POD,
        types=None if spec.policy_types is None else pool.strings(spec.policy_types),
        ingress=tuple(_rule(rule.sources, rule.ports, pool) for rule in spec.ingress or ()),
        egress=tuple(_rule(rule.targets, rule.ports, pool) for rule in spec.egress or ()),
    )


def service(read: wire.Service, pool: Pool) -> Service:
    """A Service."""
    spec = read.spec or wire.ServiceSpec()
    return Service(
        **identity(read.metadata, pool),
        type=pool.string(spec.type) or "ClusterIP",
        selector=None if spec.selector is None else pool.table(spec.selector),
        cluster_ip=spec.cluster_ip or "",
        external_name=spec.external_name or "",
        ports=tuple(_service_port(each, pool) for each in spec.ports or ()),
        addresses=_addresses([spec.load_balancer_ip, *(spec.external_ips or ())], read.status, read.metadata),
    )


def endpoint_slice(read: wire.EndpointSlice, pool: Pool) -> EndpointSlice:
    """An EndpointSlice."""
    return EndpointSlice(
        **identity(read.metadata, pool),
        endpoints=tuple(_endpoint(each, pool) for each in read.endpoints or ()),
    )


def ingress(read: wire.Ingress, pool: Pool) -> Ingress:
    """An Ingress: the Services that it exposes, each once."""
    spec = read.spec or wire.IngressSpec()
    paths = (path for rule in spec.rules or () if rule.http for path in rule.http.paths or ())
    backends = [spec.default_backend, *(path.backend for path in paths)]
    return Ingress(
        **identity(read.metadata, pool),
        services=pool.strings(_services(backends)),
        addresses=_addresses([], read.status, read.metadata),
    )


def _addresses(
    asked: Sequence[str | None], status: wire.Exposure | None, metadata: Metadata | None
) -> tuple[str, ...]:
    """Addresses and host names that a thing has, and those that it asks for by its annotations."""
    state = status.load_balancer if status else None
    points = (state.ingress if state else None) or ()
    had = [name for point in points for name in (point.ip, point.hostname)]
    written = (metadata.annotations if metadata else None) or {}
    named = [part for key in ADDRESS_ANNOTATIONS for part in str(written.get(key) or "").split(",")]
    return tuple(dict.fromkeys(text.strip() for text in (*asked, *had, *named) if text and text.strip()))


def _services(backends: Iterable[wire.Backend | None]) -> list[str]:
    named = (backend.service.name for backend in backends if backend and backend.service)
    return list(dict.fromkeys(name for name in named if name))


def _rule(
    peers: Sequence[wire.Peer] | None, ports: Sequence[wire.PolicyPort] | None, pool: Pool
) -> PolicyRule:
    return PolicyRule(
        tuple(_peer(each, pool) for each in peers or ()), tuple(_port(each, pool) for each in ports or ())
    )


def _peer(read: wire.Peer, pool: Pool) -> Peer:
    block = read.ip_block or wire.AddressBlock()
    return Peer(
        selector(read.pod_selector, pool),
        selector(read.namespace_selector, pool),
        pool.string(block.cidr),
        pool.strings(block.excepted),
    )


def _port(read: wire.PolicyPort, pool: Pool) -> PolicyPort:
    number = read.port if isinstance(read.port, int) else None
    name = read.port if isinstance(read.port, str) else ""
    return PolicyPort(pool.string(read.protocol) or "TCP", number, pool.string(name), read.end_port)


def _service_port(read: wire.ServicePort, pool: Pool) -> ServicePort:
    return ServicePort(
        read.port or 0,
        pool.string(read.name),
        pool.string(read.protocol) or "TCP",
        pool.string(text_of(read.target_port)),
    )


def _endpoint(read: wire.Endpoint, pool: Pool) -> Endpoint:
    target = read.target_ref
    ready = read.conditions.ready if read.conditions else None
    return Endpoint(
        ready is not False,
        pool.strings(read.addresses),
        (target.name or "") if target and target.kind in (None, "Pod") else "",
        pool.string(read.node_name),
    )
