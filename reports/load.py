"""
A report is read again months later, by a newer deepscan or by hand-made scripts, and must say clearly when it
cannot be.
"""

from pydantic import ValidationError
from pydantic_core import from_json

from reports.report import SCHEMA_VERSION, Report


class ReportNotRead(Exception):
    """
    The text is not a report of a schema version that this deepscan knows; the message says why and what to
    do.
    """


def load(text: str | bytes) -> Report:
    """The report that was written by ``to_json``. Fields that a later version added are let be."""
    try:
        data = from_json(text)
    except ValueError as error:
        raise ReportNotRead(f"this is not JSON: {error}") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version is None:
        raise ReportNotRead("this is JSON but not a deepscan report: it has no schema_version")
    if version != SCHEMA_VERSION:
        raise ReportNotRead(
            f"this report has schema version {version!r}, and this deepscan reads version {SCHEMA_VERSION}; "
            "read it with the deepscan that wrote it, or scan again"
        )
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        raise ReportNotRead(f"this report is broken: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{more}"
