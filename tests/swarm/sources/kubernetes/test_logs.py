"""The last words of what failed, few enough to be gentle, and without anybody's secrets."""

from typing import Any

from scanners.facts import slices
from scanners.facts.gaps import SliceState, overall
from scanners.facts.pod import Pod
from swarm.sources.kubernetes.logs import wanted
from swarm.sources.kubernetes.objects import facts_of
from tests.swarm.sources.kubernetes.conftest import Opened
from tests.swarm.sources.kubernetes.samples import ended, pod, running
from tests.swarm.sources.kubernetes.server import FakeApi

KILLED = {"terminated": {"exitCode": 1, "reason": "Error"}}


def pods(*objects: dict[str, Any]) -> list[Pod]:
    found: list[Pod] = facts_of(objects)[0][slices.PODS]
    return found


def looping(name: str, namespace: str = "ml", owner: str = "") -> dict[str, Any]:
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    made = pod(
        name,
        containerStatuses=[running("main", restartCount=4, ready=False, state=waiting, lastState=KILLED)],
    )
    made["metadata"]["namespace"] = namespace
    made["metadata"]["ownerReferences"] = [
        {"kind": "ReplicaSet", "name": "r", "uid": owner or name, "controller": True}
    ]
    return made


def test_only_what_failed_is_wanted() -> None:
    found = pods(
        pod("healthy"),
        looping("looping"),
        pod("failed", phase="Failed", containerStatuses=[ended("main", 1)]),
        pod("done", phase="Succeeded", containerStatuses=[ended("main", 0)]),
        pod(
            "pulling",
            phase="Pending",
            containerStatuses=[running("main", state={"waiting": {"reason": "ImagePullBackOff"}})],
        ),
    )
    assert [(tail.pod.name, tail.previous) for tail in wanted(found)] == [
        ("failed", False),
        ("looping", True),
    ]


def test_three_of_a_workload_and_two_hundred_in_all_are_enough() -> None:
    assert len(wanted(pods(*(looping(f"p{n}", owner="same") for n in range(9))))) == 3
    assert len(wanted(pods(*(looping(f"p{n:03d}") for n in range(250))))) == 200


async def test_lines_come_redacted_and_capped(api: FakeApi, source: Opened) -> None:
    text = (
        "".join(f"line {n}\n" for n in range(58))
        + "\x1b[31mpassword=hunter2\x1b[0m\nconnect redis://:s3cret@cache:6379 failed\n"
    )
    api.logs = {("looping", "main", True): text}
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.POD_LOGS, {slices.PODS: pods(looping("looping"))})
    (log,) = read.objects
    assert (log.namespace, log.name, log.container, log.previous, log.truncated) == (
        "ml",
        "looping",
        "main",
        True,
        True,
    )
    assert log.lines[-2:] == (
        "password=‹secret:credential›",
        "connect redis://‹secret:userinfo›@cache:6379 failed",
    )
    assert log.owners[0].kind == "ReplicaSet"
    query = api.requests[-1].query
    assert (query["tailLines"], query["limitBytes"], query["previous"]) == ("60", "16384", "true")
    assert [r.state for r in read.readings] == [SliceState.COMPLETE]


async def test_where_the_run_before_is_gone_the_present_one_is_read(api: FakeApi, source: Opened) -> None:
    api.logs = {("looping", "main", False): "now\n"}
    cluster = source()
    await cluster.open()
    (log,) = (await cluster.read(slices.POD_LOGS, {slices.PODS: pods(looping("looping"))})).objects
    assert (log.previous, log.lines) == (False, ("now",))


async def test_logs_that_are_refused(api: FakeApi, source: Opened) -> None:
    api.denied = {"log@ml"}
    api.logs = {("b", "main", True): "x\n"}
    cluster = source()
    await cluster.open()
    read = await cluster.read(slices.POD_LOGS, {slices.PODS: pods(looping("a"), looping("b", "etl"))})
    assert [log.name for log in read.objects] == ["b"]
    denied = read.readings[0]
    assert (denied.state, denied.scope) == (SliceState.DENIED, "namespace/ml")
    assert "kubectl auth can-i get pods --subresource=log -n ml" in denied.mend
    assert overall(read.readings) is SliceState.PARTIAL
