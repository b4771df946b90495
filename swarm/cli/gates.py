"""
A pipeline that runs deepscan wants one bit: may it go on?

Gates look at problems, not findings: ``high`` trips on any problem of that severity or worse, ``new:high``
on one that the baseline did not have (without a baseline all are new). One that recurs was not in the baseline
either: a longer memory must not open a gate.
"""

import sys
from collections.abc import Sequence

from reports.report import Report
from scanners.finding import Severity
from swarm.errors import ConfigurationError
from swarm.settings import nearest

_NEW = (None, "new", "recurring")


def tripped(report: Report, rules: Sequence[str]) -> bool:
    """Whether any rule trips; each that does is told on stderr with how many problems tripped it."""
    gates = [(rule, *_parse(rule)) for rule in rules]
    found = False
    for rule, only_new, severity in gates:
        count = sum(
            1
            for problem in report.problems
            if problem.severity.weight >= severity.weight and (not only_new or problem.state in _NEW)
        )
        if count:
            sys.stderr.write(f"gate {rule}: {count} problem{'s' if count != 1 else ''}\n")
            found = True
    return found


def check_rules(rules: Sequence[str]) -> None:
    """ConfigurationError for a rule that cannot be read, before any cluster is touched."""
    for rule in rules:
        _parse(rule)


def _parse(rule: str) -> tuple[bool, Severity]:
    only_new, word = rule.startswith("new:"), rule.removeprefix("new:")
    if word not in list(Severity):
        raise ConfigurationError(f"{rule} is no gate", where="--fail-on", mend=nearest(word, list(Severity)))
    return only_new, Severity(word)
