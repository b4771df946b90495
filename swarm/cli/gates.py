"""
A pipeline that runs deepscan wants one bit: may it go on?

Gates look at problems, not findings: ``high`` trips on any problem of that severity or worse, ``new:high``
on one that the baseline did not have (without a baseline all are new), ``usd:5000`` on waste of so many USD a month
in all. One that recurs was not in the baseline either: a longer memory must not open a gate. What has no price is in no
sum: a gate that cannot be judged does not trip, and says so.
"""

import sys
from collections.abc import Sequence
from math import isfinite

from reports.report import Report
from scanners.finding import Severity
from swarm.errors import ConfigurationError
from swarm.settings import nearest

_NEW = (None, "new", "recurring")
_USD = "usd:"


def tripped(report: Report, rules: Sequence[str]) -> bool:
    """Whether any rule trips; each that does is told on stderr with how many problems tripped it."""
    costly = [rule for rule in rules if rule.startswith(_USD) and _costs(report, rule)]
    found = bool(costly)
    gates = [(rule, *_parse(rule)) for rule in rules if not rule.startswith(_USD)]
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
        _dollars(rule) if rule.startswith(_USD) else _parse(rule)


def _costs(report: Report, rule: str) -> bool:
    waste = report.summary.waste_usd_per_month
    if waste is None:
        sys.stderr.write(f"gate {rule}: not judged, no waste has a price\n")
        return False
    if waste < _dollars(rule):
        return False
    sys.stderr.write(f"gate {rule}: {waste:,.2f} USD a month\n")
    return True


def _dollars(rule: str) -> float:
    text = rule.removeprefix(_USD)
    try:
        amount = float(text)
    except ValueError:
        amount = 0.0
    if not isfinite(amount) or amount <= 0:
        mend = "write an amount of USD a month, like usd:5000"
        raise ConfigurationError(f"{rule} is no gate", where="--fail-on", mend=mend)
    return amount


def _parse(rule: str) -> tuple[bool, Severity]:
    only_new, word = rule.startswith("new:"), rule.removeprefix("new:")
    if word not in list(Severity):
        raise ConfigurationError(f"{rule} is no gate", where="--fail-on", mend=nearest(word, list(Severity)))
    return only_new, Severity(word)
