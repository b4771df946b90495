"""
A scan that is over is read again: by the team that owns a part of it, by whoever holds one id from a chat.
"""

from collections.abc import Sequence
from pathlib import Path

from reports.excerpt import of_owner, owners
from swarm.cli.output import destinations, write
from swarm.cli.plain import write_plain
from swarm.cli.stored import report_named, the_one
from swarm.errors import ConfigurationError
from swarm.settings import nearest


def render(
    scan: str,
    owner: str | None,
    formats: Sequence[str],
    output_dir: Path | None,
    flag: str | None,
    config: Path | None,
) -> None:
    """Write a stored scan in the formats that were asked for. ConfigurationError for an unknown scan or owner."""
    wanted = destinations(formats, output_dir)
    report = report_named(scan, flag, config)
    if owner is not None:
        if owner not in owners(report):
            known = owners(report)
            raise ConfigurationError(
                f"no problem of this scan belongs to {owner}",
                where="--owner",
                mend=nearest(owner, known) if known else "its objects name no owner",
            )
        report = of_owner(report, owner)
    write(report, wanted)


def show_one(id_: str, scan: str, formats: Sequence[str], flag: str | None, config: Path | None) -> None:
    """Write one problem or finding of a scan. ConfigurationError names the nearest id."""
    from reports.faces import single

    report = report_named(scan, flag, config)
    problems = {problem.id: problem for problem in report.problems}
    findings = {finding.id: finding for finding in report.findings}
    name = the_one(id_, problems | findings, "problem or finding", f"scan {report.scan.id}")
    if name in problems:
        write_plain(
            formats,
            {
                "terminal": lambda: single.problem_text(report, problems[name]),
                "json": lambda: single.problem_json(report, problems[name]),
            },
        )
    else:
        write_plain(
            formats,
            {
                "terminal": lambda: single.finding_text(report, findings[name]),
                "json": lambda: single.finding_json(findings[name]),
            },
        )
