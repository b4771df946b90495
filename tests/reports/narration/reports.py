"""
Reports to be told: the demo's, and one for every faulty case of the checks' fixtures.
"""

import tempfile
from functools import cache
from pathlib import Path

from correlate import correlate
from reports.assemble import Run, assemble
from reports.load import load as read_report
from reports.report import Report, Scope, TargetRow
from reports.target_result import TargetResult
from scanners.scanner import CheckState, Scanner, catalogue
from scanners.semantics.times import rfc3339
from tests.scanners.cases import load
from tests.scanners.test_checks import CASES
from tests.swarm.cli.command import deepscan


@cache
def demo() -> Report:
    """The demo's report, as a user gets it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.json"
        ended = deepscan("run", "--demo", "--quiet", "--history", "none", "--format", f"json={path}")
        assert ended.status == 0, ended.err
        return read_report(path.read_text())


@cache
def of_fixtures() -> dict[str, Report]:
    """A report of each case of which something is to be told, by the case's name."""
    told = {}
    for check, path in CASES:
        if path.stem.startswith(("faulty", "class")):
            report = _report(check, path)
            if report.problems:
                told[f"{path.parent.name}/{path.stem}"] = report
    return told


@cache
def everything() -> list[Report]:
    """The demo first, then the fixtures."""
    return [demo(), *of_fixtures().values()]


def _report(check: Scanner, path: Path) -> Report:
    inventory = load(path, check.code).inventory()
    verdict = check.verdict(inventory)
    spoke = verdict.state in (CheckState.RAN, CheckState.PARTIAL)
    seen = check.sightings(inventory) if spoke else check.hinted(inventory)
    found = correlate(inventory, [(check, seen)])
    now = rfc3339(inventory.now)
    return assemble(
        Run(
            scope=Scope(), now=now, started_at=now, finished_at=now, deepscan_version="0.1.0", profile="test"
        ),
        [
            TargetResult(
                target=TargetRow(id="fixture", provider="recorded", name=path.stem),
                findings=found.findings,
                problems=found.problems,
                now=inventory.now,
            )
        ],
        catalogue(),
    )
