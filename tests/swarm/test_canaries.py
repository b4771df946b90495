"""
No secret in any output (trust.md 6): over three hundred planted ones, through every channel, in none of the faces.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from scanners.semantics.egress import secrets_in
from scanners.semantics.split_secrets import redact_text
from swarm.cli.failure import WithoutSecrets
from swarm.sources.kubernetes import refusals
from swarm.sources.prometheus import refusals as prometheus_refusals
from swarm.sources.recorded.files import Refused, entries
from tests.cluster.pki import Authority
from tests.model.narrators import narrates
from tests.model.server import ModelServer
from tests.scanners.cases import FIXTURES
from tests.swarm.canaries import Canary, canaries
from tests.swarm.cli.command import Ended, deepscan
from tests.swarm.planted import NAMESPACE, NOW, Cluster, leaks, members, tables
from tests.swarm.sources.kubernetes import server
from tests.swarm.sources.kubernetes.server import FakeApi, kubeconfig, status
from tests.swarm.sources.prometheus.server import BadPrometheus, said

PLANTED = canaries()
SHIFTS = [PLANTED[::2], PLANTED[1::2]]
"""Two clusters: at most 200 logs are read of one target."""
KINDS = {
    "apps": ("deployments", "replicasets", "statefulsets", "daemonsets"),
    "batch": ("jobs", "cronjobs"),
    "policy": ("poddisruptionbudgets",),
    "networking.k8s.io": ("networkpolicies", "ingresses"),
    "discovery.k8s.io": ("endpointslices",),
    "storage.k8s.io": ("storageclasses", "volumeattachments"),
    "admissionregistration.k8s.io": ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
    "": ("pods", "nodes", "events", "namespaces", "services", "persistentvolumeclaims", "persistentvolumes",
         "resourcequotas"),
}  # fmt: skip


def test_there_are_two_hundred_and_more_and_each_is_a_text_of_its_own() -> None:
    assert len(PLANTED) >= 200
    assert len({canary.text for canary in PLANTED}) == len(PLANTED)
    assert all(len(secret) >= 8 for canary in PLANTED for secret in canary.secrets)
    assert leaks({"what was planted": "\n".join(c.text for c in PLANTED).encode()}, PLANTED)


@pytest.mark.parametrize("canary", PLANTED, ids=lambda canary: f"{canary.kind}-{canary.form}")
def test_a_canary_is_hidden_in_a_text_and_stops_what_would_leave_with_it(canary: Canary) -> None:
    for before, after in (("", ""), ("E1119 02:00:00.1 main.go:7] ", ""), ("he said: ", " (and more)")):
        told = redact_text(before + canary.text + after)
        assert not [secret for secret in canary.secrets if secret in told]
        assert redact_text(told) == told
        assert secrets_in(before + canary.text + after) and not secrets_in(told)


def _faces(folder: Path, ended: Ended) -> dict[str, bytes]:
    found = {"stdout (terminal)": ended.out.encode(), "stderr (log)": ended.err.encode()}
    return found | {f"{path.suffix} face": path.read_bytes() for path in folder.iterdir()}


def _quoted(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False)


@pytest.mark.parametrize("shift", SHIFTS, ids=lambda shift: f"{len(shift)}")
def test_a_recording_full_of_secrets_gives_a_report_with_none(shift: list[Canary], tmp_path: Path) -> None:
    cluster = Cluster(shift)
    tree = cluster.record(tmp_path / "tree")
    assert leaks({path.name: path.read_bytes() for path in tree.rglob("*") if path.is_file()}, shift)
    out = tmp_path / "out"
    ended = deepscan(
        "run", "--from", tree, "--now", NOW, "--verbose", "--output-dir", out, "--format", "terminal=-",
        "--history", tmp_path / "history.db", "--prices", "none", DEEPSCAN_LOG="DEBUG",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    report = json.loads((out / "deepscan.json").read_text())
    crashed = [row for row in report["findings"] if row["subject"].get("namespace") == NAMESPACE]
    assert len(crashed) >= len(shift) and _quoted(report).count("‹secret:") > len(shift)
    texts = _faces(out, ended) | tables(tmp_path / "history.db")
    found = leaks(texts, shift)
    print(
        f"recording: {len(shift)} canaries, {len(cluster.channels)} channels, {len(texts)} outputs, {len(found)} hits"
    )
    assert found == []


MANY = {"DEEPSCAN_LLM_TOP": "400", "DEEPSCAN_LLM_MAX_CALLS": "60", "DEEPSCAN_LLM_MAX_TOKENS": "4000000"}
"""Caps of a model under which every problem is worded."""


@pytest.mark.parametrize("shift", SHIFTS, ids=lambda shift: f"{len(shift)}")
def test_a_model_is_sent_no_secret_and_the_cache_keeps_none(shift: list[Canary], tmp_path: Path) -> None:
    cluster = Cluster(shift)
    tree, cache, out = cluster.record(tmp_path / "tree"), tmp_path / "cache", tmp_path / "out"
    asked = ("run", "--from", tree, "--now", NOW, "--model", "scripted")
    with ModelServer([narrates()]) as model:
        told = deepscan(
            *asked, "--model-url", model.url, "--verbose", "--output-dir", out, "--format", "terminal=-",
            XDG_CACHE_HOME=str(cache), DEEPSCAN_LOG="DEBUG", **MANY,
        )  # fmt: skip
        assert told.status == 0, told.err
        shown = deepscan(*asked, "--model-url", model.url, "--show-prompt", **MANY)
        sent = [json.dumps([call.headers, call.body], ensure_ascii=False).encode() for call in model.calls]
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert len(sent) > 3 and len(kept) == len(sent) and shown.status == 0, (len(sent), len(kept), shown.err)
    assert b"u2039secret:" in b"".join(sent), "some evidence that was hidden is among what is worded"
    assert all(secrets_in(text.decode()) == [] for text in sent)
    texts = _faces(out, told) | {"shown prompt": (shown.out + shown.err).encode()}
    texts |= {f"request {n}": body for n, body in enumerate(sent)}
    texts |= {f"cache {path.name}": path.read_bytes() for path in kept}
    found = leaks(texts, shift)
    print(f"model: {len(shift)} canaries, {len(sent)} requests, {len(kept)} answers kept, {len(found)} hits")
    assert found == []


@pytest_asyncio.fixture(name="api")
async def _api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeApi]:
    monkeypatch.setattr(server, "GROUPS", {group: ("v1", plurals) for group, plurals in KINDS.items()})
    served = FakeApi(Authority(tmp_path / "pki"))
    await served.start()
    yield served
    await served.stop()


@pytest_asyncio.fixture(name="prometheus")
async def _prometheus() -> AsyncIterator[BadPrometheus]:
    served = BadPrometheus()
    await served.start()
    yield served
    await served.stop()


def _fill(api: FakeApi, cluster: Cluster) -> None:
    api.objects |= cluster.served()
    api.objects["namespaces"] = [server.item("kube-system", uid="u-1"), *api.objects.get("namespaces", [])]
    api.logs = cluster.logs
    api.before = lambda _: None


def _answer(prometheus: BadPrometheus, shift: list[Canary]) -> None:
    """Every series carries a canary in each of its labels, and every answer warns with one."""
    texts = [canary.text for canary in shift]

    def before(request: web.Request) -> web.Response | None:
        if "query_range" not in request.path:
            return None
        start, end, step = (float(request.query[word]) for word in ("start", "end", "step"))
        values = [[start + at * step, "0.5"] for at in range(round((end - start) / step) + 1)]
        result = [
            {"metric": {"gpu": str(n), "UUID": f"GPU-{n}", "Hostname": text, "modelName": text, "pod": text,
                        "namespace": "ml", "container": text, "password": "tr0ub4dor"}, "values": values}
            for n, text in enumerate(texts)
        ]  # fmt: skip
        return web.Response(
            body=said({"resultType": "matrix", "result": result}, texts), content_type="application/json"
        )

    prometheus.before = before


@pytest.mark.parametrize("shift", SHIFTS, ids=lambda shift: f"{len(shift)}")
async def test_a_live_cluster_full_of_secrets_gives_a_report_and_a_capture_with_none(
    shift: list[Canary], tmp_path: Path, api: FakeApi, prometheus: BadPrometheus
) -> None:
    cluster = Cluster(shift)
    _fill(api, cluster)
    _answer(prometheus, shift)
    config, out, archive = kubeconfig(tmp_path / "k", api), tmp_path / "out", tmp_path / "c.tar.gz"
    asked = ("--kubeconfig", config, "--prometheus", prometheus.url)
    ended = await asyncio.to_thread(
        deepscan, "run", *asked, "--now", NOW, "--verbose", "--output-dir", out, "--format", "terminal=-",
        "--history", tmp_path / "history.db", DEEPSCAN_LOG="DEBUG",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    report = json.loads((out / "deepscan.json").read_text())
    read = {row["slice"]: row["objects"] for row in report["coverage"]}
    assert read["pod-logs"] >= len(shift) and read["gpu-metrics"] > 0
    assert _quoted(report).count("‹secret:") > len(shift)
    captured = await asyncio.to_thread(deepscan, "capture", *asked, "-o", archive)
    assert captured.status == 0, captured.err
    inside = members(archive)
    assert any("-previous.log" in name for name in inside) and any("metrics/" in name for name in inside)
    assert b"\xe2\x80\xb9secret:" in b"".join(inside.values()) and b"tr0ub4dor" not in b"".join(
        inside.values()
    )
    texts = _faces(out, ended) | tables(tmp_path / "history.db") | inside
    texts |= {"capture's stderr": captured.err.encode(), "capture's stdout": captured.out.encode()}
    found = leaks(texts, shift)
    print(
        f"live: {len(shift)} canaries, {len(cluster.channels)} channels, {len(texts)} outputs, {len(found)} hits"
    )
    assert found == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 429, 500, 503])
def test_what_a_server_says_while_it_refuses_is_told_without_its_secrets(code: int) -> None:
    for canary in PLANTED:
        for body in (
            status(code, f"refused: {canary.text}").body,
            f"<html>{canary.text}</html>".encode(),
            json.dumps({"status": "error", "errorType": "bad_data", "error": canary.text}).encode(),
        ):
            assert isinstance(body, bytes)
            for made in (
                refusals.refusal(code, body, "https://api/pods"),
                prometheus_refusals.refusal(code, body, "https://prometheus"),
                refusals.failure(OSError(canary.text), "https://api"),
            ):
                told = "\n".join((made.sentence, made.where, made.mend, repr(made.args)))
                assert leaks({"error": told.encode()}, [canary]) == []


async def test_a_server_that_refuses_with_secrets_leaves_none_in_gaps_and_warnings(
    tmp_path: Path, api: FakeApi
) -> None:
    cluster = Cluster(SHIFTS[0])
    _fill(api, cluster)
    plurals = sorted(set(cluster.served()) - {"namespaces"})
    told = {plural: PLANTED[n * len(PLANTED) // len(plurals)] for n, plural in enumerate(plurals)}
    logs = iter(PLANTED * 3)

    def before(request: web.Request) -> web.StreamResponse | None:
        plural = request.path.rsplit("/", 1)[-1]
        if plural == "log":
            return status(403 if len(api.requests) % 2 else 500, next(logs).text)
        if plural in told and plural != "pods":
            return status(403 if len(plural) % 2 else 500, f"no: {told[plural].text}")
        return status(403, told["pods"].text) if plural == "version" else None

    api.before = before
    config, out = kubeconfig(tmp_path / "k", api), tmp_path / "out"
    ended = await asyncio.to_thread(
        deepscan,
        "run",
        "--kubeconfig",
        config,
        "--now",
        NOW,
        "--verbose",
        "--output-dir",
        out,
        "--format",
        "terminal=-",
    )
    assert ended.status == 0, ended.err
    report = json.loads((out / "deepscan.json").read_text())
    assert sum("‹secret:" in row["detail"] for row in report["coverage"]) >= len(plurals) // 2
    doctor = await asyncio.to_thread(deepscan, "doctor", "--kubeconfig", config)
    texts = _faces(out, ended) | {"doctor": (doctor.out + doctor.err).encode()}
    assert leaks(texts, PLANTED) == []


CRASH = '''
"""
A check with a bug.

## Why it matters
It does not.

## What to do
Nothing.

## When it is wrong
Always.
"""

from pathlib import Path

import msgspec
import pydantic

from scanners.facts.slices import PODS
from scanners.finding import Severity
from scanners.scanner import scanner


class Strict(pydantic.BaseModel):
    number: int


class Wire(msgspec.Struct):
    number: int


def _attempt(make, read):
    try:
        make(read)
    except Exception as error:
        return error


@scanner("JOB199", "A bug", Severity.LOW, needs=[PODS])
def bug(inventory):
    texts = msgspec.json.decode(Path({texts!r}).read_bytes())
    strict, wire = lambda text: Strict(number=text), lambda text: msgspec.convert({{"number": text}}, Wire)
    makers = (int, {{}}.__getitem__, strict, wire)
    raised = [_attempt(make, text) for text in texts for make in makers]
    raise ExceptionGroup("\\n".join(texts), raised) from ValueError(repr(texts))
'''


def test_a_bug_that_quotes_what_it_read_leaves_no_secret_in_the_traceback(tmp_path: Path) -> None:
    (tmp_path / "texts.json").write_text(json.dumps([canary.text for canary in PLANTED]))
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "leaky_check.py").write_text(CRASH.format(texts=str(tmp_path / "texts.json")))
    (tmp_path / "sitecustomize.py").write_text(
        f"import scanners.jobs\nscanners.jobs.__path__.append({str(folder)!r})\n"
    )
    ended = deepscan(
        "run", "--demo", "--verbose", "--check", "JOB199", "--format", "json=-",
        PYTHONPATH=f"{tmp_path}:{Path.cwd()}", DEEPSCAN_LOG="DEBUG",
    )  # fmt: skip
    assert ended.status in (0, 3), ended.err
    assert (
        "check JOB199 failed" in ended.err
        and "ExceptionGroup" in ended.err
        and "ValidationError" in ended.err
    )
    assert ended.err.count("‹secret:") > len(PLANTED)
    assert leaks({"stderr": ended.err.encode(), "report": ended.out.encode()}, PLANTED) == []


def test_the_log_is_written_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    for canary in PLANTED:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "reading %s failed", (canary.text,), None)
        assert leaks({"log": WithoutSecrets().format(record).encode()}, [canary]) == []


ORDINARY = (Path(__file__).parent / "ordinary.txt").read_text().splitlines()
"""What controllers, runtimes and pipelines write all day."""


@pytest.mark.parametrize("text", ORDINARY, ids=lambda text: text[:30])
def test_ordinary_words_stay(text: str) -> None:
    assert redact_text(text) == text


def _strings(node: Any) -> Iterator[str]:
    pending = [node]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict | list):
            pending += found.values() if isinstance(found, dict) else found


def test_no_text_of_the_demo_is_changed() -> None:
    """It plants no secret: whatever was hidden in it would be evidence lost."""
    seen = 0
    for entry in entries(FIXTURES / "demo", Refused()):
        if entry.path.endswith(".log"):
            texts = [entry.data.decode()]
        else:
            texts = list(dict.fromkeys(_strings(json.loads(entry.data))))
        for text in texts:
            assert redact_text(text).strip() == text.replace("\t", " ").strip()
            seen += 1
    assert seen > 1000
