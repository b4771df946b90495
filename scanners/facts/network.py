"""
Who may talk to whom, through which Service, and which webhook stands in the way of every write.
"""

from typing import ClassVar

import msgspec

from scanners.facts.fact import Fact, LabelSelector


class PolicyPort(msgspec.Struct, frozen=True, gc=False):
    """A port of a policy rule: number, or name, or neither (every port of the protocol); ``end`` closes a range."""

    protocol: str = "TCP"
    number: int | None = None
    name: str = ""
    end: int | None = None


class Peer(msgspec.Struct, frozen=True, gc=False):
    """A peer: pods by selectors (nil namespace selector = own namespace), or an ``ipBlock`` (``cidr`` set)."""

    pods: LabelSelector | None = None
    namespaces: LabelSelector | None = None
    cidr: str = ""
    excepted: tuple[str, ...] = ()


class PolicyRule(msgspec.Struct, frozen=True, gc=False):
    """One rule. ``peers`` None or empty = everyone, ``ports`` empty = every port."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[PolicyPort, ...] = ()


class NetworkPolicy(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A NetworkPolicy. ``types`` is None where policyTypes was left out (Ingress, and Egress if egress rules exist)."""

    group: ClassVar[str] = "networking.k8s.io"
    kind: ClassVar[str] = "NetworkPolicy"

    selector: LabelSelector
    types: tuple[str, ...] | None = None
    ingress: tuple[PolicyRule, ...] = ()
    egress: tuple[PolicyRule, ...] = ()


class ServicePort(msgspec.Struct, frozen=True, gc=False):
    """A port of a Service; ``target`` is a number or a name as text."""

    number: int
    name: str = ""
    protocol: str = "TCP"
    target: str = ""


class Service(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A Service. ``selector`` None or empty = it selects no pods. ``addresses``: what it has or asks for of the cloud's
    addresses, by value, host name or id.
    """

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "Service"

    type: str = "ClusterIP"
    selector: dict[str, str] | None = None
    cluster_ip: str = ""
    external_name: str = ""
    ports: tuple[ServicePort, ...] = ()
    addresses: tuple[str, ...] = ()


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """One endpoint of a slice; ``ready`` nil in the API means ready."""

    ready: bool
    addresses: tuple[str, ...] = ()
    pod: str = ""
    node: str = ""


class EndpointSlice(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """An EndpointSlice; its Service stands in the label ``kubernetes.io/service-name``."""

    group: ClassVar[str] = "discovery.k8s.io"
    kind: ClassVar[str] = "EndpointSlice"

    endpoints: tuple[Endpoint, ...] = ()

    @property
    def service(self) -> str:
        """Name of the Service it belongs to."""
        return self.labels.get("kubernetes.io/service-name", "")


class Ingress(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """An Ingress: the Services it exposes, and the addresses that it has or asks for."""

    group: ClassVar[str] = "networking.k8s.io"
    kind: ClassVar[str] = "Ingress"

    services: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


class WebhookRule(msgspec.Struct, frozen=True, gc=False):
    """Which requests a webhook is asked about; ``*`` matches all."""

    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    scope: str = "*"


class Webhook(msgspec.Struct, frozen=True, gc=False):
    """One webhook of a configuration. ``service`` is (namespace, name, port), None for a url."""

    name: str
    index: int = 0
    failure_policy: str = "Fail"
    service: tuple[str, str, int] | None = None
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None
    rules: tuple[WebhookRule, ...] = ()


class WebhookConfiguration(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """What both kinds of webhook configuration have in common."""

    group: ClassVar[str] = "admissionregistration.k8s.io"

    webhooks: tuple[Webhook, ...] = ()


class MutatingWebhookConfiguration(WebhookConfiguration, frozen=True, eq=False, gc=False, kw_only=True):
    """A MutatingWebhookConfiguration."""

    kind: ClassVar[str] = "MutatingWebhookConfiguration"


class ValidatingWebhookConfiguration(WebhookConfiguration, frozen=True, eq=False, gc=False, kw_only=True):
    """A ValidatingWebhookConfiguration."""

    kind: ClassVar[str] = "ValidatingWebhookConfiguration"
