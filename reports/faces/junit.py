"""
Build servers know one way to show what passed and what did not, and a check that did not look must not be green.

JUnit XML as build servers read it (the schema of Jenkins' xUnit plugin): a suite per target, a case per check. A check
with an open finding failed. One that is not measured, not configured, not applicable or left out is *skipped* with its
reason, and so is one that saw only a part and found nothing there, or whose every finding somebody suppressed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from reports.places import Places, places_of
from reports.report import CheckRow, Report, SuppressedRow
from reports.text import cleaned, one_line
from reports.words import counted, named
from scanners.finding import Finding, State
from scanners.scanner import CheckState, catalogue

ANSWERED = (CheckState.RAN, CheckState.PARTIAL)


@dataclass(slots=True)
class Case:
    """One check on one target: how it ended (None: the report has no row of it), and what it found."""

    code: str
    row: CheckRow | None = None
    open: list[Finding] = field(default_factory=list)
    recovered: list[Finding] = field(default_factory=list)
    silenced: list[tuple[Finding, SuppressedRow]] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether it looked and something is wrong; what a check without its evidence merely hints at is no failure."""
        return bool(self.open) and (self.row is None or self.row.state in ANSWERED)

    @property
    def skipped(self) -> str:
        """Why nobody can say that it passed; empty if it did, or failed."""
        if self.failed or self.row is None:
            return ""
        if self.row.state is not CheckState.RAN:
            state = self.row.state.value.replace("-", " ")
            return f"{state}: {one_line(self.row.why) or 'no reason given'}"
        return f"suppressed: {'; '.join(_why(row) for _, row in self.silenced)}" if self.silenced else ""


def text(report: Report) -> str:
    """The report as one XML document."""
    report = cleaned(report)
    places = places_of(report)
    found = _cases(report, places)
    suites = [_suite(report, places, target, found[target]) for target in _targets(report, found)]
    root = ET.Element("testsuites", name="deepscan")
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _targets(report: Report, found: Iterable[str]) -> Sequence[str]:
    """The ids of the targets in the report's order; what belongs to none comes last."""
    ids = [row.id for row in report.scan.targets]
    return [*ids, *sorted(set(found) - set(ids))]


def _cases(report: Report, places: Places) -> Mapping[str, Mapping[str, Case]]:
    """The cases by target's id and code."""
    found: dict[str, dict[str, Case]] = defaultdict(dict)
    for target in report.scan.targets:
        found[target.id] = {}
    for row in report.checks:
        found[row.target].setdefault(row.code, Case(row.code)).row = row
    silenced = {row.finding: row for row in report.suppressed if not row.expired and not row.unused}
    for finding in report.findings:
        case = found[places.id(finding.subject.cluster)].setdefault(finding.code, Case(finding.code))
        if finding.state is State.RECOVERED:
            case.recovered.append(finding)
        elif entry := silenced.get(finding.id):
            case.silenced.append((finding, entry))
        else:
            case.open.append(finding)
    return found


def _suite(report: Report, places: Places, target: str, by_code: Mapping[str, Case]) -> ET.Element:
    cases = [case for _, case in sorted(by_code.items())]
    failures, skipped = sum(case.failed for case in cases), sum(bool(case.skipped) for case in cases)
    suite = ET.Element(
        "testsuite", name=places.name(target), tests=str(len(cases)), failures=str(failures), errors="0"
    )
    suite.set("skipped", str(skipped))
    suite.set("timestamp", report.scan.now)
    suite.set("id", target)
    properties = ET.SubElement(suite, "properties")
    facts = {
        "deepscan.scan": report.scan.id,
        "deepscan.version": report.scan.deepscan_version,
        "deepscan.coverage_percent": f"{report.summary.coverage_percent:g}",
    }
    for key, value in facts.items():
        ET.SubElement(properties, "property", name=key, value=value)
    titles = {finding.code: finding.title for finding in report.findings}
    suite.extend(_case(case, titles) for case in cases)
    return suite


def _case(case: Case, titles: Mapping[str, str]) -> ET.Element:
    check = catalogue().get(case.code)
    title = (case.row.title if case.row else "") or titles.get(case.code, "")
    element = ET.Element("testcase", name=f"{case.code} {title}".strip())
    element.set("classname", f"deepscan.{check.concern}" if check else "deepscan")
    if case.failed:
        worst = max(case.open, key=lambda finding: finding.severity.weight)
        message = counted(len(case.open), "finding")
        failure = ET.SubElement(element, "failure", type=worst.severity.value, message=f"{title}: {message}")
        failure.text = _lines(case.open)
    elif case.skipped:
        ET.SubElement(element, "skipped", message=case.skipped)
    if beside := _beside(case):
        ET.SubElement(element, "system-out").text = beside
    return element


def _beside(case: Case) -> str:
    """What was seen and fails nothing."""
    blocks = [] if case.failed or not case.open else [f"merely possible:\n{_lines(case.open)}"]
    if case.recovered:
        blocks.append(f"recovered:\n{_lines(case.recovered)}")
    if case.silenced:
        blocks.append(f"suppressed:\n{_lines([finding for finding, _ in case.silenced])}")
    return "\n".join(blocks)


def _lines(findings: Sequence[Finding]) -> str:
    return "\n".join(
        f"{f.severity.value} {f.id} {one_line(named(f.subject))}: {one_line(f.message)}" for f in findings
    )


def _why(row: SuppressedRow) -> str:
    return f"{one_line(row.reason)} (until {row.until})"
