"""A healthy pod is a row; a sick one keeps every word that says why."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.facts import slices
from scanners.facts.pod import NodeTerm, Pod, Port, Reference, Volume
from swarm.sources.kubernetes.objects import facts_of
from tests.swarm.sources.kubernetes.samples import TIME, ended, pod, running


def read(*objects: dict[str, Any]) -> list[Pod]:
    found, skipped, broken = facts_of(objects)
    assert (skipped, broken) == (0, [])
    return found[slices.PODS]


def one(**status: Any) -> Pod:
    return read(pod(**status))[0]


def test_a_plainly_running_pod_is_an_identity_row() -> None:
    healthy = one()
    assert (healthy.namespace, healthy.name, healthy.uid, healthy.created) == (
        "ml",
        "train-0",
        "uid-train-0",
        TIME,
    )
    assert (healthy.node, healthy.phase, healthy.state, healthy.ready) == ("gpu-1", "Running", None, True)
    assert [(o.group, o.kind, o.controller) for o in healthy.owners] == [
        ("apps", "ReplicaSet", True),
        ("example.com", "Other", False),
    ]
    assert healthy.claims == (("data", "data-train-0"), ("scratch", "train-0-scratch"))
    assert healthy.annotations == {"dag_id": "etl", "karpenter.sh/do-not-disrupt": "true"}


def test_its_template_says_what_it_asks_for() -> None:
    template = one().template
    (main,) = template.containers
    assert main.requests == {"cpu": "4", "memory": "32Gi"}
    assert main.limits == {"nvidia.com/gpu": "8"}
    assert main.ports == (Port(8080, "http"), Port(9, "", "UDP"))
    assert main.claims == ("gpu",)
    assert (main.has_readiness_probe, main.has_liveness_probe, main.has_startup_probe) == (True, False, False)
    assert main.references == (Reference("Secret", "keys", "k", True), Reference("ConfigMap", "settings"))
    assert [(c.name, c.init, c.sidecar) for c in template.init_containers] == [
        ("proxy", True, True),
        ("init", True, False),
    ]
    assert template.volumes == (
        Volume("data", "persistentVolumeClaim"),
        Volume("scratch", "ephemeral"),
        Volume("shm", "emptyDir", "", "Memory", "2Gi"),
        Volume("config", "configMap", "train-config"),
        Volume("all", "projected"),
    )
    assert template.references == (
        Reference("ConfigMap", "train-config", "", True),
        Reference("Secret", "tls"),
        Reference("Secret", "pull"),
    )
    assert template.node_selector == {"pool": "gpu"}
    assert template.required_nodes is not None
    assert isinstance(template.required_nodes[0], NodeTerm)
    assert template.unevaluated == ("pod-affinity", "topology-spread")
    assert (template.priority, template.priority_class, template.grace_seconds) == (1000, "high", 60)
    assert template.host_ports == (Port(9, "", "UDP"),)
    assert (template.overhead, template.resource_claims) == ({"cpu": "250m"}, ("gpu",))


def test_of_environment_and_arguments_only_links_and_listed_numbers_stay() -> None:
    (main,) = one().template.containers
    assert main.links == ("db.ns:5432", "rabbit.mq.svc:5672", "redis.ml.svc:6379")
    assert main.env == {
        "WORLD_SIZE": "16",
        "CUDA_VISIBLE_DEVICES": "4",
        "NPROC_PER_NODE": "8",
        "TENSOR_PARALLEL_SIZE": "4",
    }


def test_replicas_share_a_template_and_their_labels() -> None:
    first, second = read(pod("train-0", "abcde", "gpu-1"), pod("train-1", "fghij", "gpu-2"))
    assert first.template is second.template
    assert first.labels is second.labels
    assert first.claims != second.claims


CHANGES = [
    lambda p: p["spec"]["containers"][0]["resources"]["requests"].update(cpu="5"),
    lambda p: p["spec"]["containers"][0].update(image="registry/train:2"),
    lambda p: p["spec"]["tolerations"].append({"operator": "Exists"}),
    lambda p: p["spec"].update(nodeSelector={"pool": "cpu"}),
    lambda p: p["spec"].update(priority=0),
    lambda p: p["spec"]["volumes"][2]["emptyDir"].update(sizeLimit="3Gi"),
    lambda p: p["spec"]["containers"][0].pop("readinessProbe"),
    lambda p: p["spec"]["containers"][0]["env"][0].update(value="redis.ml.svc:6380"),
    lambda p: p["spec"].pop("affinity"),
    lambda p: p["spec"]["initContainers"].pop(),
    lambda p: p["spec"]["volumes"].append({"name": "d", "hostPath": {"path": "/d"}}),
]


@given(st.lists(st.sampled_from(range(len(CHANGES))), max_size=12))
def test_sharing_is_exact(changes: list[int]) -> None:
    objects = [pod("base")]
    for number, change in enumerate(changes):
        objects.append(pod(f"p{number:02d}", token=f"{number:05d}"))
        CHANGES[change](objects[-1])
    found = {each.name: each.template for each in read(*objects)}
    for number, change in enumerate(changes):
        assert found[f"p{number:02d}"] is not found["base"]
        for other, same in enumerate(changes):
            assert (found[f"p{number:02d}"] is found[f"p{other:02d}"]) == (change == same)


def test_specs_that_differ_only_in_what_is_dropped_share_a_template() -> None:
    other = pod("other")
    other["spec"]["containers"][0]["env"].append({"name": "RUN_ID", "value": "4711"})
    first, second = read(pod(), other)
    assert first.template is second.template


def test_pods_of_a_daemon_set_share_a_template_once_they_stand() -> None:
    def agent(node: str, standing: bool = True) -> dict[str, Any]:
        made = pod(f"agent-{node}", node=node if standing else "")
        made["metadata"]["ownerReferences"] = [
            {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "u-ds", "controller": True}
        ]
        pin = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [pin]}}
        made["spec"]["affinity"] = {"nodeAffinity": required}
        return made

    first, second, waiting = read(agent("n1"), agent("n2"), agent("n3", standing=False))
    assert first.template is second.template
    assert first.template.required_nodes is None
    assert waiting.template.required_nodes is not None
    assert waiting.template.required_nodes[0].fields[0].values == ("n3",)


def test_a_container_that_was_killed_keeps_its_last_words_and_its_place() -> None:
    last = {
        "terminated": {
            "exitCode": 137,
            "reason": "OOMKilled",
            "message": "x" * 5000,
            "finishedAt": TIME,
            "signal": 9,
        }
    }
    sick = one(containerStatuses=[running("proxy"), running("main", restartCount=3, lastState=last)])
    assert sick.state is not None
    (container,) = sick.state.containers
    assert (
        container.path("lastState.terminated.reason")
        == "status.containerStatuses[1].lastState.terminated.reason"
    )
    assert container.last is not None
    assert (container.last.exit_code, container.last.reason, container.restarts) == (137, "OOMKilled", 3)
    assert len(container.last.message) == 1024
    assert container.running_since == TIME
    assert sick.ready


@pytest.mark.parametrize(
    "status",
    [
        {"phase": "Pending"},
        {"conditions": [{"type": "Ready", "status": "False"}]},
        {"conditions": []},
        {"containerStatuses": []},
        {"containerStatuses": [running("main", ready=False)]},
        {"containerStatuses": [running("main", restartCount=1)]},
        {"containerStatuses": [ended("main", 1)]},
        {"initContainerStatuses": [ended("init", 0, restartCount=1)]},
        {"conditions": [{"type": "Ready", "status": "True"}, {"type": "DisruptionTarget", "status": "True"}]},
    ],
)
def test_whatever_is_not_plainly_running_keeps_a_state(status: dict[str, Any]) -> None:
    assert one(**status).state is not None


def test_a_pod_that_is_being_deleted_keeps_a_state() -> None:
    going = pod()
    going["metadata"]["deletionTimestamp"] = TIME
    (found,) = read(going)
    assert (found.deleted, found.state is not None and found.state.ready) == (TIME, True)


def test_conditions_that_are_kept_know_their_place() -> None:
    sick = one(
        phase="Pending",
        conditions=[
            {"type": "Initialized", "status": "True"},
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": "0/3",
                "lastTransitionTime": TIME,
            },
            {"type": "Ready", "status": "Unknown"},
            {"type": "DisruptionTarget", "status": "True"},
        ],
    )
    assert sick.state is not None
    kept = {each.type: (each.index, each.path("reason")) for each in sick.state.conditions}
    assert kept == {
        "PodScheduled": (1, "status.conditions[1].reason"),
        "Ready": (2, "status.conditions[2].reason"),
        "DisruptionTarget": (3, "status.conditions[3].reason"),
    }


def test_gates_hold_a_pod_but_not_its_template() -> None:
    gated = pod("gated", node="", phase="Pending")
    gated["spec"]["schedulingGates"] = [{"name": "kueue.x-k8s.io/admission"}]
    found = {each.name: each for each in read(pod(), gated)}
    assert found["gated"].state is not None
    assert found["gated"].state.gates == ("kueue.x-k8s.io/admission",)
    assert found["gated"].template is found["train-0"].template


def test_a_succeeded_pod_keeps_when_its_containers_ended() -> None:
    done = one(phase="Succeeded", containerStatuses=[ended("main"), ended("proxy", 143)])
    assert [each.terminated.finished for each in done.troubled if each.terminated] == [TIME, TIME]
