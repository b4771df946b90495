"""
A question in any words and any language may become a query, as long as the model never sees what the query is put to.

Only the question leaves, and only a query comes back; whatever else happens, the grammar reads the question.
"""

from reports.query.query import Query
from reports.query.translation import NotBelieved, believed, schema, system_text
from swarm.model.asker import Asker
from swarm.model.door import ModelFailed, Question

ANSWER_TOKENS = 500
"""Most tokens of a query."""


def translation_of(question: str) -> Question:
    """What a model is asked: the description of queries, and the user's own words; nothing of any cluster."""
    return Question(system_text(), question, schema(), ANSWER_TOKENS)


async def translated(question: str, model: Asker) -> Query:
    """
    The query that the model makes of a question. ModelFailed where it gives none that can be believed. Closes the
    model.
    """
    asked = translation_of(question)
    try:
        answer = await model.ask(asked)
        try:
            query = believed(answer.text, question)
        except NotBelieved as refused:
            what = f"its translation of the question was not used: {refused}"
            raise ModelFailed("malformed", what, where=model.destination) from None
        model.keep(asked, answer)
        return query
    finally:
        await model.close()
