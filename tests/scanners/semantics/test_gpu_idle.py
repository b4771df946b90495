"""Which GPU nodes are idle (checks.md GPU101 and its "Not" list)."""

from array import array
from typing import Any

import pytest

from scanners.facts import slices
from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse, Series
from scanners.facts.pod import ContainerState, PodState, Terminated
from scanners.facts.workload import ObjectReference
from scanners.semantics.gpu_idle import cpu_only_pods, idle_gpu_nodes, is_idle
from tests.scanners.semantics.world import A100, GPU, NOW, ago, gpu_template, inventory, node, pod, template

IDLE = node("gpu-0", gpus=8)
CPU = template({"cpu": "4"})


def idle(*facts: Any) -> list[str]:
    return [one.node.name for one in idle_gpu_nodes(inventory(*facts))]


def ended(seconds: float) -> PodState:
    run = Terminated(0, "Completed", finished=ago(seconds))
    return PodState(containers=(ContainerState(name="main", terminated=run),))


def killed(uid: str, seconds: float) -> Event:
    regarding = ObjectReference("Pod", "team", "gone", uid)
    return Event(
        namespace="team", name="e", reason="Killing", regarding=regarding, last=ago(seconds), host="gpu-0"
    )


def test_a_node_that_nobody_uses() -> None:
    (found,) = idle_gpu_nodes(inventory(IDLE))
    assert (found.gpus, found.product, found.basis, found.idle_since) == (8, A100, "no-trace", ago(86400))


@pytest.mark.parametrize("holder", ["", "gone"])
@pytest.mark.parametrize(("ended", "is_told"), [(900.0, False), (3600.0, True)])
def test_samples_of_a_device_at_work_are_a_trace_though_the_api_knows_no_pod(
    holder: str, ended: float, is_told: bool
) -> None:
    busy = Series(NOW - ended - 60, 60.0, array("d", [0.5, 0.5]))
    known = inventory(IDLE)
    objects = {
        slices.NODES: known.nodes,
        slices.GPU_METRICS: [DeviceUse(node="gpu-0", device="g", pod=holder, busy=busy)],
    }
    found = idle_gpu_nodes(Inventory(known.target, NOW, objects, known.readings))
    assert [(one.idle_since, one.basis) for one in found] == ([(ago(ended), "trace")] if is_told else [])


def test_cpu_pods_do_not_make_it_busy() -> None:
    web = pod("web", CPU, "gpu-0", owner="ReplicaSet/web-1")
    daemon = pod("exporter", CPU, "gpu-0", owner="DaemonSet/exporter")
    mirror = pod("proxy", CPU, "gpu-0", annotations={"kubernetes.io/config.mirror": "x"})
    world = inventory(IDLE, web, daemon, mirror)
    assert [one.name for one in idle_gpu_nodes(world)[0].cpu_only_pods] == ["web"]
    assert is_idle(world, IDLE)
    assert cpu_only_pods(world, IDLE) == [web]


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("held", [IDLE, pod("p", gpu_template(1), "gpu-0")]),
        ("held by a pod that is going", [IDLE, pod("p", gpu_template(1), "gpu-0", deleted=ago(3600))]),
        ("held through a claim", [IDLE, pod("p", template(resource_claims=("g",)), "gpu-0")]),
        ("held in part", [IDLE, pod("p", template(), "gpu-0", annotations={"gpu-fraction": "0.5"})]),
        ("young", [node("gpu-0", gpus=8, age=1200)]),
        ("cordoned", [node("gpu-0", gpus=8, unschedulable=True)]),
        ("being deleted", [node("gpu-0", gpus=8, deleted=ago(60))]),
        (
            "being scaled away",
            [node("gpu-0", gpus=8, taints=["ToBeDeletedByClusterAutoscaler=1:NoSchedule"])],
        ),
        ("not ready", [node("gpu-0", gpus=8, ready="False")]),
        ("ready unknown", [node("gpu-0", gpus=8, ready="Unknown")]),
        ("offers none", [node("gpu-0", gpus=8, offers={GPU: "0"})]),
        ("no accelerators", [node("cpu-0")]),
        ("used 20 min ago", [IDLE, pod("p", gpu_template(1), "gpu-0", phase="Succeeded", state=ended(1200))]),
        ("used 20 min ago by a pod that is gone", [IDLE, killed("uid-gone", 1200)]),
        ("awaited", [IDLE, pod("p", gpu_template(8), age=300)]),
        ("running pods tell no node", [IDLE, pod("p", gpu_template(8), phase="Running")]),
    ],
)
def test_these_are_not_idle(said: str, facts: list[Any]) -> None:
    assert idle(*facts) == [], said


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("used 40 min ago", [pod("p", gpu_template(1), "gpu-0", phase="Succeeded", state=ended(2400))]),
        ("awaited for too long", [pod("p", gpu_template(8), age=900)]),
        ("a pending pod that does not fit", [pod("p", gpu_template(16), age=60)]),
        ("a pending CPU pod", [pod("p", CPU, age=60)]),
        ("a CPU pod ended there just now", [pod("c", CPU, "gpu-0", owner="Job/c"), killed("uid-c", 60)]),
        ("soft taint", [node("gpu-1", gpus=8, unschedulable=True)]),
    ],
)
def test_these_leave_it_idle(said: str, facts: list[Any]) -> None:
    assert idle(IDLE, *facts) == ["gpu-0"], said


def test_idle_since_the_newest_trace() -> None:
    done = pod("p", gpu_template(1), "gpu-0", phase="Succeeded", state=ended(7200))
    (found,) = idle_gpu_nodes(inventory(IDLE, done, killed("uid-gone", 3600)))
    assert (found.basis, found.idle_since) == ("trace", ago(3600))
