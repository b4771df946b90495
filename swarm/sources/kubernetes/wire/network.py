"""Policies, Services, their endpoints, Ingresses."""

import msgspec

from swarm.sources.kubernetes.wire.metadata import IntOrString, LabelSelector, Metadata, ObjectReference, Wire


class PolicyPort(Wire):
    """ports[] of a policy rule."""

    protocol: str | None = None
    port: IntOrString | None = None
    end_port: int | None = None


class AddressBlock(Wire):
    """ipBlock of a peer."""

    cidr: str | None = None
    excepted: list[str] | None = msgspec.field(default=None, name="except")


class Peer(Wire):
    """from[] and to[]."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: AddressBlock | None = None


class PolicyRule(Wire):
    """ingress[] (``from``) and egress[] (``to``)."""

    sources: list[Peer] | None = msgspec.field(default=None, name="from")
    targets: list[Peer] | None = msgspec.field(default=None, name="to")
    ports: list[PolicyPort] | None = None


class PolicySpec(Wire):
    """spec of a NetworkPolicy."""

    pod_selector: LabelSelector | None = None
    policy_types: list[str] | None = None
    ingress: list[PolicyRule] | None = None
    egress: list[PolicyRule] | None = None


class NetworkPolicy(Wire):
    """A networking.k8s.io/v1 NetworkPolicy."""

    metadata: Metadata | None = None
    spec: PolicySpec | None = None


class ServicePort(Wire):
    """spec.ports[] of a Service."""

    port: int | None = None
    name: str | None = None
    protocol: str | None = None
    target_port: IntOrString | None = None


class ServiceSpec(Wire):
    """spec of a Service."""

    type: str | None = None
    selector: dict[str, str] | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    external_name: str | None = None
    load_balancer_ip: str | None = msgspec.field(default=None, name="loadBalancerIP")
    external_ips: list[str] | None = msgspec.field(default=None, name="externalIPs")
    ports: list[ServicePort] | None = None


class LoadBalancerPoint(Wire):
    """status.loadBalancer.ingress[] of Services and Ingresses."""

    ip: str | None = None
    hostname: str | None = None


class LoadBalancerState(Wire):
    """status.loadBalancer."""

    ingress: list[LoadBalancerPoint] | None = None


class Exposure(Wire):
    """The status of Services and Ingresses."""

    load_balancer: LoadBalancerState | None = None


class Service(Wire):
    """A v1 Service."""

    metadata: Metadata | None = None
    spec: ServiceSpec | None = None
    status: Exposure | None = None


class EndpointConditions(Wire):
    """endpoints[].conditions."""

    ready: bool | None = None


class Endpoint(Wire):
    """endpoints[]."""

    addresses: list[str] | None = None
    conditions: EndpointConditions | None = None
    target_ref: ObjectReference | None = None
    node_name: str | None = None


class EndpointSlice(Wire):
    """A discovery.k8s.io/v1 EndpointSlice: it has no spec."""

    metadata: Metadata | None = None
    endpoints: list[Endpoint] | None = None


class BackendService(Wire):
    """A backend's service."""

    name: str | None = None


class Backend(Wire):
    """spec.defaultBackend and paths[].backend."""

    service: BackendService | None = None


class IngressPath(Wire):
    """rules[].http.paths[]."""

    backend: Backend | None = None


class IngressHttp(Wire):
    """rules[].http."""

    paths: list[IngressPath] | None = None


class IngressRule(Wire):
    """rules[]."""

    http: IngressHttp | None = None


class IngressSpec(Wire):
    """spec of an Ingress."""

    default_backend: Backend | None = None
    rules: list[IngressRule] | None = None


class Ingress(Wire):
    """A networking.k8s.io/v1 Ingress."""

    metadata: Metadata | None = None
    spec: IngressSpec | None = None
    status: Exposure | None = None
