"""
The report that is attacked: small, and with something in every section.
"""

from functools import cache

from correlate.problem import Problem
from reports.diff import with_baseline
from reports.report import Report, SuppressedRow
from tests.reports.sample import OOM, sample
from tests.reports.test_ledger import ledger


@cache
def tame() -> Report:
    """A night with problems, gaps, a ledger, suppressions and a baseline."""
    report = sample().model_copy(update={"ledger": ledger()})
    silenced = SuppressedRow(
        finding=OOM.id, reason="known", until="2026-12-24", by="lena", entry="OOM102 ml/x"
    )
    before = sample()
    fewer: list[Problem] = before.problems[2:]
    baseline = before.model_copy(update={"problems": fewer})
    return with_baseline(report.model_copy(update={"suppressed": [silenced]}), baseline)
