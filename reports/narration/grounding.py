"""
A model's sentence reads as true whether it is or not; here each one is taken apart and held against its evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reports.narration.shown import Shown
from scanners.semantics.aliases import Aliases


@dataclass(frozen=True)
class Ground:
    """What may be said: the shown parts of some problems, under their aliases."""

    several: tuple[Shown, ...]
    names: Aliases

    @classmethod
    def of(cls, several: Sequence[Shown], names: Aliases) -> "Ground":
        """The ground of what one prompt showed."""
        return cls(tuple(several), names)

    def refusal(self, text: str, evidence_ids: Sequence[str], one: Shown | None) -> str:
        """Why a sentence is not believed; empty where it is. ``one``: the problem that it must stay with."""
        allowed = {
            id_: piece for each in ([one] if one else self.several) for id_, piece in each.evidence.items()
        }
        foreign = [id_ for id_ in evidence_ids if id_ not in allowed]
        if foreign:
            return f"{foreign[0][:40]} is no evidence of this problem"
        cited = [allowed[id_] for id_ in evidence_ids]
        known = " ".join(self.names.hide(f"{p.finding.subject.place} {p.finding.message}") for p in cited)
        for word in re.findall(r"[A-Z]+-\d+|\d+(?:\.\d+)?", text):
            if word not in known:
                return f"{word} does not stand in the cited evidence"
        return ""
