"""One report, several faces; each is a view of the same data and adds none."""

from collections.abc import Callable, Mapping

from reports.report import Report


def _terminal(report: Report) -> str:
    from reports.faces.terminal import text

    return text(report)


def _markdown(report: Report) -> str:
    from reports.faces.markdown import text

    return text(report)


def _html(report: Report) -> str:
    from reports.faces.html import text

    return text(report)


def _prometheus(report: Report) -> str:
    from reports.faces.prometheus import text

    return text(report)


def _sarif(report: Report) -> str:
    from reports.faces.sarif import text

    return text(report)


def _junit(report: Report) -> str:
    from reports.faces.junit import text

    return text(report)


def _csv(report: Report) -> str:
    from reports.faces.csv import text

    return text(report)


FACES: Mapping[str, Callable[[Report], str]] = {
    "json": Report.to_json,
    "markdown": _markdown,
    "html": _html,
    "terminal": _terminal,
    "prometheus": _prometheus,
    "sarif": _sarif,
    "junit": _junit,
    "csv": _csv,
}
"""By the name that ``--format`` knows. A face's libraries are imported when it is used, not before."""
