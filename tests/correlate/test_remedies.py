"""
A remedy names objects and amounts, is safe to paste, can be undone, and destroys only when nothing else
helps.
"""

import shlex
from typing import Any

import pytest

from correlate import correlate
from correlate.problem import Remediation
from correlate.remedies.template import MissingSlot, commanded, said
from scanners.facts.quota import ResourceQuota
from scanners.facts.ref import Ref
from scanners.kinds import Kind, Role
from tests.correlate.worlds import claim, cronjob, deployment, inventory, job, node, pod_of, pool, seen

HOSTILE = "x'; $(touch /tmp/p) `id` && kubectl delete ns --all #"
FACTS: dict[str, Any] = {
    "container": HOSTILE, "image": HOSTILE, "registry_host": HOSTILE, "reason": HOSTILE, "resource": HOSTILE,
    "holders": [HOSTILE], "policies": [HOSTILE], "storage_class": HOSTILE, "holder_node": HOSTILE,
    "holder_pod": HOSTILE, "ref_kind": "Secret", "ref_name": HOSTILE, "ref_key": HOSTILE, "service": HOSTILE,
    "blockers": HOSTILE, "node": HOSTILE, "smallest_change": HOSTILE, "blocked_by": HOSTILE,
    "limit_bytes": 104857600, "request_bytes": 1, "usage_bytes": 2**30, "used": 32, "hard": 32,
    "requested": 8,
    "gpus": 8, "gpus_expected": 8, "gpus_allocatable": 7, "attempts_left": 1, "schedule": HOSTILE,
    "owners_hit": 4, "volume_zone": "a", "feasible_zones": ["b"], "requested_gpus": 1, "allocatable_gpus": 8,
    "ready": 0, "wanted": 2, "uncovered_directions": ["egress"], "condition": "DiskPressure",
    "resources": ["x"], "claim_bytes": 100 * 2**30,
}  # fmt: skip


def remedy(kind: Kind, subject: Any, **words: Any) -> Remediation:
    told = correlate(inventory(), [seen(kind, subject, **words)])
    return told.problems[0].remediation


def lines(found: Remediation) -> list[str]:
    told = [
        line for step in found.steps for line in (step.command, step.dry_run, step.verify, step.undo) if line
    ]
    return [line for line in told if line.startswith("kubectl ")]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.role is not Role.SYMPTOM])
def test_every_cause_has_a_remedy_even_if_nothing_is_known_of_it(kind: Kind) -> None:
    found = remedy(kind, deployment("app"))
    assert found.text
    assert "{" not in found.text


CLASSES = [
    "cordon", "not-found", "denied", "rate", "no-arch", "dns", "exits-zero", "exec-format", "command",
    "permission", "bare-pod", "quota", "name", "admission", "service-account", "priority-class",
    "class-missing", "provisioner-down", "no-default-class", "no-matching-volume", "never-pull",
    "larger-than-any-node", "feasible-now", "none", "data-path", "few-sm", "no-series", "no-pod-labels",
    "sm-off",
]  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
def test_commands_are_safe_to_paste_whatever_the_names_are(kind: Kind) -> None:
    subject = Ref("apps", "Deployment", "ml", HOSTILE, "u1")
    pod = pod_of(deployment("app"), name=HOSTILE, on=HOSTILE)
    for cause_class in CLASSES:
        found = remedy(
            kind, subject, facts=FACTS, cause_class=cause_class, pods=[pod], touches=[node(HOSTILE)],
            message="it is wrong",
        )  # fmt: skip
        for line in lines(found):
            words = shlex.split(line)
            assert words[0] == "kubectl"
            assert not {"--force", "--all", ";", "&&", "#", "delete ns"} & set(words)
            assert HOSTILE not in line.replace(shlex.quote(HOSTILE), "")


@pytest.mark.parametrize("kind", list(Kind))
def test_what_changes_has_a_rehearsal_an_undo_and_stands_after_what_looks(kind: Kind) -> None:
    pod = pod_of(deployment("app"), on="n1")
    for cause_class in CLASSES:
        found = remedy(
            kind, deployment("app"), facts={**FACTS, "resource": "pods"}, cause_class=cause_class, pods=[pod]
        )
        order = [{"read": 0, "mutates": 1, "destructive": 2}[step.effect] for step in found.steps]
        assert order == sorted(order)
        for step in found.steps:
            assert step.effect == "read" or step.undo
            if step.effect != "read" and step.command:
                assert step.dry_run == f"{step.command} --dry-run=server"
        effects = {step.effect for step in found.steps}
        assert not {"mutates", "destructive"} <= effects
        assert found.simulation is None


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.role is Role.SYMPTOM])
def test_a_cause_that_is_not_established_gets_places_to_look_only(kind: Kind) -> None:
    found = remedy(kind, deployment("app"), facts=FACTS)
    assert {step.effect for step in found.steps} <= {"read"}


def test_an_oom_kill_names_the_limit_and_a_quarter_more() -> None:
    found = remedy(
        Kind.CONTAINER_OOM, deployment("app"), facts={"container": "main", "limit_bytes": 100 * 2**20}
    )
    assert "from 100 MiB to 125Mi" in found.text
    (change,) = [step for step in found.steps if step.effect == "mutates"]
    assert change.command == "kubectl set resources deployments.apps/app -n ml -c main --limits=memory=125Mi"
    assert change.undo == "kubectl set resources deployments.apps/app -n ml -c main --limits=memory=100Mi"


def test_a_full_quota_names_resource_amounts_shortfall_and_holders() -> None:
    quota = ResourceQuota(name="team-b", namespace="b", uid="q")
    facts = {
        "resource": "requests.nvidia.com/gpu", "requested": 8, "used": 32, "hard": 32,
        "holders": [{"owner": "Deployment/b/nb", "amount": 8}],
    }  # fmt: skip
    found = remedy(Kind.QUOTA_EXHAUSTED, quota, facts=facts)
    assert "Raise requests.nvidia.com/gpu of quota b/team-b from 32 to 40: it is short by 8" in found.text
    assert any("Deployment/b/nb 8" in step.text for step in found.steps)
    patch = next(step.command for step in found.steps if step.command and " patch " in step.command)
    assert shlex.split(patch)[-1] == '{"spec":{"hard":{"requests.nvidia.com/gpu":"40"}}}'


def test_a_pending_pod_gets_the_smallest_change_in_words() -> None:
    facts = {"cause": "short", "smallest_change": "free 2 nvidia.com/gpu on node gpu-1"}
    assert (
        "free 2 nvidia.com/gpu on node gpu-1"
        in remedy(Kind.POD_UNSCHEDULABLE, job("train"), facts=facts).text
    )


def test_an_image_is_mended_by_its_class() -> None:
    facts = {"image": "r.io/a:1", "registry_host": "r.io", "container": "main"}
    texts = {
        remedy(Kind.IMAGE_PULL_FAILED, deployment("app"), facts=facts, cause_class=c).text
        for c in ("not-found", "denied", "no-arch", "timeout", "")
    }
    assert len(texts) == 5


def test_what_gitops_delivers_is_changed_in_its_source() -> None:
    app = deployment("app", labels={"argocd.argoproj.io/instance": "shop"})
    found = remedy(Kind.CONTAINER_OOM, app, facts={"container": "main", "limit_bytes": 100 * 2**20})
    (change,) = [step for step in found.steps if step.effect == "mutates"]
    assert change.command is None
    assert change.text.startswith("In the source of Application shop")


def test_what_an_engine_controls_is_changed_in_its_source() -> None:
    cluster = Ref("ray.io", "RayCluster", "ml", "rc", "r1")
    found = remedy(Kind.CONTAINER_OOM, cluster, facts={"container": "ray-head", "limit_bytes": 2**30})
    assert all(step.command is None for step in found.steps if step.effect == "mutates")


def test_only_a_bare_pod_is_offered_a_deletion_and_by_its_name() -> None:
    pod = Ref("", "Pod", "ml", "scratch", "p1")
    found = remedy(Kind.CRASH_LOOP, pod, cause_class="bare-pod", facts={"container": "main"})
    assert found.steps[-1].command == "kubectl delete pod scratch -n ml"
    assert found.steps[-1].effect == "destructive"


@pytest.mark.parametrize("value", ["--all", "-A", "-n"])
def test_a_value_that_would_be_an_option_drops_the_command(value: str) -> None:
    with pytest.raises(MissingSlot):
        commanded("kubectl delete pod {name}", {"name": value})


def test_a_missing_slot_is_never_printed() -> None:
    with pytest.raises(MissingSlot):
        said("raise {limit}", {})


def test_idle_nodes_are_freed_of_what_keeps_them_first() -> None:
    gpu = node("gpu-1")
    told = correlate(
        inventory(),
        [
            seen(Kind.GPU_NODE_IDLE, pool("a100"), facts={"nodes": ["gpu-1"], "gpus": 8}),
            seen(
                Kind.RECLAIM_BLOCKED,
                Ref("policy", "PodDisruptionBudget", "ml", "cache"),
                facts={"node": gpu.name},
            ),
        ],
    )
    assert "PodDisruptionBudget ml/cache" in told.problems[0].remediation.text


def test_subjects_of_every_kind_get_a_remedy() -> None:
    for subject in (node("n"), claim("c"), cronjob("cj"), pool("p")):
        for kind in Kind:
            assert remedy(kind, subject).text
