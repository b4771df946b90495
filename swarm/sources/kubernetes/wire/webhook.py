"""Webhook configurations: who is asked before anything is written."""

from swarm.sources.kubernetes.wire.metadata import LabelSelector, Metadata, Wire


class ServiceReference(Wire):
    """clientConfig.service."""

    namespace: str | None = None
    name: str | None = None
    port: int | None = None


class ClientConfig(Wire):
    """clientConfig: a service, or a url that is not read."""

    service: ServiceReference | None = None


class WebhookRule(Wire):
    """rules[]."""

    api_groups: list[str] | None = None
    resources: list[str] | None = None
    operations: list[str] | None = None
    scope: str | None = None


class Webhook(Wire):
    """webhooks[]."""

    name: str | None = None
    failure_policy: str | None = None
    client_config: ClientConfig | None = None
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None
    rules: list[WebhookRule] | None = None


class WebhookConfiguration(Wire):
    """A Mutating- or ValidatingWebhookConfiguration: webhooks stand beside metadata."""

    metadata: Metadata | None = None
    webhooks: list[Webhook] | None = None
