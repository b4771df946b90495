"""
How many processes scan, how many targets each has under way, and what a person sees of it.
"""

import asyncio
import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from swarm import flight, machine
from swarm.coordinator import processes_for
from swarm.progress import Lines, Live, Standing
from swarm.settings import Settings, load
from swarm.spec import TargetSpec


def spec(name: str, recording: Path | None = None) -> TargetSpec:
    provider = "recorded" if recording else "kubernetes"
    return TargetSpec(name=name, provider=provider, settings=Settings(), recording=recording, context=name)


def test_a_single_cluster_is_scanned_here() -> None:
    assert processes_for([spec("a")], Settings())[0] == 1
    assert processes_for([spec("a")], Settings(processes=4))[0] == 1


def test_several_clusters_get_a_process_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: 3)
    settings = Settings(max_memory="8Gi")
    assert [processes_for([spec(str(n)) for n in range(many)], settings)[0] for many in (1, 2, 5)] == [
        1,
        2,
        3,
    ]


def test_small_recordings_stay_here_and_large_ones_count_as_clusters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "cores", lambda: 4)
    small, large, packed = tmp_path / "small", tmp_path / "large", tmp_path / "packed.tar.gz"
    for folder, size in ((small, 1000), (large, 9_000_000)):
        folder.mkdir()
        (folder / "pods.json").write_bytes(bytes(size))
    packed.write_bytes(bytes(2_000_000))
    settings = Settings(max_memory="8Gi")
    assert processes_for([spec("a", small), spec("b", small)], settings)[0] == 1
    assert processes_for([spec("a", small), spec("b", large)], settings)[0] == 1
    assert processes_for([spec("a", packed), spec("b", large), spec("c", small)], settings)[0] == 2


def test_little_memory_means_fewer_processes_and_fewer_targets_at_a_time() -> None:
    specs = [spec(str(n)) for n in range(9)]
    assert processes_for(specs, Settings(processes=4, max_memory="300M")) == (1, 1)
    assert processes_for(specs, Settings(processes=2, max_memory="1G")) == (2, 2)
    assert processes_for(specs, Settings(processes=2, max_memory="64Gi")) == (2, flight.MOST)


def test_an_amount_of_memory_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="an amount of memory looks like 2Gi"):
        load({"max_memory": "plenty"}, environment={}, directory=Path("/nonexistent"))


def test_a_container_with_limits_is_not_taken_for_its_machine(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text("536870912\n")
    assert (machine.cores(tmp_path), machine.memory(tmp_path)) == (1, 536870912)
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    whole = machine.cores(tmp_path / "none"), machine.memory(tmp_path / "none")
    assert (machine.cores(tmp_path), machine.memory(tmp_path)) == whole


async def most_at_once(work_seconds: float, most: int = flight.MOST) -> int:
    """The most things that were under way together, of twenty that only wait."""
    left, now, seen = iter(range(20)), 0, 0

    async def take() -> int | None:
        return next(left, None)

    async def work(_: int) -> None:
        nonlocal now, seen
        now += 1
        seen = max(seen, now)
        await asyncio.sleep(work_seconds)
        now -= 1

    await flight.side_by_side(take, work, most)
    return seen


async def test_slow_servers_are_read_side_by_side() -> None:
    assert await most_at_once(3.0) >= 8


async def test_never_more_than_memory_has_room_for() -> None:
    assert await most_at_once(0.1, most=3) == 3


def test_a_process_that_uses_its_core_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, processor = [0.0], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "process_time", lambda: processor[0])
    load = flight.Load()
    clock[0], processor[0] = 0.01, 0.0
    assert load.is_high()  # too early to tell
    clock[0], processor[0] = 1.0, 0.95
    assert load.is_high()
    clock[0], processor[0] = 2.0, 1.15
    assert not load.is_high()


def standing(target: str, concern: str, findings: int = 0, **words: object) -> Standing:
    state = words.pop("state", "done")
    return Standing(target, concern, state, 0, findings, 0.0)  # type: ignore[arg-type]


def drawn(live: Live) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(live.table())
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_several_targets_have_a_line_each_and_a_cell_a_concern() -> None:
    live = Live(Console(file=io.StringIO()), several=True)
    live.begin("east", [standing("east", "gpu", 4), standing("east", "jobs", 2, state="partial")])
    live.begin("west", [standing("west", "gpu", state="reading"), standing("west", "jobs", state="waiting")])
    live.unread("gone")
    _, head, *lines = [line.split() for line in drawn(live).splitlines()]
    assert head == ["target", "gpu", "jobs"]
    assert lines[0] == ["west", "…", "·"]  # what is under way comes first
    assert lines[1] == ["east", "4", "2~"]
    assert lines[2][0] == "gone" and "not" in lines[2]


def test_elsewhere_a_line_tells_that_a_target_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    lines, agents = Lines(), [standing("east", "gpu", 4), standing("east", "jobs", 2)]
    lines.begin("east", agents)
    lines.ended(agents[0])
    assert capsys.readouterr().err == ""
    lines.ended(agents[1])
    lines.unread("gone")
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("east: 2 agents ended, 6 sightings") and told[1].startswith("gone: not read")
