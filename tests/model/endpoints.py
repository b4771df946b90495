"""
Every way in which an endpoint may behave, good and bad, by the name that a report of the tests uses.
"""

import copy
from collections.abc import Mapping
from typing import Any

from tests.model import narrators as n
from tests.model import server as s
from tests.model.server import Behaviour
from tests.swarm.cli.command import steady

GOOD: Mapping[str, tuple[Behaviour, ...]] = {
    "truthful": (n.narrates(),),
    "fenced": (n.fenced,),
    "429 with Retry-After, then well": (s.refuses(429, Retry_After="0.3"), n.narrates()),
    "knows no json_schema": (s.refuses(400, "response_format json_schema is not supported"), n.narrates()),
}
"""These word at least one problem."""

BAD: Mapping[str, tuple[Behaviour, ...]] = {
    "truncated": (n.half,),
    "truncated HTTP": (s.truncates,),
    "cut at its limit": (s.says('{"head": "h', finish="length"),),
    "huge": (s.floods,),
    "invalid JSON": (n.without_json,),
    "unknown id": (n.narrates(n.unknown_id),),
    "another problem's id": (n.narrates(n.anothers_id),),
    "another problem": (n.narrates(n.another_problem),),
    "another remedy": (n.narrates(n.another_remedy),),
    "wrong number": (n.narrates(n.wrong_number),),
    "obeys an injection": (n.narrates(n.obeys_an_injection),),
    "invents a command": (n.narrates(n.invents_a_command),),
    "empty": (s.says(""),),
    "null": (s.says(None),),
    "refusal": (s.says(None, refusal="I cannot help with that"),),
    "401": (s.refuses(401),),
    "404": (s.refuses(404),),
    "400": (s.refuses(400),),
    "429 for ever": (s.refuses(429, Retry_After="86400"),),
    "500": (s.refuses(500),),
    "redirect": (s.refuses(307, Location="http://192.0.2.1/v1/chat/completions"),),
    "web page": (s.web_page,),
    "stall": (s.stalls,),
    "trickle": (s.trickles,),
    "disconnect": (s.disconnects,),
    "clipped prompt": (n.narrates(n.loses_the_check_words),),
    "echo": (s.echoes,),
}
"""Of these not one word of a root cause may stand in the report."""

SECONDS = 3.0
"""What the tests allow one call, and all calls of a run twice: stalls are waited for."""


def bare(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the words that a model may change, its row and the warnings that tell of it."""
    left = copy.deepcopy(steady(report))
    left["scan"].pop("model")
    left["warnings"] = [text for text in left["warnings"] if not text.startswith(("model ", "the model "))]
    for problem in left["problems"]:
        problem.pop("cause")
        problem.pop("told_by")
        problem["remediation"].pop("text")
    return left


def words(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The words that :func:`bare` leaves out."""
    return [(p["cause"], p["remediation"]["text"], p["told_by"]) for p in report["problems"]]
