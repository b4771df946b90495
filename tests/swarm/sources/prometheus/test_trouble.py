"""
A Prometheus that refuses, hangs, stops or talks nonsense is a gap with its mend, never a use of zero.
"""

import asyncio
import ssl
import time
from pathlib import Path

import pytest
from aiohttp import web

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import GPU_METRICS, PROMETHEUS
from swarm.errors import ConfigurationError
from swarm.sources.prometheus.client import Client
from swarm.sources.prometheus.endpoint import Endpoint, address_of, named
from swarm.sources.prometheus.guard import BUILD, QUERY_RANGE
from swarm.sources.prometheus.refusals import TooMuch
from swarm.sources.source import Counters, Read
from tests.cluster.pki import Authority
from tests.swarm.sources.prometheus.conftest import Opened
from tests.swarm.sources.prometheus.server import BadPrometheus, refused

NOW = 1_790_000_000.0
LOGIN = "<!DOCTYPE html><html><body>Log in</body></html>"


def only(read: Read) -> Reading:
    """The one reading of a slice that has no facts."""
    assert read.objects == []
    [reading] = read.readings
    return reading


async def test_a_healthy_one_is_read_whole(bad: BadPrometheus, source: Opened) -> None:
    counters = Counters()
    opened = source(counters=counters)
    devices, uses = await opened.read(GPU_METRICS, NOW), await opened.read(PROMETHEUS, NOW)
    assert [(len(read.objects), read.readings[0].state) for read in (devices, uses)] == [
        (1, SliceState.COMPLETE),
        (1, SliceState.COMPLETE),
    ]
    assert counters.requests == len(bad.requests) == devices.requests + uses.requests
    assert {request.method for request in bad.requests} == {"GET"}


async def test_only_what_can_have_an_answer_is_asked(bad: BadPrometheus, source: Opened) -> None:
    await source().read(GPU_METRICS, NOW)
    assert len(bad.asked) == 3
    assert not [asked for asked in bad.asked if "SM_ACTIVE" in asked or "FB_USED" in asked]


@pytest.mark.parametrize(
    ("status", "state", "said", "mend"),
    [
        (401, SliceState.DENIED, "the Prometheus query was refused (401)", "DEEPSCAN_PROMETHEUS_TOKEN"),
        (403, SliceState.DENIED, "the Prometheus query was refused (403)", "grant the identity"),
        (404, SliceState.FAILED, "there is no Prometheus API here (404)", "add the path"),
        (500, SliceState.FAILED, "Prometheus answered 500", "look at its log"),
        (504, SliceState.TIMED_OUT, "took too long", "prometheus_timeout"),
    ],
)
async def test_a_refusal_is_told_with_its_mend(
    status: int, state: SliceState, said: str, mend: str, bad: BadPrometheus, source: Opened
) -> None:
    bad.before = lambda _: refused(status, "whatever", "not today, password=hunter2hunter2")
    reading = only(await source().read(GPU_METRICS, NOW))
    assert reading.state is state
    assert said in reading.detail and "not today" in reading.detail and bad.url in reading.detail
    assert "hunter2" not in reading.detail
    assert mend in reading.mend and "--prometheus none" in reading.mend


async def test_one_refused_query_costs_the_whole_slice_and_no_other(
    bad: BadPrometheus, source: Opened
) -> None:
    bad.before = lambda request: (
        refused(403, "", "no") if "POWER_USAGE" in request.query.get("query", "") else None
    )
    opened = source()
    assert only(await opened.read(GPU_METRICS, NOW)).state is SliceState.DENIED
    assert (await opened.read(PROMETHEUS, NOW)).readings[0].state is SliceState.COMPLETE


async def test_one_that_hangs_times_out(bad: BadPrometheus, source: Opened) -> None:
    bad.hang.set()
    began = time.monotonic()
    reading = only(await source(Endpoint(bad.url, seconds=0.3)).read(GPU_METRICS, NOW))
    assert reading.state is SliceState.TIMED_OUT and "no answer in time" in reading.detail
    assert time.monotonic() - began < 5


async def test_one_that_drips_times_out(bad: BadPrometheus, source: Opened) -> None:
    """A byte now and then keeps a connection alive for ever; the whole answer has a bound of its own."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    app = web.Application()
    app.router.add_get("/{tail:.*}", drip)
    runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    reading = only(await source(Endpoint(url, seconds=0.4)).read(GPU_METRICS, NOW))
    await runner.cleanup()
    assert reading.state is SliceState.TIMED_OUT


@pytest.mark.parametrize(
    "text", [LOGIN, "", "[]", '{"status": "success"', '{"status":"success","data":7}', "nope"]
)
async def test_what_is_no_prometheus_is_told(text: str, bad: BadPrometheus, source: Opened) -> None:
    bad.before = lambda _: web.Response(text=text, content_type="text/html")
    reading = only(await source().read(GPU_METRICS, NOW))
    assert reading.state is SliceState.FAILED and reading.mend
    assert ("web page" in reading.detail) == (text == LOGIN)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.99])
async def test_an_answer_that_is_cut_short_is_no_answer(
    keep: float, bad: BadPrometheus, source: Opened
) -> None:
    def cut(request: web.Request) -> web.StreamResponse | None:
        if request.path != QUERY_RANGE:
            return None
        body = bad.body(request)
        return web.Response(body=body[: int(len(body) * keep)], content_type="application/json")

    bad.before = cut
    reading = only(await source().read(GPU_METRICS, NOW))
    assert reading.state is SliceState.FAILED and "cut short" in reading.detail


async def test_an_answer_of_another_shape_is_named(bad: BadPrometheus, source: Opened) -> None:
    text = '{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}'
    bad.before = lambda request: web.Response(text=text) if request.path == QUERY_RANGE else None
    reading = only(await source().read(GPU_METRICS, NOW))
    assert reading.state is SliceState.FAILED and "gpu-engine-active" in reading.detail


async def test_one_that_stops_in_the_middle_gives_no_facts(bad: BadPrometheus, source: Opened) -> None:
    def die(request: web.Request) -> web.StreamResponse | None:
        if "POWER_USAGE" in request.query.get("query", "") and request.transport is not None:
            request.transport.abort()
        return None

    bad.before = die
    reading = only(await source().read(GPU_METRICS, NOW))
    assert reading.state is SliceState.FAILED and "cannot be reached" in reading.detail
    assert len(bad.asked) >= 2


async def test_one_that_asks_for_patience_gets_it(bad: BadPrometheus, source: Opened) -> None:
    waits = iter(
        [refused(429, "", "slow down", Retry_After="0"), refused(503, "", "starting", Retry_After="0")]
    )
    bad.before = lambda _: next(waits, None)
    assert (await source().read(GPU_METRICS, NOW)).readings[0].state is SliceState.COMPLETE


async def test_patience_ends(bad: BadPrometheus, source: Opened) -> None:
    bad.before = lambda _: refused(503, "", "starting", Retry_After="0")
    reading = only(await source().read(GPU_METRICS, NOW))
    assert "asked for patience (503)" in reading.detail and len(bad.requests) == 4


async def test_a_query_that_the_server_gave_up_is_not_asked_again(bad: BadPrometheus, source: Opened) -> None:
    bad.before = lambda request: (
        refused(503, "timeout", "query timed out") if request.path == QUERY_RANGE else None
    )
    assert only(await source().read(GPU_METRICS, NOW)).state is SliceState.TIMED_OUT
    assert len(bad.asked) == 1


async def test_redirects_are_not_followed(bad: BadPrometheus, source: Opened) -> None:
    bad.before = lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/login"})
    reading = only(await source().read(GPU_METRICS, NOW))
    assert "redirects (302)" in reading.detail and len(bad.requests) == 1


async def test_a_warning_of_the_server_makes_the_slice_partial(bad: BadPrometheus, source: Opened) -> None:
    bad.warnings = ["No StoreAPIs matched for this query"]
    read = await source().read(GPU_METRICS, NOW)
    assert read.readings[0].state is SliceState.PARTIAL and "StoreAPIs" in read.readings[0].detail
    assert len(read.objects) == 1


async def test_a_prometheus_without_our_series_is_asked_nothing_in_vain(
    bad: BadPrometheus, source: Opened
) -> None:
    """That GPUs have no series is for CST104 to tell; that no kubelet tells of its volumes is a gap."""
    bad.names = []
    opened = source()
    gpus, others = await opened.read(GPU_METRICS, NOW), await opened.read(PROMETHEUS, NOW)
    assert bad.asked == [] and len(bad.requests) == 2
    assert only(gpus).state is SliceState.COMPLETE
    assert only(others).state is SliceState.PARTIAL and "kubelets" in only(others).mend


async def test_an_interrupted_reading_says_so(bad: BadPrometheus, source: Opened) -> None:
    bad.hang.set()
    opened = source(Endpoint(bad.url, seconds=30.0))
    reading = asyncio.create_task(opened.read(GPU_METRICS, NOW))
    while not bad.requests:
        await asyncio.sleep(0.01)
    opened.stop(SliceState.TIMED_OUT, "not read within the deadline of 1 s", "raise --deadline")
    assert only(await reading).state is SliceState.TIMED_OUT
    assert only(await opened.read(PROMETHEUS, NOW)).state is SliceState.TIMED_OUT


async def test_the_budget_of_requests_holds(bad: BadPrometheus, source: Opened) -> None:
    reading = only(await source(budget=3).read(GPU_METRICS, NOW))
    assert "budget of 3 requests" in reading.detail and len(bad.requests) == 3


async def test_a_range_is_halved_where_the_server_finds_it_too_much(
    bad: BadPrometheus, source: Opened
) -> None:
    def limited(request: web.Request) -> web.StreamResponse | None:
        if request.path != QUERY_RANGE:
            return None
        points = (float(request.query["end"]) - float(request.query["start"])) / 300
        text = "query processing would load too many samples into memory in query execution"
        return refused(422, "execution", text) if points > 100 else None

    bad.before = limited
    [use] = (await source().read(GPU_METRICS, NOW)).objects
    assert len(use.busy.values) == 289 and set(use.busy.values) == {0.5}
    assert use.busy.end == NOW


async def test_a_range_that_stays_too_much_is_a_gap(bad: BadPrometheus, source: Opened) -> None:
    bad.before = lambda request: (
        refused(422, "execution", "too many samples") if request.path == QUERY_RANGE else None
    )
    reading = only(await source().read(GPU_METRICS, NOW))
    assert "asks for too much (422)" in reading.detail and len(bad.asked) < 10


async def test_an_answer_that_is_too_long_is_not_taken_in(bad: BadPrometheus) -> None:
    bad.before = lambda _: web.Response(body=b" " * 200_000)
    client = Client(Endpoint(bad.url), counters=Counters(), largest=100_000)
    with pytest.raises(TooMuch, match="over 100000 bytes"):
        await client.get(BUILD, {}, Counters())
    await client.close()


async def test_a_token_goes_with_every_request_and_a_fresh_one_after_a_401(
    bad: BadPrometheus, source: Opened, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")

    def rotate(request: web.Request) -> web.StreamResponse | None:
        if request.headers.get("Authorization") == "Bearer new":
            return None
        file.write_text("new")
        return refused(401, "", "expired")

    bad.before = rotate
    opened = source(named(bad.url, {}, token_file=str(file)))
    assert (await opened.read(GPU_METRICS, NOW)).readings[0].state is SliceState.COMPLETE
    shown = [request.headers["Authorization"] for request in bad.requests]
    assert shown == ["Bearer old", *["Bearer new"] * (len(shown) - 1)]


async def test_user_and_password_come_from_the_environment(bad: BadPrometheus, source: Opened) -> None:
    environment = {"DEEPSCAN_PROMETHEUS_USER": "jane", "DEEPSCAN_PROMETHEUS_PASSWORD": "secret"}
    await source(named(bad.url, environment)).read(GPU_METRICS, NOW)
    assert {request.headers["Authorization"] for request in bad.requests} == {"Basic amFuZTpzZWNyZXQ="}
    assert "secret" not in repr(named(bad.url, environment))


async def test_its_own_authority_is_trusted_and_no_stranger(
    bad: BadPrometheus, source: Opened, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "pki")
    pair = authority.server("prometheus")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    url = await bad.start_secure(context)
    trusted = named(url, {}, ca_file=str(authority.certificate))
    assert (await source(trusted).read(GPU_METRICS, NOW)).readings[0].state is SliceState.COMPLETE
    reading = only(await source(named(url, {})).read(GPU_METRICS, NOW))
    assert reading.state is SliceState.FAILED
    assert "TLS handshake failed" in reading.detail and "prometheus_ca_file" in reading.mend


async def test_a_secret_in_an_answer_reaches_no_reading(bad: BadPrometheus, source: Opened) -> None:
    bad.warnings = ["store http://jane:hunter2hunter2@store:9090 is down"]
    [reading] = (await source().read(GPU_METRICS, NOW)).readings
    assert "store" in reading.detail and "hunter2" not in reading.detail


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://jane:secret@prometheus:9090", "carries a user or a password"),
        ("prometheus:9090", "is no URL"),
        ("ftp://prometheus", "is no URL"),
        ("http://", "is no URL"),
        ("http://prometheus:port", "cannot be read"),
        ("http://prometheus/graph?g0.expr=up", "a query or a fragment"),
        ("atuo", "is no URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_its_mend(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        address_of(url)
    assert said in caught.value.sentence and caught.value.mend
    assert "secret" not in f"{caught.value.sentence} {caught.value.mend} {caught.value.where}"


@pytest.mark.parametrize(
    ("environment", "options", "said"),
    [
        ({"DEEPSCAN_PROMETHEUS_USER": "jane"}, {}, "without DEEPSCAN_PROMETHEUS_PASSWORD"),
        (
            {
                "DEEPSCAN_PROMETHEUS_TOKEN": "t",
                "DEEPSCAN_PROMETHEUS_USER": "j",
                "DEEPSCAN_PROMETHEUS_PASSWORD": "p",
            },
            {},
            "several credentials",
        ),
        ({}, {"token_file": "/nonexistent/token"}, "token file of Prometheus cannot be read"),
        ({}, {"ca_file": "/nonexistent/ca"}, "certificate authority of Prometheus cannot be read"),
        ({}, {"ca_file": __file__}, "certificate authority of Prometheus cannot be read"),
    ],
)
def test_credentials_that_cannot_be_used_are_refused(
    environment: dict[str, str], options: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        named("http://prometheus:9090", environment, **options)  # type: ignore[arg-type]
