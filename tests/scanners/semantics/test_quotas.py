"""Whom a quota counts, what it refuses, who fills it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.facts.fact import SelectorTerm
from scanners.facts.pod import PodTemplate
from scanners.facts.quota import ResourceQuota
from scanners.semantics.quotas import (
    concerns,
    hard_of,
    holders,
    refusals,
    requested,
    requested_by_claim,
    requested_by_object,
    shortfalls,
    uses,
)
from tests.scanners.semantics.world import GPU, claim, gpu_template, inventory, pod, template

PLAIN = template({"cpu": "1"})
NOTHING = template()


def quota(
    hard: dict[str, str] | None = None, used: dict[str, str] | None = None, **more: Any
) -> ResourceQuota:
    return ResourceQuota(name="q", namespace="team", hard=hard or {}, used=used or {}, **more)


def scoped(*scopes: str) -> ResourceQuota:
    return quota(scopes=scopes)


def priority(operator: str, *values: str) -> ResourceQuota:
    return quota(scope_selector=(SelectorTerm("PriorityClass", operator, values),))


@pytest.mark.parametrize(
    ("one", "of", "counts"),
    [
        (quota(), PLAIN, True),
        (scoped("NotTerminating"), PLAIN, True),
        (scoped("Terminating"), PLAIN, False),
        (scoped("BestEffort"), PLAIN, False),
        (scoped("BestEffort"), NOTHING, True),
        (scoped("BestEffort"), template({}, {GPU: "1"}), True),
        (scoped("NotBestEffort"), template({}, {"memory": "1Gi"}), True),
        (scoped("NotBestEffort", "Terminating"), PLAIN, False),
        (scoped("CrossNamespacePodAffinity"), PLAIN, False),
        (scoped("PriorityClass"), template(priority_class="high"), True),
        (scoped("PriorityClass"), PLAIN, False),
        (priority("In", "high", "low"), template(priority_class="high"), True),
        (priority("In", "high"), PLAIN, False),
        (priority("NotIn", "high"), template(priority_class="low"), True),
        (priority("Exists"), PLAIN, False),
        (priority("DoesNotExist"), PLAIN, True),
    ],
)
def test_whom_a_quota_counts(one: ResourceQuota, of: PodTemplate, counts: bool) -> None:
    assert concerns(one, of) is counts


def test_a_deadline_of_its_own_makes_a_pod_terminating() -> None:
    assert concerns(scoped("Terminating"), PLAIN, has_deadline=True)
    assert not concerns(scoped("NotTerminating"), PLAIN, has_deadline=True)


def test_what_a_pod_asks_of_a_quota() -> None:
    of = template({"cpu": "500m", "memory": "1Gi"}, {"memory": "2Gi", GPU: "4"})
    assert requested(of, 2) == {
        "pods": 2,
        "count/pods": 2,
        "cpu": 1,
        "requests.cpu": 1,
        "memory": 2 * 1024**3,
        "requests.memory": 2 * 1024**3,
        "limits.memory": 4 * 1024**3,
        f"requests.{GPU}": 8,
    }


def test_what_objects_ask_of_a_quota() -> None:
    assert requested_by_object("jobs", "batch") == {"count/jobs.batch": 1}
    assert requested_by_object("services", count=2) == {"count/services": 2, "services": 2}
    asked = requested_by_claim(claim("data", storage_class="gold", requested="10Gi"))
    assert (
        asked["gold.storageclass.storage.k8s.io/requests.storage"]
        == asked["requests.storage"]
        == 10 * 1024**3
    )
    assert asked["persistentvolumeclaims"] == 1


def test_what_falls_short() -> None:
    full = quota({f"requests.{GPU}": "32", "pods": "50"}, {f"requests.{GPU}": "30", "pods": "10"})
    (found,) = shortfalls(full, requested(gpu_template(8)))
    assert (found.resource, found.requested, found.used, found.hard, found.short) == (
        f"requests.{GPU}",
        8,
        30,
        32,
        6,
    )
    assert shortfalls(full, requested(gpu_template(2))) == []


def test_use_that_is_not_told_is_unknown_and_never_short() -> None:
    assert shortfalls(quota({"pods": "0"}), {"pods": Decimal(1)}) == []
    assert uses(quota({"pods": "5"})) == []


def test_what_the_controller_enforces_goes_before_the_spec() -> None:
    assert hard_of(quota({"pods": "10"}, status_hard={"pods": "5"})) == {"pods": 5}


def test_how_full_and_what_is_forbidden_is_not_full() -> None:
    one = quota({"pods": "10", "services.loadbalancers": "0"}, {"pods": "9", "services.loadbalancers": "0"})
    assert [(use.resource, use.ratio) for use in uses(one)] == [("pods", Decimal("0.9"))]


def test_who_fills_it() -> None:
    world = inventory(
        pod("a", gpu_template(4), "n", owner="Deployment/big"),
        pod("b", gpu_template(2), owner="Deployment/big"),
        pod("c", gpu_template(2), "n", owner="Deployment/small"),
        pod("done", gpu_template(8), "n", owner="Deployment/done", phase="Succeeded"),
        pod("else", gpu_template(8), "n", namespace="other"),
        pod("cpu", PLAIN, "n"),
    )
    found = holders(world, quota(), f"requests.{GPU}")
    assert [(one.owner.name, one.amount, one.share, one.pods) for one in found] == [
        ("big", 6, Decimal("0.75"), 2),
        ("small", 2, Decimal("0.25"), 1),
    ]
    assert holders(world, scoped("Terminating"), f"requests.{GPU}") == []


@pytest.mark.parametrize(
    ("message", "quotas", "asked"),
    [
        (
            (
                'pods "train-" is forbidden: exceeded quota: team-b, requested: requests.nvidia.com/gpu=8,'
                " used: requests.nvidia.com/gpu=32, limited: requests.nvidia.com/gpu=32"
            ),
            ["team-b"],
            {f"requests.{GPU}": 8},
        ),
        (
            (
                'Error creating: pods "x-1" is forbidden: exceeded quota: compute, requested:'
                " limits.memory=2Gi,requests.cpu=500m,"
                " used: limits.memory=7Gi,requests.cpu=3500m, limited: limits.memory=8Gi,requests.cpu=4"
            ),
            ["compute"],
            {"limits.memory": 2 * 1024**3, "requests.cpu": Decimal("0.5")},
        ),
        ("pods is forbidden: failed quota: q: must specify limits.cpu for: main", [], {}),
        ("", [], {}),
    ],
)
def test_a_refusal_in_words(message: str, quotas: list[str], asked: dict[str, Any]) -> None:
    found = refusals(message)
    assert [one.quota for one in found] == quotas
    assert {key: amount for one in found for key, amount in one.requested.items()} == asked
    for one in found:
        assert one.requested.keys() == one.used.keys() == one.limited.keys()


amounts = st.integers(0, 20)


@given(st.dictionaries(st.sampled_from("abc"), st.tuples(amounts, amounts, amounts)))
def test_short_is_what_is_missing_and_nothing_else(drawn: dict[str, tuple[int, int, int]]) -> None:
    one = quota(
        {key: str(hard) for key, (hard, _, _) in drawn.items()},
        {key: str(used) for key, (_, used, _) in drawn.items()},
    )
    found = {
        short.resource: short.short
        for short in shortfalls(one, {key: Decimal(ask) for key, (*_, ask) in drawn.items()})
    }
    assert found == {
        key: used + ask - hard for key, (hard, used, ask) in drawn.items() if ask and used + ask > hard
    }
