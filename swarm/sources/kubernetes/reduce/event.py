"""
Nine events in ten say that all went well; they are counted and dropped while they stream past.

Times as correlation.md 3.2 orders them: series.lastObservedTime, else eventTime, else lastTimestamp, else
firstTimestamp; count: series.count, else count, else 1.
"""

from scanners.facts.event import READ_REASONS, Event
from swarm.sources.kubernetes.reduce.pool import NO_TABLE, Pool
from swarm.sources.kubernetes.reduce.shared import reference
from swarm.sources.kubernetes.wire import event as wire

KUBELET = "kubelet"


def event(read: wire.Event, pool: Pool) -> Event | None:
    """An event of a reason that some check reads, else None."""
    if read.reason not in READ_REASONS:
        return None
    metadata = read.metadata or wire.EventMetadata()
    series = read.series or wire.Series()
    source = read.source or read.deprecated_source or wire.Source()
    first = read.first_timestamp or read.deprecated_first_timestamp or read.event_time
    last = read.last_timestamp or read.deprecated_last_timestamp
    component = source.component or read.reporting_component or read.reporting_controller
    return Event(
        namespace=pool.string(metadata.namespace),
        name=metadata.name,
        uid=metadata.uid,
        created=pool.string(metadata.creation_timestamp),
        reason=pool.string(read.reason),
        message=pool.message(read.message or read.note),
        type=pool.string(read.type),
        regarding=reference(read.involved_object or read.regarding, pool),
        first=pool.string(first),
        last=pool.string(series.last_observed_time or read.event_time or last or first),
        count=series.count or read.count or read.deprecated_count or 1,
        host=pool.string(source.host or (read.reporting_instance if component == KUBELET else None)),
        component=pool.string(component),
        labels=NO_TABLE,
    )
