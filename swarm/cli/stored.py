"""
People name a scan by what they remember of it.
"""

from pathlib import Path

from reports.load import ReportNotRead, load
from reports.report import Report
from swarm.errors import ConfigurationError


def report_named(scan: str) -> Report:
    """The report that SCAN means: a JSON report's file. ConfigurationError where there is none, or it is no report."""
    path = Path(scan)
    if not path.is_file():
        raise ConfigurationError(
            "there is no report", where=scan, mend="name a file that `deepscan run --format json=FILE` wrote"
        )
    try:
        return load(path.read_bytes())
    except (ReportNotRead, OSError) as broken:
        raise ConfigurationError(
            "the report cannot be read", where=scan, cause=str(broken), mend="scan again"
        ) from None
