"""
A vice president reads one screen, an engineer one card, a reviewer the gaps: one page must serve all three.

:func:`page_of` lays a report out for people, cleaned of anything that could fool them; faces only set it in
type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.card import Card, card_of
from reports.changes import ChangeGroup, SilencedLine, changes, silenced, unchanged
from reports.gaps import CheckGroup, Gap, by_reason, gaps, passed
from reports.headline import Tile, headline, tiles
from reports.ledger_view import LedgerView, ledger_view
from reports.prices import basis_of
from reports.report import AgentRow, CheckRow, Report, TargetRow
from reports.text import cleaned
from reports.words import DASH, counted, listed, moment, percent, plain
from scanners.scanner import CheckState

SHOWN = 10
"""Ranked problems in sight; the rest is folded."""
PER_OWNER = 3
METHOD = (
    "A problem is a root cause with every finding that it explains. Order: severity, then what stops or "
    "fails work before what only costs, then score, then the number of explained findings, then id. Score "
    "= 100 × confidence × (0.40 × impact + 0.25 × severity + 0.20 × waste + 0.15 × urgency), each part "
    "from 0 to 1; an unknown price counts as 0. Coverage = 100 × (ran + 0.5 × measured in part) ÷ (ran + "
    "measured in part + not measured), over every check on every target. A dash is an unknown. deepscan "
    "only reads: it runs none of the commands shown."
)


@dataclass(frozen=True, slots=True)
class Owner:
    """What one team is asked to look at: its problems, the first of them, its dollars."""

    name: str
    cards: Sequence[Card]
    usd: float | None

    @property
    def top(self) -> Sequence[Card]:
        """Its first problems by rank."""
        return self.cards[:PER_OWNER]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A report for people. ``names``: target id to name; the groups of checks are those without a result."""

    report: Report
    name: str
    several_targets: bool
    header: Sequence[tuple[str, str]]
    headline: str
    tiles: Sequence[Tile]
    ledger: LedgerView | None
    cards: Sequence[Card]
    owners: Sequence[Owner]
    gaps: Sequence[Gap]
    names: Mapping[str, str]
    troubled_agents: Sequence[AgentRow]
    not_measured: Sequence[CheckGroup]
    partial: Sequence[CheckGroup]
    not_applicable: Sequence[CheckGroup]
    not_configured: Sequence[CheckGroup]
    skipped: Sequence[CheckGroup]
    passed: Sequence[CheckRow]
    changes: Sequence[ChangeGroup]
    silenced: Sequence[SilencedLine]

    @property
    def since(self) -> str:
        """The moment of the baseline; empty without one."""
        return moment(self.report.baseline.now) if self.report.baseline else ""

    @property
    def words(self) -> str:
        """The summary in a model's words; empty where none was told."""
        return self.report.scan.model.summary if self.report.scan.model else ""

    @property
    def unchanged(self) -> str:
        """How many problems are as they were in the baseline, as a sentence."""
        return unchanged(self.report)

    @property
    def method(self) -> str:
        """How the problems were ranked and what the words mean."""
        return METHOD

    @property
    def thresholds(self) -> Sequence[tuple[str, str, str]]:
        """Code, title and limits of each check that has any, once for all targets."""
        rows = {row.code: row for row in self.report.checks if row.thresholds}
        return [
            (
                code,
                row.title,
                ", ".join(f"{name} {plain(value)}" for name, value in sorted(row.thresholds.items())),
            )
            for code, row in sorted(rows.items())
        ]

    @property
    def priced(self) -> bool:
        """Whether any problem has a price; else a column of dashes is spared."""
        return any(card.problem.impact.usd_per_month is not None for card in self.cards)

    @property
    def compared(self) -> bool:
        """Whether the problems were compared with a baseline."""
        return any(card.problem.state for card in self.cards)

    @property
    def unread(self) -> bool:
        """Whether anything is to be told under *Not checked*."""
        return bool(self.gaps or self.not_measured or self.partial or self.troubled_agents)

    def target(self, id_: str) -> str:
        """A target's name."""
        return self.names.get(id_, id_)


def page_of(report: Report) -> Page:
    """The page of a report."""
    report = cleaned(report)
    names = {row.id: row.name for row in report.scan.targets}
    found = gaps(report, names)
    cards = _cards(report)
    return Page(
        report=report,
        name=listed([row.name for row in report.scan.targets], most=3),
        several_targets=len(names) > 1,
        header=_header(report, len(found)),
        headline=headline(report, found),
        tiles=tiles(report, found),
        ledger=ledger_view(report.ledger, names) if report.ledger else None,
        cards=cards,
        owners=_owners(cards),
        gaps=found,
        names=names,
        troubled_agents=[row for row in report.agents if row.state != "done"],
        not_measured=by_reason(report, CheckState.NOT_MEASURED, names),
        partial=by_reason(report, CheckState.PARTIAL, names),
        not_applicable=by_reason(report, CheckState.NOT_APPLICABLE, names),
        not_configured=by_reason(report, CheckState.NOT_CONFIGURED, names),
        skipped=by_reason(report, CheckState.SKIPPED, names),
        passed=passed(report),
        changes=changes(report),
        silenced=silenced(report),
    )


def _cards(report: Report) -> list[Card]:
    findings = {finding.id: finding for finding in report.findings}
    places = {place: row.name for row in report.scan.targets for place in (row.cluster_uid, row.id) if place}
    several = len(report.scan.targets) > 1
    return [
        card_of(
            problem,
            findings,
            report.scan.now,
            places.get(problem.root.subject.cluster, problem.root.subject.cluster) if several else "",
        )
        for problem in report.problems
    ]


def _header(report: Report, gap_count: int) -> list[tuple[str, str]]:
    scan = report.scan
    window = f"{scan.window_hours:g} h to " if scan.window_hours else "as of "
    scope = [f"{name} {', '.join(values)}" for name, values in scan.scope if values]
    return [
        *([("Cluster", _size(scan.targets[0]))] if len(scan.targets) == 1 else []),
        ("Window", window + moment(scan.now)),
        (
            "Coverage",
            percent(report.summary.coverage_percent)
            + (f", {counted(gap_count, 'gap')}" if gap_count else ""),
        ),
        *([("Prices", priced)] if (priced := basis_of(report.findings)) else []),
        ("Finished", moment(scan.finished_at)),
        *([("Only", "; ".join(scope))] if scope else []),
        ("Profile", scan.profile),
        ("Model", scan.model.name if scan.model else "none"),
    ]


def _size(target: TargetRow) -> str:
    """``v1.35.4, 24 nodes, 1,400 pods``, as far as it is known."""
    amounts = [(target.nodes, "node"), (target.pods, "pod")]
    parts = [target.version, *(counted(number, noun) for number, noun in amounts if number is not None)]
    return ", ".join(filter(None, parts)) or DASH


def _owners(cards: Sequence[Card]) -> list[Owner]:
    teams: dict[str, list[Card]] = {}
    for card in cards:
        if card.problem.owner:
            teams.setdefault(card.problem.owner, []).append(card)
    return [Owner(name, theirs, _dollars(theirs)) for name, theirs in sorted(teams.items())]


def _dollars(cards: Sequence[Card]) -> float | None:
    known = [
        card.problem.impact.usd_per_month for card in cards if card.problem.impact.usd_per_month is not None
    ]
    return sum(known) if known else None
