"""
An error at three in the morning must say what, where, why and how to mend it, on stderr, with the right exit status.
"""

import io
import logging
import os
import sys
from collections.abc import Callable
from enum import IntEnum

from swarm.errors import ConfigurationError, DeepscanError


class Exit(IntEnum):
    """Exit statuses, the first that applies of 130, 2, 1, 3, 0."""

    DONE = 0
    GATE = 1
    USAGE = 2
    INCOMPLETE = 3
    INTERRUPTED = 130


class WithoutSecrets(logging.Formatter):
    """A traceback ends with what an exception says, and that may quote what was read: secrets are hidden in it too."""

    def format(self, record: logging.LogRecord) -> str:
        from scanners.semantics.split_secrets import redact_text

        return redact_text(super().format(record))


def guarded(command: Callable[[], object]) -> None:
    """Run the command line; typed errors become four lines and a status, a closed pipe becomes silence."""
    _speakable()
    wanted = os.environ.get("DEEPSCAN_LOG", "").upper()
    level = wanted if wanted in logging.getLevelNamesMapping() else "ERROR"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutSecrets("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    try:
        command()
    except DeepscanError as error:
        say(error)
        sys.exit(Exit.USAGE if isinstance(error, ConfigurationError) else Exit.INCOMPLETE)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # typer says 1, which here is a gate that tripped
            sys.exit(Exit.DONE)
        raise
    except OSError as error:
        say(ConfigurationError(f"the output cannot be written: {error.strerror}", mend="free the disk"))
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except (
        Exception
    ):  # a bug of ours must not look like a gate that tripped, which is what Python's own status 1 says
        logging.getLogger(__name__).exception("deepscan itself failed; please report this")
        sys.exit(Exit.INCOMPLETE)


def _speakable() -> None:
    """A stream that was closed, or that cannot spell every sign (``LANG=C``, a Windows pipe), costs no report."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123 - open to the end of the process
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(error: DeepscanError, word: str = "error") -> None:
    """An error as people read it: what, where, the mend."""
    lines = [f"{word}: {error.sentence}"]
    if error.where:
        lines.append(f"  at {error.where}")
    if error.mend:
        lines.append(f"  help: {error.mend}")
    sys.stderr.write("\n".join(lines) + "\n")
