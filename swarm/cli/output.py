"""
A report that is half written is worse than none: files are written under a temporary name and renamed.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.faces import FACES
from reports.report import Report
from swarm.errors import ConfigurationError, DeepscanError
from swarm.settings import nearest

SUFFIXES = {"json": ".json", "markdown": ".md", "html": ".html", "terminal": ".txt"}


@dataclass(frozen=True)
class Destination:
    """One face of the report and where it goes; no path is stdout."""

    format: str
    path: Path | None


def destinations(formats: Sequence[str], output_dir: Path | None) -> list[Destination]:
    """
    What ``--format FORMAT=PATH`` and ``--output-dir`` ask for; the terminal report where nothing is.

    ConfigurationError for an unknown format, two results on stdout, or a folder that is none.
    """
    wanted = [_destination(text) for text in formats]
    if output_dir is not None:
        wanted += [
            Destination(name, output_dir / f"deepscan{suffix}")
            for name, suffix in SUFFIXES.items()
            if name != "terminal"
        ]
    if sum(1 for destination in wanted if destination.path is None) > 1:
        raise ConfigurationError("two formats go to stdout", where="--format", mend="give one of them a path")
    return wanted or [Destination("terminal", None)]


def write(report: Report, wanted: Sequence[Destination]) -> None:
    """Write every face that was asked for; files first, stdout last. DeepscanError if a file cannot be written."""
    for destination in sorted(wanted, key=lambda d: d.path is None):
        if destination.path is None:
            _print(report, destination.format)
        else:
            is_json = destination.format == "json"
            replace(destination.path, report.json_pieces() if is_json else FACES[destination.format](report))
            sys.stderr.write(f"wrote {destination.path}\n")


def replace(path: Path, text: str | Iterable[str]) -> None:
    """Write a file whole or not at all: a temporary file beside it, flushed, then renamed over it."""
    pieces = (text,) if isinstance(text, str) else text
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(piece.encode() for piece in pieces)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DeepscanError(
            f"the report cannot be written: {error.strerror}",
            where=str(path),
            mend="choose another path, or free the disk",
        ) from None


def _destination(text: str) -> Destination:
    name, _, path = text.partition("=")
    if name not in FACES:
        raise ConfigurationError(
            f"there is no format named {name}", where="--format", mend=nearest(name, FACES)
        )
    return Destination(name, None if path in ("", "-") else Path(path))


def _print(report: Report, name: str) -> None:
    if name == "terminal":
        from reports.faces.terminal import print_report

        print_report(report)
        return
    sys.stdout.write(FACES[name](report))
    sys.stdout.flush()
