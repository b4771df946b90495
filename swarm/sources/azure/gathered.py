"""
Of thirty locations one is silent and of its clusters one denied: what was read and what was not must both be told.

The facts and readings of one slice as they come in, from lists that may have broken off.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from scanners.facts.cloud import CloudCluster, CloudFact
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import Slice
from swarm.errors import DeepscanError, Forbidden
from swarm.sources.azure.subscription import Listed
from swarm.sources.cloud import WHOLE, fact_from
from swarm.sources.kubernetes.listing import state_of
from swarm.sources.source import Read

Owner = Callable[[Mapping[str, Any]], str]


def _nobody(_item: Mapping[str, Any]) -> str:
    return ""


class Ending(NamedTuple):
    """How reading ended, what happened and what mends it."""

    state: SliceState
    detail: str = ""
    mend: str = ""


WHOLLY = Ending(SliceState.COMPLETE)


class Gathered:
    """One slice of one subscription."""

    def __init__(self, slice_: Slice, subscription: str) -> None:
        self.facts: list[CloudFact] = []
        self.readings: list[Reading] = []
        self._slice = slice_
        self._subscription = subscription
        self._of_region: Counter[str] = Counter()
        self._answered: set[str] = set()
        self._unfinished: list[Listed] = []

    def add(self, items: Sequence[Any], region: str = "", owner: Owner = _nobody) -> int:
        """Take objects as facts; how many are no objects of ARM."""
        broken = 0
        for item in items:
            if not isinstance(item, Mapping) or "name" not in item:
                broken += 1
                continue
            fact = fact_from("azure", self._slice, item, self._subscription, region, owner(item))
            if fact is not None:
                self.facts.append(fact)
        return broken

    def begun(self) -> Listed:
        """A list that is about to come in: what it has counts even if nobody waits for its end."""
        listed = Listed()
        self._unfinished.append(listed)
        return listed

    def take(self, listed: Listed, scope: str, region: str = "", owner: Owner = _nobody) -> None:
        """A list that is a scope of its own."""
        before = len(self.facts)
        broken = self.add(listed.items, region, owner)
        found = len(self.facts) - before
        self.note(scope, _ending(listed.error, broken, found > 0), found)

    def take_all(self, lists: Sequence[Listed], scope: str) -> None:
        """Several lists that make one scope: whole if each of them is."""
        before = len(self.facts)
        broken = sum(self.add(each.items) for each in lists)
        found = len(self.facts) - before
        errors = [each.error for each in lists if each.error is not None]
        something = found > 0 or len(errors) < len(lists)
        self.note(scope, _ending(errors[0] if errors else None, broken, something), found)

    def of_cluster(self, cluster: CloudCluster, lists: Sequence[Listed]) -> None:
        """What was asked for one cluster: part of its location's reading, and a reading of its own if it failed."""
        before = len(self.facts)
        broken = sum(self.add(each.items, cluster.region, lambda _: cluster.uid) for each in lists)
        found = len(self.facts) - before
        error = next((each.error for each in lists if each.error is not None), None)
        self._of_region[cluster.region] += found
        if error is None and not broken:
            self._answered.add(cluster.region)
        else:
            self.note(f"cluster/{cluster.name}", _ending(error, broken, found > 0), found)

    def locations(self, names: Sequence[str], error: DeepscanError | None) -> None:
        """
        A reading for each location of which a cluster was read whole. Where the clusters themselves were not, nor is
        anything that hangs on them.
        """
        for name in names:
            if name in self._answered:
                self.note(f"region/{name}", WHOLLY, self._of_region[name])
        if error is not None:
            ending = _ending(error, 0, bool(self.facts))
            self.note(WHOLE, ending._replace(detail=f"the clusters were not read whole: {ending.detail}"))
        elif not self.readings:
            self.note(WHOLE, WHOLLY)

    def note(self, scope: str, ending: "Ending", objects: int = 0) -> None:
        """A reading of a scope."""
        self.readings.append(
            Reading(self._slice.name, ending.state, scope, objects, ending.detail, ending.mend)
        )

    def stop(self, ending: "Ending") -> None:
        """It was ended before its end: what is there stays."""
        for listed in self._unfinished:
            self.add(listed.items)
        self.readings = []
        self.note(WHOLE, ending, len(self.facts))

    def read(self, requests: int) -> Read:
        """All of it, facts sorted by name and uid, readings by scope."""
        facts = sorted(self.facts, key=lambda fact: (fact.name, fact.uid))
        return Read(facts, sorted(self.readings, key=lambda reading: reading.scope), requests)


def _ending(error: DeepscanError | None, broken: int, something: bool) -> Ending:
    """How a list ended that had ``broken`` objects, and ``something`` at all."""
    if error is None:
        if not broken:
            return WHOLLY
        told = f"{broken} objects could not be decoded"
        return Ending(SliceState.PARTIAL, told, "please report it, with what `az rest` shows of the list")
    state = state_of(error)
    if something and state is not SliceState.TRUNCATED:
        state = SliceState.PARTIAL
    told = error.cause if isinstance(error, Forbidden) and error.cause else error.sentence
    return Ending(state, told, error.mend)
