"""
Answers of a Prometheus in a recording: the same facts, none of the secrets, and a gap where one is broken.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import GPU_METRICS, PROMETHEUS
from swarm.sources.recorded.metrics import RecordedMetrics, metrics_file, redacted_answer
from swarm.sources.recorded.source import RecordedSource
from swarm.sources.source import Read

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "ml", "uid": "u"}, "spec": {},
       "status": {"phase": "Running", "startTime": "2026-03-04T10:00:00Z"}}  # fmt: skip
DEVICE = {
    "gpu": "0",
    "UUID": "GPU-1",
    "Hostname": "gpu-00",
    "pod": "p",
    "namespace": "ml",
    "container": "main",
}


def matrix(labels: dict[str, str], *samples: tuple[float, str]) -> bytes:
    result = [{"metric": labels, "values": [list(sample) for sample in samples]}]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


def recording(folder: Path, **files: bytes) -> RecordedSource:
    (folder / "metrics").mkdir(parents=True)
    (folder / "pods.json").write_text(json.dumps({"apiVersion": "v1", "kind": "PodList", "items": [POD]}))
    for name, body in files.items():
        (folder / metrics_file(name.replace("_", "-"))).write_bytes(body)
    return RecordedSource(folder)


async def test_answers_are_facts_and_their_time_is_the_recordings(tmp_path: Path) -> None:
    body = matrix(DEVICE, (1772621100, "0.5"), (1772621400, "0.25"))
    source = recording(tmp_path / "r", gpu_engine_active=body)
    await source.open()
    read = await source.read(GPU_METRICS, {})
    [use] = read.objects
    assert (use.pod, list(use.busy.values)) == ("p", [0.5, 0.25])
    assert [reading.state for reading in read.readings] == [SliceState.COMPLETE]
    assert (await source.read(PROMETHEUS, {})).readings == []
    assert source.now() == 1772621400  # 10:50 on the day of the pod that started at 10:00


async def test_no_answers_are_no_reading(tmp_path: Path) -> None:
    source = recording(tmp_path / "r", of_somebody_else=b"{}")
    await source.open()
    for slice_ in (GPU_METRICS, PROMETHEUS):
        assert await source.read(slice_, {}) == Read([], [])


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"status":"success"', b'{"status":"error","error":"no"}', b"[]"]
)
async def test_a_broken_answer_is_a_gap_that_names_its_file(body: bytes, tmp_path: Path) -> None:
    whole = matrix(DEVICE, (1772621100, "0.5"))
    source = recording(tmp_path / "r", gpu_engine_active=whole, gpu_power=body)
    await source.open()
    read = await source.read(GPU_METRICS, {})
    [reading] = read.readings
    assert read.objects == [] and reading.state is SliceState.FAILED and "gpu-power" in reading.detail


def test_what_the_capture_states_of_a_gap_stays_a_gap() -> None:
    denied = Reading(GPU_METRICS.name, SliceState.DENIED, detail="403", mend="grant")
    other = Reading(PROMETHEUS.name, SliceState.COMPLETE, objects=4)
    metrics = RecordedMetrics()
    assert metrics.read(GPU_METRICS, [denied, other]).readings == [denied]
    assert metrics.read(PROMETHEUS, [denied, other]).readings[0].state is SliceState.FAILED


def test_an_answer_is_redacted_in_its_labels_and_keeps_its_samples() -> None:
    canary = "hf_abcdefghijklmnopqrstuvwxyz0123"
    samples = [[1772621100.5, "0.123456789012"], [1772621400, "NaN"]]
    body = json.loads(
        matrix({**DEVICE, "note": f"token {canary}", "UUID": "GPU-5c6f9a3e-1f7b-4a0e-9d3c-0b1a2c3d4e5f"})
    )
    body["data"]["result"][0]["values"] = samples
    body["warnings"] = [f"store said {canary}"]
    text = redacted_answer(json.dumps(body).encode())
    assert canary.encode() not in text
    told: Any = json.loads(text)
    [one] = told["data"]["result"]
    assert one["values"] == samples and one["metric"]["UUID"] == "GPU-5c6f9a3e-1f7b-4a0e-9d3c-0b1a2c3d4e5f"
    assert "‹secret:hugging-face:" in one["metric"]["note"] and len(told["warnings"]) == 1
