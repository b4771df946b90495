"""
Scans of a control plane by the command itself, as a user of it would run them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.swarm.cli.command import Ended, deepscan

from .fault import Fault
from .faults import QUICK_AGES

SETTINGS = QUICK_AGES


@dataclass(frozen=True)
class Scans:
    """Runs ``deepscan`` with ages lowered to a second, files under one folder."""

    folder: Path

    @property
    def settings(self) -> Path:
        path = self.folder / "deepscan.toml"
        path.write_text(SETTINGS)
        return path

    def run(self, *arguments: str | Path, status: int | None = 0) -> dict[str, Any]:
        """A scan's JSON report; ``status`` is the exit status that it must have, None for any."""
        ended = self.ended("run", *arguments, "--format", "json=-", "--baseline", "none", "--no-llm")
        assert status is None or ended.status == status, ended.err
        return ended.report

    def ended(self, *arguments: str | Path) -> Ended:
        return deepscan(*arguments, "--config", self.settings)

    def keep(self, name: str, report: dict[str, Any]) -> None:
        (self.folder / name).write_text(json.dumps(report, indent=1))


def actionable(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings of medium and above that are so now."""
    return [
        finding for finding in report["findings"]
        if finding["severity"] in ("critical", "high", "medium") and finding["state"] != "recovered"
    ]  # fmt: skip


def told(finding: dict[str, Any]) -> str:
    """A finding in a line, for assertions that people read."""
    subject = finding["subject"]
    return (
        f"{finding['code']} {subject['kind']}/{subject['namespace']}/{subject['name']}: {finding['message']}"
    )


def found_for(report: dict[str, Any], fault: Fault) -> list[dict[str, Any]]:
    """Findings with the fault's code on its subject."""
    parts = ("group", "kind", "namespace", "name")
    wanted = tuple(getattr(fault.subject, part) for part in parts)
    return [
        finding
        for finding in report["findings"]
        if finding["code"] == fault.code and tuple(finding["subject"][part] for part in parts) == wanted
    ]


def names_the_cause(finding: dict[str, Any], cause: str) -> bool:
    """Whether the message, class, facts or evidence hold the fault's cause word."""
    values = [row["value"] for row in finding["evidence"]]
    text = json.dumps(
        [finding["message"], finding["cause_class"], finding["facts"], values], ensure_ascii=False
    )
    return cause.lower() in text.lower()


def identities(report: dict[str, Any]) -> set[str]:
    """Ids of the findings that are so now."""
    return {finding["id"] for finding in report["findings"] if finding["state"] != "recovered"}
