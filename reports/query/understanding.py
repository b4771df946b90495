"""
A question that was half understood must not be answered as if it had been understood.

What reading a question gives: a query and the words that had no part in it, or what was understood and what would be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.query.query import Query

EXAMPLES = (
    "pods in data-pipelines that were OOM-killed in the last 24 hours",
    "GPU allocation ratio per node pool",
    "which pods are stuck in Pending for more than 30 minutes",
    "stale PVC mounts",
    "network policy gaps in ml-research",
    "namespaces near their quota and nodes under memory pressure",
    "CronJobs that fail, with their last success",
    "what is my cluster doing?",
)
"""Questions that are answered without a model."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A word that no filter came of, and the known one that is nearest to it, ``""`` where none is near."""

    word: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """The query that a question means; ``unread`` are the words of it that had no part in the query."""

    query: Query
    unread: Sequence[Unread] = ()


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """No query: ``why`` in a sentence, what of the question was ``understood``, which words were not."""

    why: str
    understood: Sequence[str] = ()
    unread: Sequence[Unread] = ()
    examples: Sequence[str] = EXAMPLES
