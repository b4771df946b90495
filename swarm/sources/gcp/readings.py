"""
"Denied", "one zone is away" and "the third page never came" are three gaps of three sizes; none is an empty list.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scanners.facts.cloud import CloudFact
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import Slice
from swarm.errors import DeepscanError, Forbidden, NotServed, TimedOut, Unauthorized
from swarm.sources.cloud import WHOLE

_STATES: Mapping[type[DeepscanError], SliceState] = {
    Unauthorized: SliceState.DENIED,
    Forbidden: SliceState.DENIED,
    NotServed: SliceState.ABSENT,
    TimedOut: SliceState.TIMED_OUT,
}
LATER = "scan again later; Google's status page tells of outages"


def refused(slice_: Slice, error: DeepscanError, objects: int = 0) -> Reading:
    """The reading of a list that ended with an error: of what it is, or partial where some of it was had before."""
    state = next((state for kind, state in _STATES.items() if isinstance(error, kind)), SliceState.FAILED)
    detail = f"{error.sentence}, at {error.where}" if error.where else error.sentence
    if objects:
        return Reading(
            slice_.name, SliceState.PARTIAL, WHOLE, objects, f"the list broke off: {detail}", error.mend
        )
    return Reading(slice_.name, state, detail=detail, mend=error.mend)


def by_region(
    slice_: Slice,
    facts: Sequence[CloudFact],
    regions: Iterable[str],
    silent: Mapping[str, str],
    wrong: str = "",
) -> list[Reading]:
    """
    One reading of the whole where nothing is missing; else one for each region that is known of, ``silent`` ones with
    what they lack, and one of the whole where something is ``wrong`` that names no region.
    """
    if wrong:
        detail = f"Google answered in part: {wrong}"
        return [Reading(slice_.name, SliceState.PARTIAL, WHOLE, len(facts), detail, LATER)]
    if not silent:
        return [Reading(slice_.name, SliceState.COMPLETE, WHOLE, len(facts))]
    count = Counter(fact.region for fact in facts)
    readings = []
    for region in sorted({*regions, *count, *silent}):
        scope, why = f"region/{region}", silent.get(region)
        if why is None:
            readings.append(Reading(slice_.name, SliceState.COMPLETE, scope, count[region]))
        else:
            readings.append(Reading(slice_.name, SliceState.PARTIAL, scope, count[region], why, LATER))
    return readings


def misread(slice_: Slice, broken: Sequence[Mapping[str, Any]]) -> list[Reading]:
    """A reading of what came and was not understood; none if all was."""
    if not broken:
        return []
    detail = f"{len(broken)} objects could not be understood, the first is {broken[0].get('name', 'without a name')}"
    mend = "please report it: the provider's answer has changed"
    return [Reading(slice_.name, SliceState.PARTIAL, WHOLE, 0, detail, mend)]
