"""
The whole way: a cluster, a real Prometheus beside it, a report.
"""

import asyncio
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.metrics.front import Front
from tests.metrics.seeded import SCRAPES, STARVED, VOLUMES, Seeded, gpus, stamp
from tests.metrics.server import PrometheusServer
from tests.swarm.cli.command import Ended, deepscan, steady

MEASURED = ["CST104", "GPU102", "GPU104", "PVC106"]
NEEDING = {"gpu-metrics", "prometheus"}
Json = dict[str, Any]


async def run(*arguments: str | Path, **variables: str) -> Ended:
    """``deepscan run`` in a process of its own; the servers of the test go on meanwhile."""
    command = ["run", *arguments, "--no-logs", "--quiet", "--format", "json=-"]
    return await asyncio.to_thread(lambda: deepscan(*command, **variables))


def states(report: Json) -> dict[str, str]:
    return {row["code"]: row["state"] for row in report["checks"]}


def subjects(report: Json, code: str) -> set[str]:
    return {found["subject"]["name"] for found in report["findings"] if found["code"] == code}


def others(report: Json) -> list[Json]:
    """The findings that need no Prometheus."""
    return [found for found in report["findings"] if found["code"] not in MEASURED]


def metrics_coverage(report: Json) -> list[Json]:
    return [row for row in report["coverage"] if row["slice"] in NEEDING]


async def test_a_scan_tells_what_the_week_was(
    prometheus: PrometheusServer, seeded: Seeded, cluster: Path
) -> None:
    now = stamp(seeded.moment)
    ended = await run("--kubeconfig", cluster, "--prometheus", prometheus.url, "--now", now)
    assert ended.status == 0, ended.err
    report = ended.report
    assert {code: states(report)[code] for code in MEASURED} == dict.fromkeys(MEASURED, "ran")
    assert {row["state"] for row in metrics_coverage(report)} == {"complete"}
    unused = {gpu.pod for gpu in gpus() if gpu.shape in ("idle", "stopped")}
    assert len(unused) == 8 and subjects(report, "GPU102") == unused
    for told in (unused, subjects(report, "GPU104")):
        assert {gpu.scrape for gpu in gpus() if gpu.pod in told} == set(SCRAPES), "a way of scraping is blind"
    assert subjects(report, "GPU104") == {f"train-{node}" for node in STARVED}
    assert subjects(report, "PVC106") == {VOLUMES[0].name, VOLUMES[1].name}
    assert subjects(report, "CST104") == set()


async def test_without_prometheus_the_checks_are_not_configured(cluster: Path) -> None:
    for ended in (
        await run("--kubeconfig", cluster),
        await run("--kubeconfig", cluster, "--prometheus", "none"),
    ):
        assert ended.status == 0, ended.err
        assert {states(ended.report)[code] for code in MEASURED} == {"not-configured"}
        assert metrics_coverage(ended.report) == []
        assert not {found["code"] for found in ended.report["findings"]} & {"GPU104", "CST104"}


async def test_queries_are_counted_and_none_asks_for_too_many_points(
    prometheus: PrometheusServer, seeded: Seeded, cluster: Path
) -> None:
    bare = await run("--kubeconfig", cluster, "--prometheus", "none", "--now", stamp(seeded.moment))
    for since, ranges in (("24h", 8), ("7d", 8), ("45d", 16)):
        async with Front(prometheus.url) as front:
            ended = await run(
                "--kubeconfig",
                cluster,
                "--prometheus",
                front.url,
                "--since",
                since,
                "--now",
                stamp(seeded.moment),
            )
        assert ended.status == 0, ended.err
        assert {row["state"] for row in metrics_coverage(ended.report)} == {"complete"}
        assert {asked.method for asked in front.asked} == {"GET"}
        assert max(asked.points for asked in front.queries) <= 11_000
        assert len([asked for asked in front.queries if asked.points > 1]) == ranges
        assert len(front.asked) == 2 + 5 + ranges  # names and version, instant queries, ranges
        spent = [sum(row["requests"] for row in each.report["agents"]) for each in (ended, bare)]
        assert spent[0] - spent[1] == len(front.asked)
        assert subjects(ended.report, "GPU104") == {f"train-{node}" for node in STARVED}


async def test_exporters_that_are_not_scraped_are_a_gap_in_telemetry(
    another_prometheus: Callable[..., PrometheusServer], seeded: Seeded, cluster: Path
) -> None:
    """One exporter of each way of scraping is silent all week; that is told, and its GPUs are not called idle."""
    silent = [f'instance="10.0.0.{node}:9400"' for node in (8, 9, 10, 11)]
    server = another_prometheus(
        text for text in seeded.lines() if not any(instance in text for instance in silent)
    )
    ended = await run("--kubeconfig", cluster, "--prometheus", server.url, "--now", stamp(seeded.moment))
    assert ended.status == 0, ended.err
    (found,) = [found for found in ended.report["findings"] if found["code"] == "CST104"]
    assert found["facts"]["class"] == "no-series"
    assert found["facts"]["nodes"] == ["gpu-08", "gpu-09", "gpu-10", "gpu-11"]
    assert (found["facts"]["nodes_hit"], found["facts"]["gpus_hit"]) == (4, 16)
    assert {"notebook-9", "notebook-10"}.isdisjoint(subjects(ended.report, "GPU102"))


async def test_a_prometheus_that_stops_in_the_middle_costs_only_what_needs_it(
    another_prometheus: Callable[..., PrometheusServer], seeded: Seeded, cluster: Path
) -> None:
    server = another_prometheus(
        text for text in seeded.lines() if "notebook-0" in text or "checkpoints" in text
    )

    def stop(front: Front) -> None:
        if len(front.queries) == 4:
            server.stop()

    now = stamp(seeded.moment)
    whole = await run("--kubeconfig", cluster, "--prometheus", server.url, "--now", now)
    assert subjects(whole.report, "GPU102") == {"notebook-0"}
    async with Front(server.url, stop) as front:
        ended = await run("--kubeconfig", cluster, "--prometheus", front.url, "--now", now)
    bare = await run("--kubeconfig", cluster, "--prometheus", "none", "--now", now)
    assert ended.status == 0, ended.err
    assert len(front.queries) >= 4
    assert {states(ended.report)[code] for code in MEASURED} == {"not-measured"}
    assert {row["state"] for row in metrics_coverage(ended.report)} == {"failed"}
    assert all("--prometheus none" in row["mend"] for row in metrics_coverage(ended.report))
    assert subjects(ended.report, "GPU102") == subjects(ended.report, "PVC106") == set()
    assert others(ended.report) == others(bare.report) and states(bare.report)["GPU101"] == "ran"


async def page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>Please log in</html>", content_type="text/html")


async def refuse(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "error", "error": "forbidden"}, status=403)


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits so long")


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (refuse, "denied", "the Prometheus query was refused (403)"),
        (hang, "timed-out", "no answer in time"),
        (page, "failed", "a web page"),
    ],
)
async def test_one_that_is_none_leaves_the_rest_of_the_scan_whole(
    answer: Any, state: str, said: str, cluster: Path, seeded: Seeded
) -> None:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    now = stamp(seeded.moment)
    ended = await run(
        "--kubeconfig", cluster, "--prometheus", url, "--now", now, DEEPSCAN_PROMETHEUS_TIMEOUT="1s"
    )
    bare = await run("--kubeconfig", cluster, "--now", now)
    await runner.cleanup()
    assert ended.status == 0, ended.err
    rows = metrics_coverage(ended.report)
    assert {row["slice"] for row in rows} == NEEDING and {row["state"] for row in rows} == {state}
    assert all(said in row["detail"] and url in row["detail"] and row["mend"] for row in rows)
    assert {states(ended.report)[code] for code in MEASURED} == {"not-measured"}
    assert others(ended.report) == others(bare.report)


async def test_a_capture_holds_the_answers_and_gives_the_same_findings(
    prometheus: PrometheusServer, cluster: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "capture.tar.gz"
    captured = await asyncio.to_thread(
        lambda: deepscan("capture", "-o", archive, "--kubeconfig", cluster, "--prometheus", prometheus.url)
    )
    assert captured.status == 0, captured.err
    with tarfile.open(archive) as opened:
        files = {name for name in opened.getnames() if name.startswith("metrics/")}
        opened.extractall(tmp_path / "folder", filter="data")
    assert len(files) == 13
    stated = json.loads((tmp_path / "folder/deepscan.json").read_text())
    live = await run("--kubeconfig", cluster, "--prometheus", prometheus.url, "--now", stated["captured_at"])
    recorded = await run("--from", archive)
    folder = await run("--from", tmp_path / "folder")
    assert len(subjects(live.report, "GPU102")) == 8
    for again in (recorded, folder):
        assert again.report["findings"] == live.report["findings"]
        assert states(again.report) == states(live.report)
        assert metrics_coverage(again.report) == metrics_coverage(live.report)
    assert steady(recorded.report)["problems"] == steady(live.report)["problems"]
    await _broken(tmp_path / "folder", states(live.report))


async def _broken(folder: Path, whole: dict[str, str]) -> None:
    """A file that is cut short blinds the checks that need its slice, and is named."""
    path = folder / "metrics/gpu-power.json"
    path.write_bytes(path.read_bytes()[:-200])
    report = (await run("--from", folder)).report
    [row] = [row for row in metrics_coverage(report) if row["slice"] == "gpu-metrics"]
    assert row["state"] == "failed" and "gpu-power" in row["detail"]
    blind = {code for code, state in states(report).items() if state != whole[code]}
    assert blind == {"GPU102", "GPU104", "CST104"} and states(report)["GPU102"] == "not-measured"
    assert subjects(report, "PVC106") == {VOLUMES[0].name, VOLUMES[1].name}


async def test_doctor_reaches_prometheus_and_measures_nothing(
    prometheus: PrometheusServer, seeded: Seeded, cluster: Path
) -> None:
    async with Front(prometheus.url) as front:
        command = ["doctor", "--kubeconfig", cluster, "--prometheus", front.url, "--format", "json=-"]
        ended = await asyncio.to_thread(lambda: deepscan(*command))
    assert ended.status == 0, ended.err
    (target,) = ended.report["targets"]
    told = {row["slice"]: row["state"] for row in target["coverage"] if row["slice"] in NEEDING}
    assert told == dict.fromkeys(NEEDING, "complete")
    assert not [row for row in ended.report["probes"] if row["name"] == "prometheus"]
    assert front.asked and not front.queries


async def test_doctor_names_a_prometheus_that_is_not_there(cluster: Path) -> None:
    command = ["doctor", "--kubeconfig", cluster, "--prometheus", "http://127.0.0.1:9", "--format", "json=-"]
    ended = await asyncio.to_thread(lambda: deepscan(*command))
    (target,) = ended.report["targets"]
    assert {row["state"] for row in target["coverage"] if row["slice"] in NEEDING} == {"failed"}
    assert {row["code"] for row in target["checks"] if row["state"] == "not-measured"} >= {"GPU102", "GPU104"}
