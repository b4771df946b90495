"""No false sentence of a model is believed, however near it is to a true one."""

from collections import Counter

import pytest

from reports.narration.grounding import Ground
from reports.report import Report
from tests.reports.narration.lies import MAKERS, Lie, lies, scene
from tests.reports.narration.reports import demo, of_fixtures

SEEDS = (20261119, 7)
ENOUGH = 1000


def believed(report: Report, seed: int) -> tuple[Counter[str], list[Lie]]:
    """How many lies were told in each way, and those that were believed."""
    told: Counter[str] = Counter()
    taken = []
    seen = scene(report)
    ground = Ground.of(seen.several, seen.names)
    problems = {one.problem.id: one for one in ground.several}
    for lie in lies(report, seed):
        told[lie.way] += 1
        if not ground.judged(lie.text, lie.evidence, problems[lie.problem.problem.id]).why:
            taken.append(lie)
    return told, taken


@pytest.mark.parametrize("seed", SEEDS)
def test_no_lie_about_the_demo_is_believed(seed: int) -> None:
    told, taken = believed(demo(), seed)
    print(f"seed {seed}: {len(taken)} of {told.total()} lies believed: {dict(told)}")
    assert told.total() > ENOUGH
    assert set(told) == {maker.__name__ for maker in MAKERS}
    assert taken == []


def test_no_lie_about_a_case_of_any_check_is_believed() -> None:
    told: Counter[str] = Counter()
    taken = []
    for number, report in enumerate(of_fixtures().values()):
        if number % 3 == 0:
            more, false = believed(report, SEEDS[0] + number)
            told += more
            taken += false
    print(f"seeds from {SEEDS[0]}: {len(taken)} of {told.total()} lies believed: {dict(told)}")
    assert told.total() > ENOUGH
    assert taken == []
