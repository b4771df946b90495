"""
One registry, several clusters: what lies outside of them is told once, and coincidences are not.
"""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from correlate.across import Seen, across
from correlate.engine import correlate
from correlate.identity import problem_id
from correlate.problem import Problem
from scanners.facts.inventory import Inventory, Target
from scanners.finding import Confidence, Severity, Sighting, nobody
from scanners.kinds import Kind
from tests.correlate.worlds import NOW, at, scanner
from tests.swarm.cli.command import deepscan

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PULLS = FIXTURES / "workloads" / "image_cannot_be_pulled" / "class-rate.yaml"
SERVER = FIXTURES / "storage" / "volume_will_not_mount" / "faulty-file-server.yaml"
MOMENT = "2026-03-04T10:12:00Z"


def seen(target: str, *sightings: Sighting, now: float = NOW) -> Seen:
    inventory = Inventory(Target(id=target, name=f"name-of-{target}", provider="recorded"), now, {}, [])
    told = correlate(inventory, [(scanner("WRK102"), list(sightings))])
    return Seen(
        target=target, name=f"name-of-{target}", findings=told.findings, problems=told.problems, now=now
    )


def registry(host: str = "docker.io", cause: str = "rate", onset: str = "") -> Sighting:
    return Sighting(
        subject=nobody("Registry", host), kind=Kind.REGISTRY_FAILING, cause_class=cause, message=f"{host} fails",
        evidence=[], discriminator=cause, onset=onset or at(42),
    )  # fmt: skip


def server(name: str) -> Sighting:
    return Sighting(
        subject=nobody("FileServer", name), kind=Kind.FILE_SERVER_DOWN, message=f"{name} is down",
        evidence=[], onset=at(10), severity=Severity.CRITICAL,
    )  # fmt: skip


def pull(owner: str, host: str = "docker.io", cause: str = "rate") -> Sighting:
    from tests.correlate.worlds import deployment

    return Sighting(
        subject=deployment(owner), kind=Kind.IMAGE_PULL_FAILED, cause_class=cause, message=f"{owner} waits",
        evidence=[], facts={"registry_host": host}, onset=at(30),
    )  # fmt: skip


def test_two_recorded_clusters_behind_one_registry_have_one_problem(tmp_path: Path) -> None:
    names = ["eu.yaml", "us.yaml"]
    for name in names:
        (tmp_path / name).write_bytes(PULLS.read_bytes())
    alone = deepscan("run", "--from", tmp_path / "eu.yaml", "--now", MOMENT, "--format", "json=-").report
    options = [part for name in names for part in ("--from", tmp_path / name)]
    report = deepscan("run", *options, "--now", MOMENT, "--format", "json=-").report
    (problem,) = report["problems"]
    assert "in 2 clusters (eu.yaml, us.yaml)" in problem["root"]["statement"]
    assert "2 clusters" in problem["title"] and "2 clusters" in problem["cause"]
    (single,) = alone["problems"]
    assert problem["impact"]["pods"] == 2 * single["impact"]["pods"] > 0
    assert problem["impact"]["workloads"] == 2 * single["impact"]["workloads"] == 6
    assert sorted(problem["findings"]) == sorted(finding["id"] for finding in report["findings"])
    assert problem["score"] > single["score"]
    assert {finding["problem"] for finding in report["findings"]} == {problem["id"]}
    assert [f["id"] for f in report["findings"] if f["role"] == "root"] == [problem["root"]["finding"]]
    kept = ("facts", "evidence", "message", "severity", "subject", "count")
    whole = {finding["id"]: finding for finding in report["findings"]}
    assert all(whole[f["id"]][key] == f[key] for f in alone["findings"] for key in kept)


def test_two_recorded_clusters_on_one_file_server_have_one_critical_problem(tmp_path: Path) -> None:
    for name in ("eu.yaml", "us.yaml"):
        (tmp_path / name).write_bytes(SERVER.read_bytes())
    ended = deepscan(
        "run",
        "--from",
        tmp_path / "eu.yaml",
        "--from",
        tmp_path / "us.yaml",
        "--now",
        MOMENT,
        "--format",
        "json=-",
    )
    roots = [p for p in ended.report["problems"] if p["root"]["subject"]["kind"] == "FileServer"]
    assert [(p["severity"], p["title"]) for p in roots] == [
        ("critical", "FileServer nfs-1.example.com fails in 2 clusters (eu.yaml, us.yaml)")
    ]


def test_the_order_of_the_targets_changes_nothing() -> None:
    targets = [seen("a", registry(), pull("x")), seen("b", registry()), seen("c", pull("y"), pull("z"))]
    first, moved = across(targets)
    for order in itertools.permutations(targets):
        problems, changed = across(order)
        assert sorted(problems, key=lambda p: p.id) == sorted(first, key=lambda p: p.id)
        assert changed == moved
    assert len(first) == 1


def test_the_id_is_that_of_the_root_and_no_value_or_time_changes_it() -> None:
    def joined(onset: str) -> Problem:
        problems, _ = across([seen("a", registry(onset=at(42))), seen("b", registry(onset=onset))])
        (problem,) = problems
        return problem

    early, late = joined(at(300)), joined(at(5))
    assert early.id == late.id == problem_id(early.root.finding)
    assert early.first_seen == at(300)


def test_what_a_cluster_keeps_for_itself_stays_apart() -> None:
    a, b = seen("a", registry("docker.io")), seen("b", registry("quay.io"))
    problems, moved = across([a, b])
    assert len(problems) == 2 and moved == {}
    problems, moved = across([seen("a", registry(cause="rate")), seen("b", registry(cause="tls"))])
    assert len(problems) == 2 and moved == {}


@pytest.mark.parametrize(
    "name",
    ["10.0.0.5", "192.168.1.9", "nfs", "nfs.storage.svc", "nfs.storage.svc.cluster.local", "localhost", "fd00::1",
     "ip-10-0-0-5.ec2.internal"],
)  # fmt: skip
def test_a_name_that_means_something_else_in_each_cluster_joins_nothing(name: str) -> None:
    problems, _ = across([seen("a", server(name)), seen("b", server(name))])
    assert len(problems) == 2


@pytest.mark.parametrize("name", ["nfs.example.com", "8.8.4.4", "fs-1.efs.eu-west-1.amazonaws.com"])
def test_a_name_that_means_one_thing_joins(name: str) -> None:
    problems, _ = across([seen("a", server(name)), seen("b", server(name))])
    assert len(problems) == 1


def test_an_incident_of_last_month_is_another_one() -> None:
    month = 30 * 86400.0
    old = seen("a", registry(onset="2026-02-02T09:30:00Z"), now=NOW - month)
    problems, _ = across([old, seen("b", registry())])
    assert len(problems) == 2


def test_a_registry_that_no_cluster_suspects_alone_is_suspected_by_three_pulls() -> None:
    two, _ = across([seen("a", pull("x")), seen("b", pull("y"))])
    assert len(two) == 2
    three, _ = across([seen("a", pull("x")), seen("b", pull("y")), seen("c", pull("z"))])
    (problem,) = three
    assert problem.confidence is Confidence.LIKELY and problem.score_parts.confidence == 0.7
    in_one, _ = across([seen("a", pull("x"), pull("y"), pull("z"))])
    assert len(in_one) == 3


def test_access_that_is_denied_to_one_owner_each_is_no_fault_of_the_registry() -> None:
    targets = [seen(name, pull(name, cause="denied")) for name in "abcd"]
    assert len(across(targets)[0]) == 4


def test_dollars_add_up_and_unknown_ones_stay_unknown() -> None:
    def priced(one: Seen, usd: float | None) -> Seen:
        (problem,) = one.problems
        return replace(
            one, problems=[replace(problem, impact=replace(problem.impact, usd_per_month=usd, saving="cash"))]
        )

    a, b = seen("a", registry()), seen("b", registry())
    (known,), _ = across([priced(a, 100.0), priced(b, 50.5)])
    assert (known.impact.usd_per_month, known.impact.saving) == (150.5, "cash")
    (unknown,), _ = across([priced(a, None), priced(b, None)])
    assert unknown.impact.usd_per_month is None
