"""
"Raise the quota" is no advice; "raise requests.nvidia.com/gpu of team-b from 32 to 40" is.

The values that templates may name: the subject's own words, its facts, and amounts computed from them.
Everything is text; what is unknown is absent.
"""

import json
from collections.abc import Sequence
from decimal import ROUND_UP, Decimal

from correlate.commands import resource
from correlate.observation import Observation
from scanners.finding import JsonValue
from scanners.kinds import Kind
from scanners.semantics import quantities, times

HEADROOM = Decimal("1.25")
"""A memory limit is raised by a quarter: a smaller step often only moves the kill (checks.md OOM101)."""

ROOM = Decimal("1.5")
"""A claim is expanded by half, so that it is two thirds full where it was to the brim."""

MEBIBYTE, GIBIBYTE = Decimal(1024**2), Decimal(1024**3)
MOST_LISTED = 3
LONGEST = 300


def slots_of(cause: Observation, explained: Sequence[Observation] = ()) -> dict[str, str]:
    """
    Every slot that a cause can fill, by name; what keeps an idle node is told by the findings it explains.
    """
    slots = {name: text for name, value in cause.facts.items() for text in [_text(value)] if text}
    slots |= _measures(cause)
    slots |= {name: value for name, value in _words(cause).items() if value}
    slots |= _amounts(cause)
    blockers = [effect.finding.subject for effect in explained if effect.kind is Kind.RECLAIM_BLOCKED]
    if blockers:
        slots["blockers"] = _text([f"{blocker.kind} {blocker.place}" for blocker in blockers])
    return slots


def _words(cause: Observation) -> dict[str, str]:
    finding, subject = cause.finding, cause.subject
    pod = cause.pods[0] if cause.pods else None
    return {
        "kind": subject.kind,
        "name": subject.name,
        "namespace": subject.namespace,
        "place": finding.subject.place,
        "resource_kind": resource(subject) or "",
        "class": finding.cause_class or str(cause.facts.get("class") or ""),
        "node": finding.node or str(cause.facts.get("node") or ""),
        "pod": pod.name if pod else "",
        "pod_namespace": pod.namespace if pod else subject.namespace,
        "blocking_node": next((touched.name for touched in cause.touches if touched.kind == "Node"), ""),
        "resource_json": json.dumps(cause.facts.get("resource") or ""),
        "holder_node": str(cause.facts.get("holder_node") or ""),
        "said": finding.message.rstrip(". "),
    }


def _measures(cause: Observation) -> dict[str, str]:
    """
    Facts with units in their keys as people say them: ``limit_bytes`` gives ``limit``, ``pending_s`` gives
    ``pending``.
    """
    found: dict[str, str] = {}
    for name, value in cause.facts.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if name.endswith("_bytes"):
            found[name.removesuffix("_bytes")] = quantities.spoken(Decimal(str(value)), "memory")
        elif name.endswith("_s"):
            found[name.removesuffix("_s")] = times.spoken(float(value))
    return found


def _amounts(cause: Observation) -> dict[str, str]:
    facts = cause.facts
    found: dict[str, str] = {}
    limit = _amount(facts.get("limit_bytes"))
    if limit:
        raised = _amount(facts.get("suggested_limit_bytes")) or limit * HEADROOM
        found["raised_limit"] = f"{_mebibytes(max(raised, limit * HEADROOM))}Mi"
        found["old_limit"] = _exactly(limit)
    used, hard, wanted = (_amount(facts.get(name)) for name in ("used", "hard", "requested"))
    if used is not None and hard is not None and wanted is not None and used + wanted > hard:
        resource_name = str(facts.get("resource") or "")
        found["shortfall"] = quantities.spoken(used + wanted - hard, resource_name)
        found["new_hard_said"] = quantities.spoken(used + wanted, resource_name)
        found["old_hard_said"] = quantities.spoken(hard, resource_name)
        found["new_hard"] = _plain(used + wanted)
        found["old_hard"] = _plain(hard)
    size = _amount(facts.get("claim_bytes"))
    if size:
        found["requested"] = quantities.spoken(size, "memory")
        found["raised_size"] = f"{int((size * ROOM / GIBIBYTE).to_integral_value(ROUND_UP))}Gi"
    usage = _amount(facts.get("usage_bytes"))
    if usage:
        found["usage_request"] = f"{_mebibytes(usage)}Mi"
    return found


def _amount(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return quantities.quantity(str(value))


def _mebibytes(amount: Decimal) -> int:
    return int((amount / MEBIBYTE).to_integral_value(ROUND_UP))


def _exactly(amount: Decimal) -> str:
    return f"{amount / MEBIBYTE:f}Mi" if amount % MEBIBYTE == 0 else _plain(amount)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _text(value: JsonValue) -> str:
    """A fact as text: the first of a list, the values of a mapping; ``""`` for what says nothing."""
    match value:
        case None | bool():
            return ""
        case list():
            parts = [text for text in (_text(part) for part in value[:MOST_LISTED]) if text]
            more = len(value) - MOST_LISTED
            return ", ".join([*parts, f"and {more} more"] if more > 0 and parts else parts)
        case dict():
            return " ".join(text for text in (_text(part) for part in value.values()) if text)
    return str(value)[:LONGEST]
