"""
Whatever shape a recording has, its objects are found, and what is absent from it was not collected.
"""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanners.facts.gaps import SliceState
from scanners.facts.slices import EVENTS, NODES, POD_LOGS, PODS, Slice
from swarm.errors import UnreadableRecording
from swarm.sources.recorded.source import RecordedSource
from swarm.sources.source import Read


def pod(name: str, namespace: str = "ml") -> dict[str, Any]:
    created = "2026-03-01T00:00:00Z"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": f"uid-{name}",
            "creationTimestamp": created,
        },
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
        "status": {"phase": "Pending"},
    }


def bare(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


async def read(path: Path, slice_: Slice = PODS) -> Read:
    source = RecordedSource(path)
    await source.open()
    return await source.read(slice_, {})


def listed(kind: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "items": list(items)}


POD = pod("a")
OTHER = "---\n# nothing\n---\n" + yaml.safe_dump({"kind": "Other", "a": 1})
SHAPES: dict[str, dict[str, str | bytes]] = {
    "a single object in YAML": {"p.yaml": yaml.safe_dump(POD)},
    "many documents": {"p.yml": "---\n" + yaml.safe_dump(POD) + OTHER},
    "kubectl get -o json": {"pods.json": json.dumps(listed("List", POD))},
    "a typed list without item kinds": {"x.json": json.dumps(listed("PodList", bare(POD)))},
    "a bare array of a support bundle": {"cluster-resources/pods/ml.json": json.dumps([bare(POD)])},
    "a gzip'd list": {"pods.json.gz": gzip.compress(json.dumps(listed("PodList", POD)).encode())},
    "a must-gather": {"namespaces/ml/core/pods.yaml": yaml.safe_dump(listed("PodList", bare(POD)))},
    "lines of JSON": {"pods.ndjson": json.dumps(POD) + "\n" + json.dumps({"kind": "Nothing"}) + "\n"},
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_pod_is_found_in(shape: str, tmp_path: Path) -> None:
    found = await read(write(tmp_path, SHAPES[shape]))
    assert [(each.namespace, each.name) for each in found.objects] == [("ml", "a")]
    assert [reading.state for reading in found.readings] == [SliceState.COMPLETE]


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "zip"])
async def test_archives_are_opened_where_they_are(ending: str, tmp_path: Path) -> None:
    data = json.dumps({"kind": "PodList", "apiVersion": "v1", "items": [pod("a")]}).encode()
    path = tmp_path / f"bundle.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bundle/cluster-resources/pods/ml.json", data)
    else:
        with tarfile.open(path, "w" if ending == "tar" else "w:gz") as archive:
            member = tarfile.TarInfo("bundle/cluster-resources/pods/ml.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found = await read(path)
    assert [each.name for each in found.objects] == ["a"]


async def test_what_is_absent_was_not_collected(tmp_path: Path) -> None:
    found = await read(write(tmp_path, SHAPES["a single object in YAML"]), NODES)
    assert [reading.state for reading in found.readings] == [SliceState.NOT_COLLECTED]
    assert "kubectl get nodes" in found.readings[0].mend


async def test_an_empty_list_was_collected(tmp_path: Path) -> None:
    files = SHAPES["a single object in YAML"] | {
        "nodes.json": '{"kind":"NodeList","apiVersion":"v1","items":null}'
    }
    found = await read(write(tmp_path, files), NODES)
    assert [reading.state for reading in found.readings] == [SliceState.COMPLETE]


async def test_one_page_of_a_list_is_truncated(tmp_path: Path) -> None:
    page = {"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": "abc"}, "items": [bare(pod("a"))]}
    found = await read(write(tmp_path, {"pods.json": json.dumps(page)}))
    assert len(found.objects) == 1
    assert found.readings[0].state in (SliceState.PARTIAL, SliceState.TRUNCATED)


async def test_the_collectors_own_errors_are_gaps(tmp_path: Path) -> None:
    said = '["events is forbidden: User \\"system:serviceaccount:default:default\\" cannot list resource"]'
    files = SHAPES["a single object in YAML"] | {"cluster-resources/events-errors.json": said}
    found = await read(write(tmp_path, files), EVENTS)
    assert [reading.state for reading in found.readings] == [SliceState.DENIED]


async def test_logs_lie_beside_the_objects(tmp_path: Path) -> None:
    files = SHAPES["a single object in YAML"] | {
        "logs/ml/a/main.log": "now\n",
        "logs/ml/a/main.previous.log": "Traceback\npassword=hunter2secret\n",
        "namespaces/ml/pods/a/side/side/logs/previous.log": "gathered\n",
    }
    found = await read(write(tmp_path, files), POD_LOGS)
    said = {(log.container, log.previous): log.lines for log in found.objects}
    assert said[("main", False)] == ("now",)
    assert said[("side", True)] == ("gathered",)
    assert said[("main", True)][0] == "Traceback"
    assert "hunter2secret" not in said[("main", True)][1]


async def test_the_moment_is_the_newest_time_inside(tmp_path: Path) -> None:
    newer = pod("b")
    newer["status"]["conditions"] = [
        {"type": "Ready", "status": "False", "lastTransitionTime": "2026-03-04T10:12:00Z"}
    ]
    source = RecordedSource(
        write(tmp_path, {"a.json": json.dumps(pod("a")), "b.yaml": yaml.safe_dump(newer)})
    )
    await source.open()
    assert source.now() == 1772619120.0


@pytest.mark.parametrize(
    "files", [{}, {"notes.txt": "hello"}, {"values.yaml": "replicas: 3\n"}], ids=["empty", "text", "values"]
)
async def test_a_folder_that_is_no_cluster_is_an_error(files: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecording, match="no Kubernetes object"):
        await RecordedSource(write(tmp_path, dict(files))).open()


async def test_a_broken_file_is_a_gap_that_names_it(tmp_path: Path) -> None:
    files = SHAPES["kubectl get -o json"] | {
        "cluster-resources/pods/other.json": '{"kind": "PodList", "items": [{"meta'
    }
    found = await read(write(tmp_path, files))
    assert [each.name for each in found.objects] == ["a"]
    assert found.readings[0].state is SliceState.PARTIAL
    assert "cluster-resources/pods/other.json" in found.readings[0].detail


async def test_some_namespaces_are_a_part_of_the_cluster(tmp_path: Path) -> None:
    pods = listed("PodList", pod("a"), pod("b", "data"), pod("c", "data"))
    source = RecordedSource(write(tmp_path, {"pods.json": json.dumps(pods)}), namespaces=("data", "empty"))
    await source.open()
    found = await source.read(PODS, {})
    assert [each.name for each in found.objects] == ["b", "c"]
    assert [(r.scope, r.state, r.objects) for r in found.readings] == [
        ("namespace/data", SliceState.COMPLETE, 2),
        ("namespace/empty", SliceState.COMPLETE, 0),
    ]
