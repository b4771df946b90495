"""Lists are read to their end; whatever stays missing is said, with the line that mends it."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from scanners.facts import slices
from scanners.facts.gaps import SliceState, overall
from tests.swarm.sources.kubernetes.conftest import Opened
from tests.swarm.sources.kubernetes.server import FakeApi, item, status


def pods(count: int, namespace: str = "ml") -> list[Any]:
    return [
        item(f"p{number:04d}", namespace, spec={}, status={"phase": "Running"}) for number in range(count)
    ]


async def test_opening_tells_who_the_cluster_is(api: FakeApi, source: Opened) -> None:
    target = await source().open()
    assert (target.id, target.name, target.version) == ("cluster-uid", "here", "v1.35.4")


async def test_every_page_is_read_in_order(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(1203)
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert [pod.name for pod in read.objects] == [f"p{number:04d}" for number in range(1203)]
    assert [(r.state, r.scope, r.objects) for r in read.readings] == [(SliceState.COMPLETE, "cluster", 1203)]
    assert read.requests == 3
    encodings = [r.headers["Accept-Encoding"] for r in api.requests if r.path.endswith("/pods")]
    assert encodings[:2] == ["gzip", "identity"], "both are tried before one is kept"
    assert "resourceVersion" not in api.requests[-1].query
    assert (cluster.counters.pages, cluster.counters.objects) == (3, 1203)
    assert cluster.counters.bytes > 10_000


async def test_an_expired_list_is_resumed_where_it_stood(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(900)
    api.before = lambda r: status(410, "too old", resume="501") if r.query.get("continue") == "500" else None
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert len(read.objects) == 899
    assert read.readings[0].state is SliceState.COMPLETE
    assert "mixed snapshot" in read.readings[0].detail


async def test_patience_is_given_and_pages_shrink(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(600)
    refusals = [status(429, "busy", {"Retry-After": "0"}), status(503, "later")]
    api.before = lambda r: refusals.pop() if r.path.endswith("/pods") and refusals else None
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert len(read.objects) == 600
    assert api.requests[-1].query["limit"] == "125"


async def test_a_server_that_is_always_busy_is_a_gap(
    api: FakeApi, source: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarm.sources.kubernetes.transport._patience", lambda *_: 0.0)
    api.before = lambda r: status(429, "busy") if r.path.endswith("/pods") else None
    cluster = source()
    await cluster.open()
    (reading,) = (await cluster.read(slices.PODS, {})).readings
    assert reading.state is SliceState.FAILED
    assert "429" in reading.detail
    assert len([path for path in api.paths() if path.endswith("/pods")]) == 5


async def test_a_page_that_breaks_off_once_is_read_again(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(700)
    left = [40]
    api.truncate = lambda r: left.pop() if r.query.get("continue") and left else 0
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert len({pod.name for pod in read.objects}) == len(read.objects) == 700
    assert read.readings[0].state is SliceState.COMPLETE


async def test_a_page_that_breaks_off_twice_leaves_what_was_had(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(700)
    api.truncate = lambda r: 3000 if r.query.get("continue") else 0
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert 500 < len(read.objects) < 700
    assert len({pod.name for pod in read.objects}) == len(read.objects)
    (reading,) = read.readings
    assert (reading.state, reading.objects) == (SliceState.TRUNCATED, len(read.objects))


async def test_an_answer_that_stalls_is_timed_out(api: FakeApi, source: Opened) -> None:
    cluster = source(read_seconds=0.2)
    await cluster.open()
    api.delay = 5
    (reading,) = (await cluster.read(slices.PODS, {})).readings
    assert reading.state is SliceState.TIMED_OUT
    api.delay = 0


async def test_what_is_not_served_is_absent(api: FakeApi, source: Opened) -> None:
    cluster = source()
    await cluster.open()
    (reading,) = (await cluster.read(slices.ENDPOINTSLICES, {})).readings
    assert reading.state is SliceState.ABSENT


async def test_a_server_without_aggregated_discovery(api: FakeApi, source: Opened) -> None:
    api.aggregated = False
    api.objects["deployments"] = [item("web", "ml", spec={"replicas": 2})]
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.DEPLOYMENTS, {})
    assert [(each.name, each.wanted, each.has_status) for each in read.objects] == [("web", 2, False)]
    assert (await cluster.read(slices.ENDPOINTSLICES, {})).readings[0].state is SliceState.ABSENT


async def test_discovery_that_is_refused(api: FakeApi, source: Opened) -> None:
    api.denied = {"discovery"}
    cluster = source()
    await cluster.open()
    assert (await cluster.read(slices.PODS, {})).readings[0].state is SliceState.COMPLETE
    assert (await cluster.read(slices.ENDPOINTSLICES, {})).readings[0].state in (
        SliceState.ABSENT,
        SliceState.COMPLETE,
    )
    assert any("discovery" in warning for warning in cluster.warnings)


async def test_denied_in_the_cluster_is_read_by_namespace(api: FakeApi, source: Opened) -> None:
    api.objects["namespaces"] += [item("ml"), item("etl"), item("web")]
    api.objects["pods"] = [*pods(3, "ml"), *pods(2, "etl"), *pods(2, "web")]
    api.denied = {"pods@", "pods@web"}
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert [(pod.namespace, pod.name) for pod in read.objects][:2] == [("etl", "p0000"), ("etl", "p0001")]
    rows = {reading.scope: (reading.state, reading.objects) for reading in read.readings}
    assert rows["cluster"] == (SliceState.DENIED, 0)
    assert rows["namespace/ml"] == (SliceState.COMPLETE, 3)
    assert rows["namespace/web"] == (SliceState.DENIED, 0)
    assert overall(read.readings) is SliceState.PARTIAL
    assert 'User "jane" cannot list resource "pods" at the cluster scope' in read.readings[0].detail
    assert "kubectl auth can-i list pods -A" in read.readings[0].mend
    assert '{apiGroups: [""], resources: ["pods"], verbs: ["get", "list"]}' in read.readings[0].mend


async def test_an_identity_that_sees_only_its_own_namespace(api: FakeApi, source: Opened) -> None:
    api.objects["jobs"] = [item("train", "ml"), item("other", "etl")]
    api.denied = {"namespaces", "jobs@"}
    cluster = source()
    target = await cluster.open()
    assert target.id == "here"
    read = await cluster.read(slices.JOBS, {})
    assert [job.name for job in read.objects] == ["train"]
    assert "kubectl auth can-i list jobs.batch -A" in read.readings[0].mend


async def test_named_namespaces_are_all_that_is_asked_for(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = [*pods(3, "ml"), *pods(2, "etl")]
    api.objects["nodes"] = [item("n1")]
    cluster = source(namespaces=["ml", "none"])
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert [(r.scope, r.state, r.objects) for r in read.readings] == [
        ("namespace/ml", SliceState.COMPLETE, 3),
        ("namespace/none", SliceState.COMPLETE, 0),
    ]
    assert "/api/v1/pods" not in api.paths()
    assert [r.scope for r in (await cluster.read(slices.NODES, {})).readings] == ["cluster"]


async def test_one_broken_object_does_not_lose_the_others(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(20)
    api.objects["pods"][7]["status"] = {"conditions": "all is well"}
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.PODS, {})
    assert len(read.objects) == 19
    (reading,) = read.readings
    assert reading.state is SliceState.PARTIAL
    assert "ml/p0007" in reading.detail


async def test_an_end_that_was_asked_for_keeps_what_is_there(api: FakeApi, source: Opened) -> None:
    api.objects["pods"] = pods(1200)
    cluster = source()
    await cluster.open()
    reached = asyncio.Event()

    def hold(request: web.Request) -> None:
        if request.query.get("continue"):
            api.delay = 10
            reached.set()

    api.before = hold
    reading = asyncio.create_task(cluster.read(slices.PODS, {}))
    await reached.wait()
    await asyncio.sleep(0.2)
    cluster.stop(SliceState.TIMED_OUT, "not read within the deadline", "raise --deadline")
    read = await asyncio.wait_for(reading, 1)
    assert read.readings[0].state is SliceState.TIMED_OUT
    assert len(read.objects) == read.readings[0].objects >= 500
    later = await cluster.read(slices.JOBS, {})
    assert later.readings[0].state is SliceState.TIMED_OUT
    api.delay = 0


async def test_at_most_three_lists_are_in_flight(api: FakeApi, source: Opened) -> None:
    cluster = source()
    await cluster.open()
    api.delay, api.most_in_flight = 0.03, 0
    wanted = [s for s in slices.KUBERNETES if s != slices.POD_LOGS]
    await asyncio.gather(*(cluster.read(slice_, {}) for slice_ in wanted))
    assert api.most_in_flight == 3


async def test_the_budget_and_the_rate_hold(api: FakeApi, source: Opened) -> None:
    cluster = source(budget=5, requests_per_second=50)
    began = asyncio.get_running_loop().time()
    await cluster.open()
    assert asyncio.get_running_loop().time() - began >= 3 / 50
    assert (await cluster.read(slices.PODS, {})).readings[0].state is SliceState.COMPLETE
    (reading,) = (await cluster.read(slices.NODES, {})).readings
    assert reading.state is SliceState.SKIPPED
    assert len(api.requests) == 5
