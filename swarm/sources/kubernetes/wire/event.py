"""Events exist in two spellings, core/v1 and events.k8s.io/v1; both are read by one type."""

import msgspec

from swarm.sources.kubernetes.wire.metadata import ObjectReference, Wire


class EventMetadata(Wire):
    """metadata of an Event."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    creation_timestamp: str | None = None


class Series(Wire):
    """series, in both spellings."""

    count: int | None = None
    last_observed_time: str | None = None


class Source(Wire):
    """source and deprecatedSource."""

    component: str | None = None
    host: str | None = None


class Event(Wire):
    """A v1 Event, or an events.k8s.io/v1 one (its own spellings last)."""

    metadata: EventMetadata | None = None
    reason: str | None = None
    message: str | None = None
    type: str | None = None
    involved_object: ObjectReference | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    count: int | None = None
    series: Series | None = None
    source: Source | None = None
    reporting_component: str | None = None
    reporting_instance: str | None = None
    note: str | None = None
    regarding: ObjectReference | None = None
    deprecated_first_timestamp: str | None = None
    deprecated_last_timestamp: str | None = None
    deprecated_count: int | None = None
    deprecated_source: Source | None = None
    reporting_controller: str | None = msgspec.field(default=None, name="reportingController")
