"""
Dollars from an old price list look as exact as those from a new one; the reader must see which they are.

What the findings say of their prices, for the header and the warnings of a report.
"""

from collections.abc import Iterable

from scanners.finding import Finding
from scanners.semantics.price_tables import OLD_AFTER_DAYS, UNDATED, first_day
from scanners.semantics.times import DAY, age, instant


def basis_of(findings: Iterable[Finding]) -> str:
    """``list 2026-06-18 to 2026-08-03``, ``own 2026-11-01``; ``""`` where nothing is priced."""
    days: dict[str, list[str]] = {}
    for kind, day in sorted(_used(findings)):
        days.setdefault(kind, []).append(day)
    return "; ".join(
        f"{kind} {' to '.join(dict.fromkeys([found[0], found[-1]]))}" for kind, found in days.items()
    )


def bases_of(findings: Iterable[Finding]) -> str:
    """In full, what the prices of some findings are, each once."""
    told = [f.facts.get("price_basis") for f in findings if f.facts.get("usd_per_month") is not None]
    return "; ".join(dict.fromkeys(text for text in told if isinstance(text, str) and text))


def warnings_of(findings: Iterable[Finding], now: str) -> list[str]:
    """A line for each day of prices in use that is further back than the documented number of days, or not told."""
    return [text for kind, day in sorted(_used(findings)) if (text := _warning(kind, day, now))]


def _used(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    """Kind (``list``, ``own``) and day of every price that a finding's dollars stand on."""
    used = set()
    for finding in findings:
        basis = finding.facts.get("price_basis")
        if isinstance(basis, str) and basis and finding.facts.get("usd_per_month") is not None:
            used.add((basis.partition(" ")[0], str(finding.facts.get("price_as_of") or UNDATED)))
    return used


def _warning(kind: str, day: str, now: str) -> str:
    mend = "name newer ones with --prices"
    first = first_day(day)
    if first is None:
        return f"{kind} prices without a date are in use: {mend}"
    days = (age(first.isoformat(), instant(now) or 0.0) or 0.0) / DAY
    if days <= OLD_AFTER_DAYS:
        return ""
    return f"{kind} prices of {day} are in use, {days:.0f} days old at the scan: {mend}"
