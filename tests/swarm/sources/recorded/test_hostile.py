"""
A recording may be made to hurt: nothing is written, nothing runs, nothing grows without bound.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scanners.facts.slices import PODS
from swarm.errors import UnreadableRecording
from swarm.sources.recorded import files
from swarm.sources.recorded.source import RecordedSource
from tests.swarm.sources.recorded.test_layouts import pod, write

GOOD = json.dumps(pod("good")).encode()


def archive(path: Path, fill: Callable[[tarfile.TarFile], None]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        add(tar, "pods.json", GOOD)
        fill(tar)
    return path


def add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def link(tar: tarfile.TarFile, name: str, target: str, kind: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    tar.addfile(member)


async def opened(path: Path) -> RecordedSource:
    source = RecordedSource(path)
    await source.open()
    return source


@pytest.mark.parametrize(
    "name",
    ["../climbs.json", "/absolute.json", "a/../../climbs.json", "C:\\windows.json", "a\\..\\..\\b.json"],
)
async def test_a_path_that_climbs_out_is_refused_and_told(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    before = set(tmp_path.rglob("*"))
    path = archive(inner / "evil.tar.gz", lambda tar: add(tar, name, GOOD))
    source = await opened(path)
    assert any("leaves the archive" in warning for warning in source.warnings)
    assert len((await source.read(PODS, {})).objects) == 1
    assert set(tmp_path.rglob("*")) - before == {path}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
async def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    source = await opened(
        archive(tmp_path / "evil.tar.gz", lambda tar: link(tar, "secret.json", "/etc/passwd", kind))
    )
    assert any("not a regular file" in warning for warning in source.warnings)


async def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"pods.json": json.dumps(pod("outside"))})
    inside = write(tmp_path / "inside", {"pods.json": GOOD})
    (inside / "linked.json").symlink_to(outside / "pods.json")
    (inside / "folder").symlink_to(outside)
    found = await (await opened(inside)).read(PODS, {})
    assert [each.name for each in found.objects] == ["good"]


async def test_a_gzip_bomb_stops_at_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 1 << 20)
    bomb = gzip.compress(b" " * (4 << 20))
    source = await opened(write(tmp_path, {"pods.json": GOOD, "bomb.json.gz": bomb}))
    assert any("over the size cap" in warning for warning in source.warnings)


async def test_too_many_entries_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_ENTRIES", 10)
    with pytest.raises(UnreadableRecording, match="larger"):
        await opened(write(tmp_path, {f"{number}.json": GOOD for number in range(12)}))


async def test_a_truncated_archive_is_an_error_with_its_mend(tmp_path: Path) -> None:
    path = archive(tmp_path / "cut.tar.gz", lambda tar: add(tar, "big.json", GOOD * 1000))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableRecording) as caught:
        await opened(path)
    assert "fetch it again" in caught.value.mend


YAML_TRAPS = {
    "a python tag": "!!python/object/apply:os.system ['touch owned']",
    "an alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join('*' + chr(97 + i) for _ in range(9))}]\n" for i in range(20)
    ) + "".join(f"z{i}: *u\n" for i in range(2000)),
    "deep nesting": "[" * 100_000,
    "deep flow": "{a: " * 50_000,
}  # fmt: skip


@pytest.mark.parametrize("trap", YAML_TRAPS)
async def test_yaml_is_data_only(trap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = await opened(write(tmp_path / "tree", {"pods.json": GOOD, "trap.yaml": YAML_TRAPS[trap]}))
    assert any("trap.yaml" in warning for warning in source.warnings)
    assert not (tmp_path / "owned").exists()
    assert len((await source.read(PODS, {})).objects) == 1


async def test_deep_json_is_a_broken_file(tmp_path: Path) -> None:
    deep = '{"kind":"Pod","a":' + "[" * 200_000 + "]" * 200_000 + "}"
    source = await opened(write(tmp_path, {"pods.json": GOOD, "deep.json": deep}))
    assert any("deep.json" in warning for warning in source.warnings)
