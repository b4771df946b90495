"""People ask in other words and for other names: many wordings of one wish are one query."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.query.grammar import LONGEST, understood
from reports.query.language.tokens import stem
from reports.query.language.vocabulary import PHRASES
from reports.query.query import Order, Query, View
from reports.query.understanding import EXAMPLES, NotUnderstood, Understood
from scanners.finding import Severity

DAY = 86400

OPENINGS = (
    "",
    "show me ",
    "which are the ",
    "list all ",
    "please find the ",
    "what about ",
    "I need to see the ",
)
WISHES: dict[View, tuple[str, ...]] = {
    View.OOM_KILLS: (
        "OOM kills",
        "OOM-killed pods",
        "pods that were OOMKilled",
        "containers killed for memory",
    ),
    View.GPU_POOLS: ("GPU allocation ratios", "pools with free GPUs", "GPU utilisation of node pools"),
    View.PENDING: ("pods stuck in Pending", "unschedulable workloads", "pods that cannot be scheduled"),
    View.CLAIMS: ("stale PVC mounts", "persistent volume claims", "stale volumes"),
    View.POLICIES: ("network policy gaps", "workloads without any network policy", "missing NetworkPolicies"),
    View.QUOTAS: ("quotas", "ResourceQuotas that are nearly used up", "resource quota usage"),
    View.PRESSURE: ("nodes under memory pressure", "nodes with disk pressure"),
    View.CRONJOBS: ("failing CronJobs", "cron jobs with failures", "CronJobs that have not succeeded"),
    View.NODE_FAILURES: ("failed runs tied to node events", "runs that failed because of a node"),
}
PLACES: dict[str, tuple[str, ...]] = {
    "": ("",),
    "ml-research": (
        " in ml-research",
        " in the ml-research namespace",
        " in namespace ml-research",
        " within ns/ml-research",
    ),
    "payments": (" in namespace payments", " in the payments namespace"),
    "team-7": (" inside team-7",),
}
TIMES: dict[int | None, tuple[str, ...]] = {
    None: ("",),
    DAY: (" in the last 24 hours", " over the past day", " since the last 24h", " today"),
    2 * 3600: (" within the last two hours", " of the last 120 min"),
    7 * DAY: (" this week", " in the past 7 days"),
}


def _phrasings() -> list[tuple[str, Query]]:
    """Every wish in every wording, with places and times and openings that take turns."""
    found = []
    places = [(name, words) for name, each in PLACES.items() for words in each]
    times = [(seconds, words) for seconds, each in TIMES.items() for words in each]
    for number, ((view, wish), (place, where), (seconds, when)) in enumerate(
        product([(view, wish) for view, each in WISHES.items() for wish in each], places, times)
    ):
        opening = OPENINGS[number % len(OPENINGS)]
        first, second = (where, when) if number % 2 else (when, where)
        ending = ("", "?", ".", " please")[number % 4]
        query = Query(views=(view,), namespaces=(place,) if place else (), window_s=seconds)
        found.append((f"{opening}{wish}{first}{second}{ending}", query))
    return found


def test_every_phrasing_of_a_wish_is_one_query() -> None:
    phrasings = _phrasings()
    assert len(phrasings) >= 1000
    wrong = []
    for question, query in phrasings:
        found = understood(question)
        if not isinstance(found, Understood) or found.query != query or found.unread:
            wrong.append((question, found))
    assert not wrong, wrong[:5]


def _query(question: str) -> Query:
    found = understood(question)
    assert isinstance(found, Understood), found
    return found.query


@pytest.mark.parametrize("question", EXAMPLES)
def test_the_examples_that_are_offered_are_understood_to_the_last_word(question: str) -> None:
    found = understood(question)
    assert isinstance(found, Understood) and not found.unread


@pytest.mark.parametrize(
    ("question", "query"),
    [
        (
            "failed Airflow KubernetesExecutor pods of the last 2 h with error logs",
            Query(views=(View.FAILED_RUNS,), systems=("airflow",), window_s=7200),
        ),
        (
            "Argo steps that failed this week, with exit codes",
            Query(views=(View.FAILED_RUNS,), systems=("argo-workflows",), window_s=7 * DAY),
        ),
        (
            "Kubeflow pipeline pods with OOM kills in 24 h",
            Query(views=(View.OOM_KILLS,), systems=("kubeflow-pipelines",), window_s=DAY),
        ),
        ("underused Ray nodes that cost money", Query(views=(View.IDLE_GPUS,), systems=("kuberay",))),
        ("deep scan of the infrastructure: stuck jobs, OOM patterns, wrong PVCs", Query(views=(View.PROBLEMS,))),
        ("do instance types fit the GPU work?", Query(views=(View.INSTANCE_FIT,))),
        ("A100 nodes idle under CPU-only jobs", Query(views=(View.IDLE_GPUS,), products=("A100",))),
        ("workflows failing three times in a row", Query(views=(View.FAILURES_IN_A_ROW,), at_least=3)),
        ("workflows > 50 % over their expected duration", Query(views=(View.OVERDUE_RUNS,), at_least=0.5)),
        ("retry loops without a back-off ceiling", Query(views=(View.RETRY_LOOPS,))),
        ("which GPU pods are pending?", Query(views=(View.PENDING,), codes=("GPU111",))),
        ("pods Pending for longer than half an hour", Query(views=(View.PENDING,), lasting_s=1800)),
        ("pods pending for 90 minutes or longer", Query(views=(View.PENDING,), lasting_s=5400)),
        ("OOM kills in the last 2h30m", Query(views=(View.OOM_KILLS,), window_s=9000)),
        ("containers with at least 3 OOM kills", Query(views=(View.OOM_KILLS,), at_least=3)),
        ("pools under 70 % allocated", Query(views=(View.GPU_POOLS,), at_most=0.7)),
        ("CronJobs with more than 2 consecutive failures", Query(views=(View.CRONJOBS,), at_least=3)),
        ("CronJobs with fewer than 3 failures", Query(views=(View.CRONJOBS,), at_most=2)),
        ("GPU allocation per pool, lowest first", Query(views=(View.GPU_POOLS,))),
        ("OOM kills, oldest first", Query(views=(View.OOM_KILLS,), order=Order(column="killed"))),
        ("pods that don't fit on any node", Query(views=(View.PENDING,))),
        ("critical and high severity findings", Query(views=(View.FINDINGS,), severity=Severity.HIGH)),
        ("which nodes run only CPU workloads", Query(views=(View.IDLE_GPUS,))),
        ("when did nightly-export last succeed?", Query(views=(View.CRONJOBS,), names=("nightly-export",))),
        ("failing cronjobs and pods pending", Query(views=(View.CRONJOBS, View.PENDING))),
        ("top 5 problems", Query(views=(View.PROBLEMS,), limit=5)),
        ("critical problems", Query(views=(View.PROBLEMS,), severity=Severity.CRITICAL)),
        ("storage issues in ml", Query(views=(View.PROBLEMS,), concerns=("storage",), namespaces=("ml",))),
        ("pending pods in alpha, beta and c-1", Query(views=(View.PENDING,), namespaces=("alpha", "beta", "c-1"))),
        ("pods pending except in kube-system", Query(views=(View.PENDING,), without_namespaces=("kube-system",))),
        ("OOM kills not in team-a or team-b", Query(views=(View.OOM_KILLS,), without_namespaces=("team-a", "team-b"))),
        ("cronjob nightly-export", Query(views=(View.CRONJOBS,), names=("nightly-export",))),
        ("OOM kills of `loader`", Query(views=(View.OOM_KILLS,), names=("loader",))),
        ("pending pods of train-*", Query(views=(View.PENDING,), names=("train-*",))),
        ("OOM101 and OOM102 findings", Query(views=(View.FINDINGS,), codes=("OOM101", "OOM102"))),
        ("crash looping deployments in serving",
         Query(views=(View.FINDINGS,), codes=("WRK101",), kinds=("Deployment",), namespaces=("serving",))),
        ("idle GPUs sorted by gpus descending",
         Query(views=(View.IDLE_GPUS,), order=Order(column="gpus", descending=True))),
        ("pods waiting for a node, shortest first", Query(views=(View.PENDING,), order=Order(column="waiting"))),
        ("which claims are full", Query(views=(View.CLAIMS,), codes=("PVC106",))),
    ],
)  # fmt: skip
def test_words_become_filters(question: str, query: Query) -> None:
    assert _query(question) == query


@pytest.mark.parametrize(
    "question", ["", "   ", "what is the weather", "???", "frobnicate the quotta", "привет", "in ml"]
)
def test_a_question_without_a_known_wish_is_not_understood(question: str) -> None:
    found = understood(question)
    assert isinstance(found, NotUnderstood)
    assert found.examples and found.why


def test_an_unknown_word_is_said_with_the_nearest_known_one() -> None:
    found = understood("frobnicate the quotta")
    assert isinstance(found, NotUnderstood)
    assert [(one.word, one.nearest) for one in found.unread] == [("frobnicate", ""), ("quotta", "quota")]


def test_a_word_without_a_part_in_the_query_is_said() -> None:
    found = understood("purple pods stuck in Pending")
    assert isinstance(found, Understood)
    assert [one.word for one in found.unread] == ["purple"]


@pytest.mark.parametrize(
    "question", ["CronJobs that did not fail", "pods that aren't pending", "OOM kills without limits"]
)
def test_a_negation_that_no_filter_holds_is_not_answered_with_its_opposite(question: str) -> None:
    found = understood(question)
    assert isinstance(found, NotUnderstood)
    assert "turns the question" in found.why


def test_a_question_of_any_length_and_kind_is_read_or_refused() -> None:
    assert isinstance(understood("pending " * 1000), NotUnderstood)
    assert isinstance(understood("x" * (LONGEST + 1)), NotUnderstood)
    for question in (
        "in in in in",
        "namespace",
        "last",
        "5",
        "0 pods pending in the last 0 h",
        "'",
        "`",
        "* / -",
        "in the, and",
    ):
        understood(question)
    assert isinstance(understood("OOM kills of the last 900000 weeks"), NotUnderstood)


def test_every_phrase_of_the_vocabulary_is_understood_alone() -> None:
    deaf = []
    for words, meaning in PHRASES:
        for phrase in words.split(","):
            found = understood(phrase.strip())
            views = found.query.views if isinstance(found, Understood) else ()
            if meaning.view is not None and meaning.weight >= 5 and meaning.view not in views:
                deaf.append((phrase.strip(), meaning.view, views))
    assert not deaf


@pytest.mark.parametrize(
    "forms",
    [
        ("kill", "kills", "killed", "killing"), ("policy", "policies"), ("pvc", "pvcs"), ("gpu", "gpus"),
        ("schedule", "schedules", "scheduled", "scheduling"), ("cronjob", "cronjobs"), ("retry", "retries", "retrying"),
        ("fail", "fails", "failed", "failing"), ("crash", "crashes", "crashing"), ("node", "nodes"),
    ],
)  # fmt: skip
def test_the_forms_of_a_word_are_one_word(forms: tuple[str, ...]) -> None:
    assert len(set(map(stem, forms))) == 1


WORDS = sorted({word for words, _ in PHRASES for word in words.replace(",", " ").split()})
LOOSE = [
    "in",
    "the",
    "last",
    "not",
    "more",
    "than",
    "24h",
    "3",
    "%",
    "ns/ml",
    "a-1",
    "'",
    "`x`",
    ",",
    "namespace",
    "top",
    "by",
    "sorted",
]


@given(st.lists(st.sampled_from([*WORDS, *LOOSE]) | st.text(max_size=8), max_size=14))
def test_any_heap_of_words_is_a_query_or_is_refused(words: list[str]) -> None:
    question = " ".join(words)
    found = understood(question)
    assert found == understood(question)
    if isinstance(found, Understood):
        assert Query.model_validate_json(found.query.model_dump_json()) == found.query
