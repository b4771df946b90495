"""
A number without its object is no evidence: an answer of Prometheus becomes facts about devices, claims and containers.

:func:`facts_of` takes the raw bodies by the name of their query. What an answer does not say is left unknown, and one
that has not the documented shape is named in ``broken``, never guessed at.
"""

from collections.abc import Mapping

import msgspec

from scanners.facts.metric import DeviceUse, Throttling, VolumeUse
from swarm.sources.prometheus.body import Answer, Malformed, decoded
from swarm.sources.prometheus.containers import throttlings
from swarm.sources.prometheus.devices import device_uses
from swarm.sources.prometheus.queries import QUERIES
from swarm.sources.prometheus.volumes import volume_uses


class Answered(msgspec.Struct, frozen=True):
    """
    What the answers say. ``devices`` are the facts of slice ``gpu-metrics``, ``uses`` those of slice ``prometheus``.

    ``broken`` names the queries whose answer could not be read, ``why`` says what was wrong with each. ``warnings``
    holds the server's own, by query: an answer with one may lack series (Thanos, remote read).
    """

    devices: list[DeviceUse]
    uses: list[VolumeUse | Throttling]
    broken: list[str]
    why: dict[str, str]
    warnings: dict[str, str]


def facts_of(answers: Mapping[str, bytes]) -> Answered:
    """The facts that raw bodies hold, by query name. Names that are none of ours are passed over."""
    read: dict[str, Answer] = {}
    why: dict[str, str] = {}
    for query in QUERIES:
        if query.name in answers:
            try:
                read[query.name] = decoded(answers[query.name], query.range)
            except Malformed as mistake:
                why[query.name] = str(mistake)
    return Answered(
        device_uses(read),
        [*volume_uses(read), *throttlings(read)],
        list(why),
        why,
        {name: "; ".join(answer.warnings) for name, answer in read.items() if answer.warnings},
    )
