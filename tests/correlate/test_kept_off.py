"""A node that idles beside a job that may not use it is one problem, and its remedy is not to shrink the pool."""

from pathlib import Path

import pytest

from correlate import Correlation, correlate
from scanners.scanner import catalogue
from tests.scanners.cases import load

FOLDER = Path(__file__).parents[2] / "fixtures" / "gpu" / "gpu_pod_cannot_be_placed"


def told(case: str) -> Correlation:
    """What the checks of unplaced pods and of idle nodes see in that case, correlated."""
    inventory = load(FOLDER / f"{case}.yaml", "GPU111").inventory()
    checks = [catalogue()[code] for code in ("GPU101", "GPU111")]
    return correlate(inventory, [(check, list(check.sightings(inventory))) for check in checks])


def test_a_taint_that_keeps_a_job_from_an_idle_node_is_the_cause() -> None:
    found = told("class-taint")
    (problem,) = found.problems
    assert problem.root.code == "GPU111"
    assert [(link.rule, link.relation) for link in problem.chain] == [("R-802", "touches")]
    assert {finding.code for finding in found.findings} == {"GPU101", "GPU111"}


@pytest.mark.parametrize("case", ["class-product", "class-zone"])
def test_a_node_that_would_not_do_idles_for_reasons_of_its_own(case: str) -> None:
    assert all(not problem.chain for problem in told(case).problems)
