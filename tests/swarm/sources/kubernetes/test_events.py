"""An event is the same event in both spellings of the API, and most of them are of no interest."""

from scanners.facts import slices
from swarm.sources.kubernetes.objects import facts_of
from tests.swarm.sources.kubernetes.test_kinds import TIME, fact


def test_events_in_both_spellings() -> None:
    reference = {"kind": "Pod", "namespace": "ml", "name": "p", "uid": "u-p"}
    core = fact(
        slices.EVENTS,
        reason="FailedMount",
        message="m" * 3000,
        type="Warning",
        involvedObject=reference,
        count=3,
        firstTimestamp=TIME,
        lastTimestamp="2026-03-04T11:00:00Z",
        source={"component": "kubelet", "host": "n1"},
    )
    assert (core.first, core.last, core.count, core.host) == (TIME, "2026-03-04T11:00:00Z", 3, "n1")
    assert len(core.message) == 1024
    new = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "e", "namespace": "ml"},
        "reason": "FailedScheduling",
        "note": "0/3",
        "regarding": reference,
        "eventTime": TIME,
        "deprecatedCount": 1,
        "series": {"count": 9, "lastObservedTime": "2026-03-04T12:00:00Z"},
        "reportingController": "default-scheduler",
    }
    read = facts_of([new])[0][slices.EVENTS][0]
    assert (read.message, read.count, read.last, read.component) == (
        "0/3",
        9,
        "2026-03-04T12:00:00Z",
        "default-scheduler",
    )
    assert read.regarding.uid == core.regarding.uid == "u-p"
    found, skipped, _ = facts_of([{**new, "reason": "Pulled"}])
    assert (found[slices.EVENTS], skipped) == ([], 0)
