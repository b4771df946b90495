"""
Inside a cluster its Prometheus is a Service among hundreds, and anybody who may create Services may call one so.

Found by the names that the usual installations give it, in the namespaces where they stand first. What leads out of
the cluster is passed over, two that are alike are not guessed between, and no credential is ever shown to one that was
only found.
"""

from collections.abc import Iterable, Sequence

from scanners.facts.network import Service, ServicePort
from swarm.sources.prometheus.endpoint import SECONDS, Endpoint, authority_of

NAMES = (
    "prometheus-k8s", "kube-prometheus-stack-prometheus", "prometheus-kube-prometheus-prometheus", "prometheus-server",
    "prometheus", "prometheus-operated",
)  # fmt: skip
"""Services of kube-prometheus, of the charts kube-prometheus-stack and prometheus, of the operator itself."""

SUFFIXES = ("-kube-prometheus-stack-prometheus", "-kube-prometheus-prometheus", "-prometheus-server")
"""How the charts end the names of their Services when a release has a name of its own."""

LABELS = (("app.kubernetes.io/name", "prometheus"), ("operated-prometheus", "true"))
"""What the charts and the operator write on them."""

NAMESPACES = (
    "monitoring", "kube-prometheus-stack", "prometheus", "openshift-monitoring", "observability", "metrics",
    "kube-system",
)  # fmt: skip
"""Where administrators put it; a tenant's namespace is rarely called so."""

_SECURE = frozenset({443, 8443, 9091})
_PORTS = ("http-web", "web", "http", "https", "http-prometheus", "prometheus")


def prometheus_of(services: Iterable[Service]) -> tuple[Service | None, str]:
    """The Service of the cluster's Prometheus, else None and, where it would have to be guessed, why not."""
    ranked = sorted(
        (
            (rank, service.namespace, service.name, service)
            for service in services
            if (rank := _rank(service))
        ),
        key=lambda found: found[:3],
    )
    if not ranked:
        return None, ""
    best = [service for rank, _, _, service in ranked if rank == ranked[0][0]]
    if len(best) > 1:
        names = ", ".join(f"{service.namespace}/{service.name}" for service in best[:4])
        return (
            None,
            f"several Services may be the cluster's Prometheus ({names}): name one with --prometheus URL",
        )
    return best[0], ""


def endpoint_of(service: Service, ca_file: str = "", seconds: float = SECONDS) -> Endpoint:
    """How to reach a Service that was found, from inside the cluster."""
    port = _port(service.ports)
    secure = port.number in _SECURE or "https" in port.name
    host = f"{service.name}.{service.namespace}.svc"
    url = f"{'https' if secure else 'http'}://{host}:{port.number}"
    return Endpoint(url, authority=authority_of(ca_file), seconds=seconds)


def _rank(service: Service) -> tuple[int, int] | None:
    """The smaller the likelier; None for what is no Prometheus, or leads elsewhere."""
    if service.type == "ExternalName" or not service.selector or not service.ports:
        return None
    kind = _kind(service)
    if kind is None:
        return None
    known = service.namespace in NAMESPACES
    return (NAMESPACES.index(service.namespace) if known else len(NAMESPACES)), kind


def _kind(service: Service) -> int | None:
    if service.name in NAMES:
        return NAMES.index(service.name)
    if service.name.endswith(SUFFIXES):
        return len(NAMES)
    if any(service.labels.get(label) == value for label, value in LABELS):
        return len(NAMES) + 1
    return None


def _port(ports: Sequence[ServicePort]) -> ServicePort:
    for name in _PORTS:
        for port in ports:
            if port.name == name:
                return port
    return next((port for port in ports if port.number == 9090), ports[0])
