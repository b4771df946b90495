"""
Some causes are not in the data because everybody knows them: the kernel kills what outgrows its limit.

Sentences of ours that hold for every finding of a kind, filled with its own facts; a model may give them as the reason
of the finding, and no others.
"""

from scanners.finding import Finding, JsonValue
from scanners.kinds import Kind

_REASONS: dict[Kind, tuple[str, ...]] = {
    Kind.CONTAINER_OOM: (
        "it reached its limit of {limit_bytes} bytes",
        "it reached its memory limit of {limit_bytes} bytes",
        "it reached the memory limit of {limit_bytes} bytes",
        "it exceeded its memory limit of {limit_bytes} bytes",
        "its limit of {limit_bytes} bytes was reached",
        "its memory limit of {limit_bytes} bytes was reached",
    ),
}
"""What holds of every finding of a kind; braces are facts in the unit that follows them."""

REASON_BEHIND_COLON = frozenset(
    {
        Kind.IMAGE_PULL_FAILED, Kind.REGISTRY_FAILING, Kind.CLAIM_PENDING, Kind.ATTACH_CONFLICT, Kind.POD_UNREACHABLE,
        Kind.NODE_NOT_READY, Kind.NODE_PRESSURE, Kind.QUOTA_EXHAUSTED, Kind.PODS_NOT_CREATED,
        Kind.NAME_RESOLUTION_FAILED, Kind.DNS_DOWN,
    }
)  # fmt: skip
"""Kinds whose message reads ``what is seen: why``."""
EFFECT_BEHIND_COLON = frozenset({Kind.WEBHOOK_NO_ENDPOINTS, Kind.POLICY_MISSING})
"""Kinds whose message reads ``what is seen: what comes of it``."""


def mechanisms(finding: Finding) -> list[str]:
    """The reasons that hold of a finding; one that lacks a fact is left out."""
    known: dict[str, JsonValue] = {
        key: value for key, value in finding.facts.items() if isinstance(value, int)
    }
    told = []
    for text in _REASONS.get(finding.kind, ()):
        try:
            told.append(text.format_map(known))
        except KeyError:
            continue
    return told
