"""
Most questions are asked in a few hundred words of the field, and those need no model to be understood.
"""

from reports.query.understanding import NotUnderstood, Understood


def understood(question: str) -> Understood | NotUnderstood:
    """The query that common English means, or what of it was understood."""
    raise NotImplementedError
