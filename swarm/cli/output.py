"""
A report that is half written is worse than none: files are written under a temporary name and renamed.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.faces import FACES
from reports.report import Report
from swarm.errors import ConfigurationError
from swarm.settings import nearest

SUFFIXES = {
    "json": ".json", "markdown": ".md", "html": ".html", "terminal": ".txt", "prometheus": ".prom",
    "sarif": ".sarif", "junit": ".junit.xml", "csv": ".csv",
}  # fmt: skip


@dataclass(frozen=True)
class Destination:
    """One face of the report and where it goes; no path is stdout."""

    format: str
    path: Path | None


def destinations(
    formats: Sequence[str], output_dir: Path | None, known: Collection[str] = FACES
) -> list[Destination]:
    """
    What ``--format FORMAT=PATH`` and ``--output-dir`` ask for; the terminal report where nothing is.

    ``known`` are the formats that there are. ConfigurationError for an unknown format, two results on stdout, or a
    folder that is none.
    """
    wanted = [_destination(text, known) for text in formats]
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
    """
    Write every face that was asked for; files first, stdout last. One that cannot be written costs the others
    nothing: ConfigurationError for the first of them once all are through.
    """
    failed: list[ConfigurationError] = []
    for destination in sorted(wanted, key=lambda d: d.path is None):
        try:
            _write(report, destination)
        except ConfigurationError as error:
            failed.append(error)
    if failed:
        raise failed[0]


def _write(report: Report, destination: Destination) -> None:
    if destination.path is None:
        _print(report, destination.format)
        return
    is_json = destination.format == "json"
    replace(destination.path, report.json_pieces() if is_json else FACES[destination.format](report))
    sys.stderr.write(f"wrote {destination.path}\n")


def replace(path: Path, text: str | Iterable[str]) -> None:
    """
    Write a file whole or not at all: a temporary file beside it, flushed, then renamed over it. A link is
    followed; what is no file (``/dev/null``, ``/dev/stdout``, a pipe) is written to, never replaced.
    """
    pieces = (text,) if isinstance(text, str) else text
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.writelines(piece.encode() for piece in pieces)
            return
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(piece.encode() for piece in pieces)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritten(error, str(path)) from None


def _umask() -> int:
    """What the user withholds from new files; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unwritten(error: OSError, where: str) -> ConfigurationError:
    what = f"the report cannot be written: {error.strerror}"
    return ConfigurationError(what, where=where, mend="choose another path, or free the disk")


def _destination(text: str, known: Collection[str]) -> Destination:
    name, _, path = text.partition("=")
    if name not in known:
        raise ConfigurationError(
            f"there is no format named {name}", where="--format", mend=nearest(name, known)
        )
    return Destination(name, None if path in ("", "-") else Path(path))


def _print(report: Report, name: str) -> None:
    if name == "terminal":
        from reports.faces.terminal import print_report

        to_stdout(lambda: print_report(report))
    else:
        to_stdout(lambda: sys.stdout.buffer.write(FACES[name](report).encode()))


def to_stdout(emit: Callable[[], object]) -> None:
    """Let it print, however the reader takes it. ConfigurationError where stdout cannot be written to."""
    try:
        emit()
        sys.stdout.flush()
    except (
        BrokenPipeError
    ):  # the reader has seen enough, as `head` does: the status still tells what was found
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise _unwritten(error, "stdout") from None
