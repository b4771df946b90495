"""
What is read beside the cluster is configured or not, and the checks that hang on it are told with the line to add.
"""

from pathlib import Path

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Inventory, Target
from scanners.facts.slices import GPU_METRICS, PODS
from scanners.scanner import CheckState, Scanner, catalogue
from swarm.doctor.probes import not_configured, prices_in_force, settings_in_force
from swarm.settings import load


def needing_metrics() -> Scanner:
    return msgspec.structs.replace(catalogue()["OOM101"], code="GPU199", needs=(PODS, GPU_METRICS))


def judged(*readings: Reading) -> str:
    target = Target(id="t", name="t", provider="kubernetes")
    return needing_metrics().outlook(Inventory(target, 0.0, {}, readings)).state


PODS_READ = Reading("pods", SliceState.COMPLETE, objects=3)


def test_a_source_that_nobody_configured_is_told_with_its_line_and_its_checks() -> None:
    assert judged(PODS_READ) == CheckState.NOT_CONFIGURED
    (row,) = not_configured([needing_metrics()], [])
    assert (row.name, row.state, row.checks) == ("prometheus", "not-configured", ["GPU199"])
    assert row.mend == "deepscan run --prometheus URL"


def test_a_probe_that_answers_for_its_slices_makes_them_configured() -> None:
    read = Reading("gpu-metrics", SliceState.COMPLETE, objects=8)
    assert not_configured([needing_metrics()], {read.slice}) == []
    assert judged(PODS_READ, read) == CheckState.RAN
    assert judged(PODS_READ, Reading("gpu-metrics", SliceState.DENIED)) == CheckState.NOT_MEASURED


def test_sources_that_no_check_wants_are_not_spoken_of() -> None:
    assert not_configured([catalogue()["OOM101"]], []) == []


async def test_the_settings_say_where_they_come_from() -> None:
    probed = await settings_in_force(load({"since": "2h"}, environment={"DEEPSCAN_DEADLINE": "5m"}))
    assert probed.row.detail == "1 from environment, 1 from flag"
    assert (await settings_in_force(load(environment={}))).row.detail == "all defaults"


async def test_the_price_tables_say_of_when_they_are(tmp_path: Path) -> None:
    probed = await prices_in_force(load({}, environment={}, directory=tmp_path))
    assert probed.row.state == "ok" and "rows of 20" in probed.row.detail
    assert [(row.slice, row.state) for row in probed.readings] == [("prices", SliceState.COMPLETE)]
    none = await prices_in_force(load({"prices": ["none"]}, environment={}, directory=tmp_path))
    assert none.readings == [] and none.row.detail == "none, as asked"
