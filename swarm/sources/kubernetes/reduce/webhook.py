"""Webhook configurations, with the place of each webhook for evidence paths."""

from scanners.facts.network import (
    MutatingWebhookConfiguration,
    ValidatingWebhookConfiguration,
    Webhook,
    WebhookRule,
)
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.reduce.shared import identity, selector
from swarm.sources.kubernetes.wire import webhook as wire

HTTPS = 443
"""Port of a webhook's service where none is given."""


def mutating(read: wire.WebhookConfiguration, pool: Pool) -> MutatingWebhookConfiguration:
    """A MutatingWebhookConfiguration."""
    return MutatingWebhookConfiguration(**identity(read.metadata, pool), webhooks=_webhooks(read, pool))


def validating(read: wire.WebhookConfiguration, pool: Pool) -> ValidatingWebhookConfiguration:
    """A ValidatingWebhookConfiguration."""
    return ValidatingWebhookConfiguration(**identity(read.metadata, pool), webhooks=_webhooks(read, pool))


def _webhooks(read: wire.WebhookConfiguration, pool: Pool) -> tuple[Webhook, ...]:
    return tuple(_webhook(each, index, pool) for index, each in enumerate(read.webhooks or ()))


def _webhook(read: wire.Webhook, index: int, pool: Pool) -> Webhook:
    service = read.client_config.service if read.client_config else None
    called = (service.namespace or "", service.name or "", service.port or HTTPS) if service else None
    return Webhook(
        name=pool.string(read.name),
        index=index,
        failure_policy=pool.string(read.failure_policy) or "Fail",
        service=called,
        namespace_selector=selector(read.namespace_selector, pool),
        object_selector=selector(read.object_selector, pool),
        rules=tuple(_rule(each, pool) for each in read.rules or ()),
    )


def _rule(read: wire.WebhookRule, pool: Pool) -> WebhookRule:
    return WebhookRule(
        groups=pool.strings(read.api_groups),
        resources=pool.strings(read.resources),
        operations=pool.strings(read.operations),
        scope=pool.string(read.scope) or "*",
    )
