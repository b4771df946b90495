"""A model's query is believed only as far as the question bears it out."""

import json

import pytest

from reports.query.query import Query, View
from reports.query.translation import NotBelieved, believed, schema, system_text

QUESTION = "Welche Pods in team-a wurden in den letzten 24 Stunden vom OOM-Killer beendet?"
GOOD = {"views": ["oom-kills"], "namespaces": ["team-a"], "window_s": 86400}


@pytest.mark.parametrize(
    "text", [json.dumps(GOOD), f"```json\n{json.dumps(GOOD)}\n```", f"Here it is: {json.dumps(GOOD)}"]
)
def test_a_query_is_read_however_it_is_wrapped(text: str) -> None:
    expected = Query(views=(View.OOM_KILLS,), namespaces=("team-a",), window_s=86400)
    assert believed(text, QUESTION) == expected


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"namespaces": ["team-b"]}, "`team-b` does not stand in the question"),
        ({"names": ["loader"]}, "`loader` does not stand in the question"),
        ({"products": ["H100"]}, "`H100` does not stand in the question"),
        ({"kinds": ["Deployment"]}, "`Deployment` does not stand in the question"),
        ({"codes": ["PVC101"]}, "no view that is asked for has PVC101"),
        ({"systems": ["skynet"]}, "there is no `skynet`"),
        ({"concerns": ["love"]}, "there is no `love`"),
        ({"order": {"column": "mood"}}, "there is no `mood`"),
        ({"views": ["everything"]}, "views.0"),
        ({"views": []}, "views"),
        ({"window_s": -1}, "window_s"),
        ({"shell": "rm -rf /"}, "shell"),
    ],
)
def test_what_the_question_does_not_bear_out_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(NotBelieved, match=why):
        believed(json.dumps(GOOD | change), QUESTION)


@pytest.mark.parametrize("text", ["", "I cannot help with that", "{", "}{", "[]", '{"views": "oom-kills"'])
def test_a_text_that_holds_no_query_is_refused(text: str) -> None:
    with pytest.raises(NotBelieved):
        believed(text, QUESTION)


def test_a_model_is_told_every_view_and_no_name_of_any_cluster() -> None:
    told = system_text() + json.dumps(schema())
    assert all(view.value in told for view in View)
    assert "demo-gpu-eu" not in told and "data-pipelines" not in told
    assert len(system_text()) < 6000
