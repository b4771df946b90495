"""
"didn't match Pod's node affinity/selector" hides which of five labels the nodes lack.

Node selectors and required node affinity (checks.md S2): terms are ORed, the expressions of a term ANDed, an
empty term matches nothing, ``matchFields`` knows the node's name only. The answer is what fails, not whether.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scanners.facts.fact import SelectorTerm
from scanners.facts.node import Node
from scanners.facts.pod import NodeTerm
from scanners.semantics.gpu_products import PRODUCT_LABELS
from scanners.semantics.selectors import holds

NAME_FIELD = "metadata.name"
"""The only field that ``matchFields`` may name."""


class Mismatch(NamedTuple):
    """A label or field that a node lacks: its key, and the demand as people write it (``zone in (a, b)``)."""

    key: str
    text: str


def mismatches(
    selector: Iterable[tuple[str, str]], terms: tuple[NodeTerm, ...] | None, node: Node
) -> tuple[Mismatch, ...]:
    """
    What a node lacks for a selector and for the affinity term that comes nearest; empty if it is admitted.
    """
    lacking = [Mismatch(key, f"{key}={value}") for key, value in selector if node.labels.get(key) != value]
    return (*lacking, *missing_terms(terms, node))


def missing_terms(terms: tuple[NodeTerm, ...] | None, node: Node) -> tuple[Mismatch, ...]:
    """
    What a node lacks for the nearest of some ORed terms; None admits every node, no terms at all admit none.
    """
    if terms is None:
        return ()
    tried = [_lacking(term, node) for term in terms]
    return min(tried, key=len, default=(Mismatch("", "a node affinity without terms"),))


def admitted(terms: tuple[NodeTerm, ...] | None, node: Node) -> bool:
    """Whether a node satisfies required node affinity, of a pod or of a volume."""
    return not missing_terms(terms, node)


def keys_of(selector: Iterable[tuple[str, str]], terms: tuple[NodeTerm, ...] | None) -> frozenset[str]:
    """Label keys that a selector and affinity terms look at."""
    in_terms = (term.key for node_term in terms or () for term in node_term.expressions)
    return frozenset([*(key for key, _ in selector), *in_terms])


def reads_names(terms: tuple[NodeTerm, ...] | None) -> bool:
    """Whether some term looks at the node's name, as those of DaemonSet pods do."""
    return any(term.fields for term in terms or ())


def is_zone_key(key: str) -> bool:
    """
    Whether a label names a failure zone, whoever set it (``topology.kubernetes.io/zone``, those of CSI
    drivers).
    """
    return key.rpartition("/")[2] == "zone"


def is_product_key(key: str) -> bool:
    """Whether a label names an accelerator's product."""
    return key in PRODUCT_LABELS


def _lacking(term: NodeTerm, node: Node) -> tuple[Mismatch, ...]:
    if not term.expressions and not term.fields:
        return (Mismatch("", "an empty node affinity term"),)
    fields: Mapping[str, str] = {NAME_FIELD: node.name}
    return (
        *(Mismatch(e.key, _spoken(e)) for e in term.expressions if not holds(e, node.labels)),
        *(Mismatch(e.key, _spoken(e)) for e in term.fields if not holds(e, fields)),
    )


def _spoken(term: SelectorTerm) -> str:
    match term.operator:
        case "Exists":
            return term.key
        case "DoesNotExist":
            return f"no {term.key}"
        case "Gt" | "Lt":
            return f"{term.key} {'>' if term.operator == 'Gt' else '<'} {', '.join(term.values)}"
    if term.operator == "In" and len(term.values) == 1:
        return f"{term.key}={term.values[0]}"
    return f"{term.key} {'in' if term.operator == 'In' else 'not in'} ({', '.join(term.values)})"
