"""
The other pages that quote a cluster: one problem, one finding, a comparison, a ledger, an answer.
"""

from collections.abc import Callable, Mapping

from reports.changes import diff_report
from reports.diff import compare
from reports.faces import answer_files, answer_terminal, changes, ledger_text, single
from reports.ledger_view import ledger_view
from reports.query.answer import Answer
from reports.query.asking import ask
from reports.query.query import Query, View
from reports.report import Report
from reports.text import escaped


def _ledger(report: Report) -> str:
    assert report.ledger is not None
    return ledger_text.text(ledger_view(report.ledger, {row.id: row.name for row in report.scan.targets}))


def _compared(report: Report) -> str:
    before = report.model_copy(update={"problems": report.problems[:1], "findings": report.findings[:1]})
    return changes.text(compare(before, report)) + changes.text(compare(report, before))


def _compared_json(report: Report) -> str:
    before = report.model_copy(update={"problems": report.problems[:1], "findings": report.findings[:1]})
    return escaped(diff_report(compare(before, report)).model_dump_json(indent=2))


_ANSWERS: dict[int, tuple[Report, Answer]] = {}
"""By the report's identity, which is kept with it: one answer has four faces."""


def _answer(report: Report) -> Answer:
    if id(report) not in _ANSWERS:
        asked = Query(views=(View.PROBLEMS, View.FINDINGS, View.GPU_POOLS, View.SUMMARY))
        _ANSWERS[id(report)] = report, ask(report, asked)
    return _ANSWERS[id(report)][1]


PAGES: Mapping[str, Callable[[Report], str]] = {
    "show problem": lambda report: single.problem_text(report, report.problems[0]),
    "show problem json": lambda report: single.problem_json(report, report.problems[0]),
    "show finding": lambda report: "".join(single.finding_text(report, f) for f in report.findings),
    "show finding json": lambda report: "".join(single.finding_json(f) for f in report.findings),
    "diff": _compared,
    "diff json": _compared_json,
    "gpu": _ledger,
    "ask": lambda report: answer_terminal.text(_answer(report)),
    "ask markdown": lambda report: answer_files.markdown_text(_answer(report)),
    "ask csv": lambda report: answer_files.csv_text(_answer(report)),
    "ask json": lambda report: answer_files.json_text(_answer(report)),
}
"""Each as text, for a pipe or a file."""
