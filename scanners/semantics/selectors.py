"""
An empty selector takes everything, a missing one takes nothing or one's own namespace: half of all policy bugs.

checks.md S2. Whether nil means all or none is the caller's to say; here a selector is always given.
"""

from collections.abc import Mapping

from scanners.facts.fact import LabelSelector, SelectorTerm


def matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a selector: all of matchLabels and all of matchExpressions."""
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        holds(term, labels) for term in selector.match_expressions
    )


def holds(term: SelectorTerm, labels: Mapping[str, str]) -> bool:
    """Whether one expression holds. NotIn and DoesNotExist match an absent key; Gt and Lt compare integers."""
    value = labels.get(term.key)
    match term.operator:
        case "In":
            return value is not None and value in term.values
        case "NotIn":
            return value is None or value not in term.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _compares(term.operator, value, term.values)
    return False


def _compares(operator: str, value: str | None, values: tuple[str, ...]) -> bool:
    try:
        left, right = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return left > right if operator == "Gt" else left < right
