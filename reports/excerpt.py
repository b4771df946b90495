"""
A team asks what is its own; forty problems of other teams answer nothing.

An excerpt of a report is a report: its problems are some of the whole's, at their ranks, with the findings that they
explain, and the sums are theirs. Coverage, checks and gaps stay those of the whole scan.
"""

from reports.arithmetic import blocked_workloads, severities, waste
from reports.report import Report


def owners(report: Report) -> list[str]:
    """Who owns a problem of this report."""
    return sorted({problem.owner for problem in report.problems if problem.owner})


def of_owner(report: Report, owner: str) -> Report:
    """
    The problems of one owner. What is gone since the baseline has no owner any more and is left out; so is what was
    suppressed.
    """
    problems = [problem for problem in report.problems if problem.owner == owner]
    named = {name for p in problems for name in (p.root.finding, *p.findings, *p.contributes)}
    findings = [finding for finding in report.findings if finding.id in named]
    total, split = waste(problems)
    compared = report.summary.new is not None
    new = sum(1 for problem in problems if problem.state == "new")
    return report.model_copy(
        update={
            "problems": problems,
            "findings": findings,
            "summary": report.summary.model_copy(
                update={
                    "problems": severities(problem.severity for problem in problems),
                    "findings": severities(finding.severity for finding in findings),
                    "waste_usd_per_month": total,
                    "waste_by_saving": split,
                    "blocked_workloads": blocked_workloads(findings),
                    "new": new if compared else None,
                    "persisting": len(problems) - new if compared else None,
                    "resolved": None,
                    "incomparable": None,
                }
            ),
            "suppressed": [],
            "resolved": [],
            "incomparable": [],
        }
    )
