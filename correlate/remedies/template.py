"""
An advice with a gap in it is worse than none, and a name from the cluster must never become a word of a
shell.

Remedies are data: texts and ``kubectl`` lines with ``{slots}``, keyed by the kind of cause. A line is split
into words before its slots are filled, and each word is quoted, so that a name stays inside its word whatever
it holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from correlate.commands import quoted
from correlate.observation import Observation
from correlate.problem import Effect
from scanners.kinds import Kind

Slots = Mapping[str, str]
When = Callable[[Observation], bool]


class MissingSlot(LookupError):
    """A template names something that this cause does not tell."""


@dataclass(frozen=True, slots=True)
class Act:
    """
    One step of a template; ``command``, ``verify`` and ``undo`` are lines with slots, or words where no line
    helps.
    """

    text: str
    command: str = ""
    effect: Effect = "read"
    verify: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """
    What to do about one kind of cause.

    ``when`` limits it to a class of the cause; ``objects`` is how many it changes. ``edits``: its steps
    change the subject itself, so that for a subject that something delivers they are words for its source and
    no commands.
    """

    kind: Kind
    name: str
    text: str
    acts: tuple[Act, ...]
    when: When | None = None
    objects: int = 1
    edits: bool = True

    @property
    def reversible(self) -> bool:
        """Whether none of its steps destroys."""
        return all(act.effect != "destructive" for act in self.acts)

    @property
    def mends(self) -> bool:
        """Whether it changes anything."""
        return any(act.effect != "read" for act in self.acts)


def look(text: str, command: str = "") -> Act:
    """A step that only reads."""
    return Act(text, command)


def change(text: str, command: str = "", *, verify: str = "", undo: str) -> Act:
    """A step that changes something and can be undone; without a command it is an edit of the source."""
    return Act(text, command, "mutates", verify, undo)


def destroy(text: str, command: str, *, verify: str = "", undo: str) -> Act:
    """A step that takes something away. It names one object, and its undo says what is lost."""
    return Act(text, command, "destructive", verify, undo)


def is_class(*classes: str) -> When:
    """
    The guard of a template for some classes of a cause: ``cause_class``, or the facts ``class`` or ``cause``.
    """
    return lambda cause: bool(classes_of(cause) & set(classes))


def classes_of(cause: Observation) -> set[str]:
    """Every word by which a finding names its class."""
    facts = (cause.facts.get("class"), cause.facts.get("cause"))
    return {cause.finding.cause_class, *(fact for fact in facts if isinstance(fact, str))} - {""}


def said(text: str, slots: Slots) -> str:
    """A text with its slots filled, on one line. MissingSlot where one is unknown."""
    return " ".join(_filled(text, slots).split())


def commanded(line: str, slots: Slots) -> str:
    """
    A command line with its slots filled, every word quoted. MissingSlot also where a value would be read as
    an option.
    """
    words = []
    for template, is_open in _words(line):
        word = _filled(template, slots) if is_open else template
        if is_open and template.startswith("{") and word.startswith("-"):
            raise MissingSlot(template)
        words.append(quoted(word))
    return " ".join(words)


@lru_cache(maxsize=1024)
def _words(line: str) -> tuple[tuple[str, bool], ...]:
    """The words of a line, and whether each has slots or braces to fill."""
    return tuple((word, "{" in word or "}" in word) for word in line.split())


def _filled(text: str, slots: Slots) -> str:
    try:
        return text.format_map(slots)
    except KeyError as missing:
        raise MissingSlot(str(missing)) from missing
