"""
Events and conditions are quoted, never retold: what they say stands in the evidence as the API sent it.
"""

from collections.abc import Sequence

from scanners.facts.event import Event
from scanners.facts.fact import Condition
from scanners.facts.ref import Named
from scanners.finding import Evidence


def said_by(event: Event) -> Evidence:
    """An event's message as evidence."""
    return Evidence(
        subject=event, source="event", path="message", value=event.message, observed_at=event.last
    )


def states(subject: Named, condition: Condition, *fields: str) -> list[Evidence]:
    """Fields of a condition of an object as evidence, those that are set."""
    sent = {"status": condition.status, "reason": condition.reason, "message": condition.message}
    return [
        Evidence(subject=subject, path=condition.path(field), value=sent[field], observed_at=condition.since)
        for field in fields
        if sent[field]
    ]


def newest(events: Sequence[Event]) -> Event:
    """The event that was seen last."""
    return max(events, key=lambda event: (event.last, event.name))


def shortened(message: str) -> str:
    """A message on one line, at most 220 characters."""
    line = " ".join(message.split())
    return line if len(line) <= 220 else line[:219] + "…"
