"""
A recording may be cut, doubled or hold a part of the cluster: what it does not hold must not count as absent.
"""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import yaml

from scanners.facts.gaps import SliceState
from scanners.facts.inventory import Inventory
from scanners.facts.slices import JOBS, NAMESPACES, PODS, Slice
from scanners.scanner import CheckState, catalogue
from scanners.semantics.quantities import quantity
from swarm.sources.recorded.source import RecordedSource
from tests.swarm.sources.recorded.test_layouts import bare, listed, pod, read, write


def namespace(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name},
        "status": {"phase": "Active"},
    }


async def states(path: Path, slice_: Slice = PODS) -> list[tuple[str, SliceState]]:
    return [(reading.scope, reading.state) for reading in (await read(path, slice_)).readings]


async def test_an_object_that_stands_in_two_files_is_one_and_the_newest_stays(tmp_path: Path) -> None:
    old, new = pod("a"), pod("a")
    old["metadata"]["resourceVersion"], new["metadata"]["resourceVersion"] = "9", "10"
    new["spec"]["nodeName"] = "n1"
    for first, second in ((old, new), (new, old)):
        found = await read(write(tmp_path, {"a.json": json.dumps(first), "b.yaml": yaml.safe_dump(second)}))
        assert [each.node for each in found.objects] == ["n1"]


async def test_an_object_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    broken = pod("b") | {"spec": {"containers": "none"}}
    path = write(tmp_path, {"pods.json": json.dumps(listed("PodList", pod("a"), broken))})
    assert await states(path) == [("cluster", SliceState.PARTIAL)]


async def test_a_file_that_is_wholly_broken_leaves_nothing_to_speak_of(tmp_path: Path) -> None:
    files = {"pods.json": '{"kind": "PodList", "items": [{', "n.json": json.dumps(namespace("ml"))}
    assert await states(write(tmp_path, files)) == [("cluster", SliceState.FAILED)]


async def test_a_bundle_of_some_namespaces_is_no_whole_cluster(tmp_path: Path) -> None:
    known = json.dumps([namespace(name) for name in ("kube-system", "ml", "web")])
    files = {
        "b/cluster-resources/namespaces.json": known,
        "b/cluster-resources/pods/kube-system.json": "[]",
        "b/cluster-resources/pods/ml.json": json.dumps([bare(pod("a"))]),
    }
    assert await states(write(tmp_path, files)) == [
        ("namespace/kube-system", SliceState.COMPLETE),
        ("namespace/ml", SliceState.COMPLETE),
        ("namespace/web", SliceState.NOT_COLLECTED),
    ]
    files["b/cluster-resources/pods/web.json"] = "[]"
    assert await states(write(tmp_path, files)) == [("cluster", SliceState.COMPLETE)]


async def test_a_must_gather_speaks_of_the_namespaces_that_it_holds(tmp_path: Path) -> None:
    pods = yaml.safe_dump(listed("PodList", pod("a")))
    path = write(tmp_path, {"x/namespaces/ml/core/pods.yaml": pods})
    assert await states(path) == [("namespace/ml", SliceState.COMPLETE)]


async def test_nodes_beside_the_pods_of_a_namespace_are_no_whole_cluster(tmp_path: Path) -> None:
    """``kubectl get pods -n ml -o json`` beside ``kubectl get nodes``: the pods elsewhere are unknown."""
    nodes = listed("NodeList", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": {}})
    files = {"nodes.json": json.dumps(nodes), "pods.json": json.dumps(listed("PodList", pod("a")))}
    assert await states(write(tmp_path, files)) == [("namespace/ml", SliceState.COMPLETE)]
    system = pod("dns")
    system["metadata"]["namespace"] = "kube-system"
    files["pods.json"] = json.dumps(listed("PodList", pod("a"), system))
    assert await states(write(tmp_path, files)) == [("cluster", SliceState.COMPLETE)]


async def test_what_was_refused_may_have_held_more(tmp_path: Path) -> None:
    path = write(tmp_path, {"pods.json": json.dumps(listed("PodList", pod("a")))})
    (path / "more.json").symlink_to(path / "pods.json")
    assert await states(path) == [("cluster", SliceState.PARTIAL)]


async def test_manifests_are_not_measured_where_a_check_needs_status(tmp_path: Path) -> None:
    manifest = {key: value for key, value in pod("a").items() if key != "status"}
    source = RecordedSource(write(tmp_path, {"p.yaml": yaml.safe_dump(manifest)}))
    target = await source.open()
    inventory = Inventory(target, source.now(), {}, (await source.read(PODS, {})).readings)
    verdict = catalogue()["OOM101"].verdict(inventory)
    assert (verdict.state, "manifests" in verdict.why) == (CheckState.NOT_MEASURED, True)


async def test_junk_in_the_place_of_tables_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    files = {
        "deepscan.json": '{"target": 3, "readings": [{"slice": "pods", "state": "fine"}]}',
        "cluster_version.json": '{"info": "x"}',
        "ns.json": json.dumps(
            listed("List", {"kind": "Namespace", "apiVersion": "v1", "metadata": "kube-system"})
        ),
        "jobs.json": '{"kind": "JobList", "apiVersion": "batch/v1", "items": 7}',
        "pods.json": json.dumps(listed("PodList", pod("a"))),
    }
    path = write(tmp_path, files)
    assert len((await read(path)).objects) == 1
    assert await states(path) == [("cluster", SliceState.PARTIAL)]
    assert {state for _, state in await states(path, JOBS)} == {SliceState.FAILED}
    assert {state for _, state in await states(path, NAMESPACES)} == {SliceState.FAILED}


async def test_documents_of_json_one_after_the_other(tmp_path: Path) -> None:
    both = "\n".join(json.dumps(listed("List", pod(name)), indent=2) for name in ("a", "b"))
    assert [each.name for each in (await read(write(tmp_path, {"all.json": both}))).objects] == ["a", "b"]


async def test_an_archive_is_known_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "support-bundle"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pods.json", json.dumps(listed("PodList", pod("a"))))
    assert len((await read(path)).objects) == 1


async def test_one_file_is_known_by_what_it_holds(tmp_path: Path) -> None:
    write(tmp_path, {"pods.txt": json.dumps(listed("PodList", pod("a")))})
    assert len((await read(tmp_path / "pods.txt")).objects) == 1


async def test_a_name_of_bytes_that_are_no_text_can_be_told(tmp_path: Path) -> None:
    files = {"pods.json": json.dumps(listed("PodList", pod("a")))}
    write(tmp_path, files)
    (tmp_path / os.fsdecode(b"bad\xff.json")).write_text("{")
    source = RecordedSource(tmp_path)
    await source.open()
    assert [warning.encode() for warning in source.warnings]


def test_an_amount_past_all_reason_is_none() -> None:
    assert quantity("1e999999999") is None
    assert quantity("1e18") == 10**18
