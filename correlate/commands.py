"""
Nobody should have to believe a scanner: each value in a report comes with the line that shows it.

Read-only ``kubectl`` lines, every word quoted for a shell, because names and keys come from the cluster.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from scanners.facts.cloud import CloudFact
from scanners.facts.log import ContainerLog
from scanners.facts.ref import Named
from scanners.facts.slices import ALL
from scanners.finding import Evidence
from scanners.semantics.cloud_evidence import command_of

_PART = re.compile(r"\['(?P<key>[^']*)'\]|\[(?P<index>\d+)\]|\.?(?P<name>[^.\[\]']+)")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_./:-]+")
_PLURALS = {(slice_.group, slice_.kind): slice_.plural for slice_ in ALL if slice_.kind}

quoted = lru_cache(maxsize=4096)(shlex.quote)
"""A word for a shell, quoted where it must be; kept, because the words of commands repeat."""

Logs = Mapping[tuple[str, str], Sequence[ContainerLog]]


def command_for(row: Evidence, logs: Logs) -> str | None:
    """
    A line that shows the value of a piece of evidence; None where no command of ``kubectl`` or of the provider can, or
    a name would be an option.
    """
    if any(word.startswith("-") for word in (row.subject.name, row.subject.namespace, row.path)):
        return None
    match row.source:
        case "api":
            return _get(row.subject, row.path)
        case "event":
            return _event(row.subject, row.path)
        case "log":
            return _log(row, logs)
        case "cloud":
            return _cloud(row.subject)
    return None


def _cloud(subject: Named) -> str | None:
    """The line of the provider's own program that shows the object; None where a word would be an option."""
    words = command_of(subject) if isinstance(subject, CloudFact) else ()
    named = [
        word for word in words[1:] if not (word.startswith("--") and word[2:].replace("-", "").isalpha())
    ]
    if not words or any(word.startswith("-") or not word for word in named):
        return None
    return " ".join(quoted(word) for word in words)


def resource(subject: Named) -> str | None:
    """
    The word that kubectl knows a kind by: ``pods``, ``deployments.apps``; None for what is no object of the
    API.
    """
    plural = _PLURALS.get((subject.group, subject.kind))
    if plural is None and "." not in subject.group:
        return None
    word = plural or subject.kind.lower()
    return f"{word}.{subject.group}" if subject.group else word


def kubectl(*words: str, namespace: str = "") -> str:
    """A kubectl line, each word quoted; the namespace after the verb and what it acts on."""
    where = ["-n", namespace] if namespace else []
    return " ".join(quoted(word) for word in ("kubectl", *words, *where))


@lru_cache(maxsize=16384)
def json_path(path: str) -> str | None:
    r"""
    A dotted path as kubectl's jsonpath: ``status.capacity['nvidia.com/gpu']`` to
    ``{.status.capacity.nvidia\.com/gpu}``.

    None for an empty path, and for keys that kubectl's own path language cannot say.
    """
    said, end = "", 0
    for part in _PART.finditer(path):
        if part.start() != end:
            return None
        end = part.end()
        step = _step(part)
        if step is None:
            return None
        said += step
    return f"{{{said}}}" if said and end == len(path) else None


def _step(part: re.Match[str]) -> str | None:
    if part["index"] is not None:
        return f"[{part['index']}]"
    key = part["key"] if part["key"] is not None else part["name"]
    return "." + key.replace(".", r"\.") if _PLAIN_KEY.fullmatch(key) else None


def _get(subject: Named, path: str) -> str | None:
    word = resource(subject)
    if word is None or not subject.name:
        return None
    said = json_path(path)
    shown = f"jsonpath={said}" if said else "yaml"
    return kubectl("get", word, subject.name, "-o", shown, namespace=subject.namespace)


def _event(subject: Named, path: str) -> str:
    """Events are got by their own name, else by the object that they regard."""
    selector = (
        f"metadata.name={subject.name}" if subject.kind == "Event" else f"involvedObject.name={subject.name}"
    )
    said = json_path(f"items[0].{path}") if subject.kind == "Event" else None
    shown = ["-o", f"jsonpath={said}"] if said else []
    return kubectl("get", "events", "--field-selector", selector, *shown, namespace=subject.namespace)


def _log(row: Evidence, logs: Logs) -> str:
    container = row.path.partition(":")[0]
    kept = [
        log for log in logs.get((row.subject.namespace, row.subject.name), ()) if log.container == container
    ]
    previous = ["--previous"] if _is_previous(kept, row.value) else []
    words = ["logs", row.subject.name, "-c", container, *previous, "--tail=60"]
    return kubectl(*words, namespace=row.subject.namespace)


def _is_previous(kept: Iterable[ContainerLog], line: object) -> bool:
    saying = [log.previous for log in kept if line in log.lines]
    return saying[0] if saying else True
