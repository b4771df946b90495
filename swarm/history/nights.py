"""
A scan that could not be remembered is still a scan: the report goes out, and says that it was not.

What ``deepscan run`` does with its history: which scan is the baseline, since when each problem is known, storing the
night. Recordings are no nights: without ``--history`` they are neither compared with the history nor stored.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reports.diff import with_baseline
from reports.load import ReportNotRead, load
from reports.report import Report
from swarm.errors import ConfigurationError, HistoryUnavailable
from swarm.history.address import NONE, Address, address_of, refuse_password

LAST = "last"


@dataclass(frozen=True)
class Memory:
    """
    What a run compares with and where it is stored.

    ``compared`` and ``stored`` are where the history lies for each, None for not at all; a ``baseline`` report read
    from a file stands in for it. ``checks`` are those that alone were asked for, ``keep`` how many nights stay.
    """

    compared: Address | None = None
    stored: Address | None = None
    baseline: Report | None = None
    checks: tuple[str, ...] = ()
    keep: int | None = None


def memory_of(
    baseline: str | None,
    flag: str | None,
    setting: str | None,
    live: bool,
    checks: tuple[str, ...] = (),
    keep: int | None = None,
) -> Memory:
    """
    What ``--baseline`` and ``--history`` (a ``flag``, else the ``setting``) mean for a run that is ``live``, or is not.

    ConfigurationError, before anything is scanned, for a place or a file that cannot be followed.
    """
    refuse_password(flag)
    address = address_of(flag or setting, "--history" if flag else "history")
    stored = address if live or flag else None
    memory = Memory(stored=stored, checks=checks, keep=keep)
    if baseline == NONE or (baseline is None and stored is None):
        return memory
    if baseline in (None, LAST):
        if address is None:
            raise ConfigurationError(
                "there is no history to take the last scan from",
                where="--baseline last",
                mend="leave --history none out, or compare with a JSON report: --baseline FILE",
            )
        return replace(memory, compared=address)
    return replace(memory, baseline=report_in(Path(baseline), "--baseline"))


def remembered(report: Report, memory: Memory, tell: Callable[[HistoryUnavailable], None]) -> Report:
    """
    The report against its baseline, stored. Where the history fails, ``tell`` is told, the report carries the warning
    and nothing else is lost.
    """
    try:
        report = _compared(report, memory)
    except HistoryUnavailable as failed:
        tell(failed)
        report = _warned(report, failed, "this report is compared with no earlier scan")
    if memory.stored is None or report.scan.partial:
        return report
    from swarm.history.store import History

    try:
        with _patient(memory.stored):
            History(memory.stored).add(report, memory.checks, memory.keep)
    except HistoryUnavailable as failed:
        tell(failed)
        return _warned(report, failed, "this scan is not remembered")
    return report


def report_in(path: Path, flag: str) -> Report:
    """The JSON report in a file. ConfigurationError where there is none."""
    try:
        return load(path.read_bytes())
    except (OSError, ReportNotRead) as error:
        cause = error.strerror or "" if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            "there is no report to read",
            where=f"{flag} {path}",
            cause=cause,
            mend="name a report that was written with --format json=PATH",
        ) from None


def _compared(report: Report, memory: Memory) -> Report:
    if memory.baseline is not None:
        return with_baseline(report, memory.baseline)
    if memory.compared is None:
        return report
    from swarm.history.store import History

    history = History(memory.compared)
    with _patient(memory.compared):
        baseline = history.before(report, memory.checks)
        if baseline is None:
            return report
        first_seen = {problem.id: report.scan.now for problem in report.problems}
        first_seen |= history.first_seen(first_seen, report.scan.now)
    return with_baseline(report, baseline, first_seen)


@contextmanager
def _patient(address: Address) -> Iterator[None]:
    """Who interrupts a wait for the history still gets the report."""
    try:
        yield
    except KeyboardInterrupt:
        raise HistoryUnavailable(
            "the history was interrupted", where=address.shown, mend="run again, or with --history none"
        ) from None


def _warned(report: Report, failed: HistoryUnavailable, lost: str) -> Report:
    told = f"{lost}: {failed.sentence} ({failed.where}); {failed.mend}"
    return report.model_copy(update={"warnings": [*report.warnings, told]})
