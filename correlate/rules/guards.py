"""
Two findings in one namespace are neighbours, not relatives; what makes them relatives is that one names the
other.

Small predicates over the facts of a cause and an effect, shared by the rules.
"""

import re
from collections.abc import Iterator

from correlate.observation import Observation
from scanners.facts.ref import key_of
from scanners.finding import JsonValue

_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_DEEPEST = 8
_RESOLUTION = re.compile(
    r"name resolution|name or service not known|no such host|could not resolve host|getaddrinfo|NXDOMAIN"
    r"|:53: .*i/o timeout",
    re.IGNORECASE,
)


def texts(value: JsonValue, depth: int = 0) -> Iterator[str]:
    """Every text inside a fact: itself, the items of a list, the values of a mapping."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < _DEEPEST:
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part, depth + 1)


def names(observation: Observation, fact: str, name: str) -> bool:
    """Whether a fact of a finding names something as a whole word, by itself or as ``namespace/name``."""
    return any(name in _WORD.findall(text) for text in texts(observation.facts.get(fact)))


def touches(observation: Observation, other: Observation) -> bool:
    """Whether a finding says that it is about the other's subject."""
    wanted = other.key
    return any(key_of(touched) == wanted for touched in observation.touches)


def points_at(effect: Observation, cause: Observation) -> bool:
    """Whether a pod that has no node is kept from one by the cause's subject (correlation.md 4.1)."""
    if touches(effect, cause):
        return True
    return any(names(effect, fact, cause.subject.name) for fact in ("blocked_by", "smallest_change"))


def lists(observation: Observation, fact: str, other: Observation) -> bool:
    """Whether a fact that lists owners (``Deployment/ml/web``) holds the other's subject."""
    kind, place = other.subject.kind, other.finding.subject.place
    said = {place, other.subject.name, f"{kind}/{place}", f"{kind} {place}"}
    return any(text in said for text in texts(observation.facts.get(fact)))


def refuses(cause: Observation, effect: Observation) -> bool:
    """
    Whether an admission authority (a quota, a webhook) names the effect's owner, or is named in its refusal.
    """
    if touches(effect, cause) or lists(cause, "refused_owners", effect):
        return True
    if "refused_owners" not in cause.facts and touches(cause, effect):
        return True
    authorities = (cause.subject.name, str(cause.facts.get("webhook") or ""))
    return any(authority and names(effect, "message", authority) for authority in authorities)


def same_fact(cause: Observation, effect: Observation, fact: str) -> bool:
    """Whether both findings give a fact the same value, or one does not give it."""
    left, right = cause.facts.get(fact), effect.facts.get(fact)
    return not left or not right or left == right


def same_container(cause: Observation, effect: Observation) -> bool:
    """Whether both speak of one container, where both name one."""
    return same_fact(cause, effect, "container")


def pressed_resource(observation: Observation) -> str:
    """
    ``memory``, ``disk`` or ``pid``: what a pressure or an eviction is about; ``""`` where it does not say.
    """
    facts = (observation.facts.get(name) for name in ("condition", "signal", "resource"))
    said = " ".join([observation.finding.cause_class, *(str(fact) for fact in facts if fact)]).lower()
    for resource, words in _PRESSED.items():
        if any(word in said for word in words):
            return resource
    return ""


_PRESSED = {"memory": ("memory",), "disk": ("disk", "fs.", "ephemeral", "inode"), "pid": ("pid",)}


def says_name_resolution(observation: Observation) -> bool:
    """Whether a finding's log lines or messages complain that a name could not be resolved."""
    said = (observation.facts.get(name) for name in ("last_log_lines", "message", "reason"))
    return any(_RESOLUTION.search(text) for fact in said for text in texts(fact))


def placing_cause(observation: Observation) -> str:
    """Why a pod has no node, in the words of the scheduling arithmetic."""
    return str(observation.facts.get("cause") or observation.finding.cause_class)


def number(observation: Observation, fact: str) -> float:
    """A fact as a number, 0 where it is none."""
    value = observation.facts.get(fact)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
