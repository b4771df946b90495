"""
The same query over the same report gives the same answer, whoever made the query.
"""

from reports.query.answer import Answer
from reports.query.query import Query
from reports.report import Report


def ask(report: Report, query: Query) -> Answer:
    """What a finished report says to a query: a table per view, with what could not be seen."""
    raise NotImplementedError
