"""
What an account's identity must be allowed is printed from the calls that are made: neither more nor less.
"""

import json
from typing import Any

import pytest
import yaml

from scanners.facts.cloud import PROVIDERS, Provider
from scanners.facts.slices import CLUSTERS, DISKS
from swarm.sources.cloud import calls_of
from tests.swarm.cli.command import deepscan


def granted(provider: Provider, *arguments: str) -> set[str]:
    ended = deepscan("permissions", f"--{provider}", *arguments)
    assert ended.status == 0, ended.err
    if provider == "aws":
        statements: list[dict[str, Any]] = json.loads(ended.out)["Statement"]
        assert {statement["Effect"] for statement in statements} == {"Allow"}
        return {action for statement in statements for action in statement["Action"]}
    if provider == "gcp":
        return set(yaml.safe_load(ended.out)["includedPermissions"])
    role = json.loads(ended.out)
    assert role["IsCustom"] is True and role["AssignableScopes"] == ["/subscriptions/SUBSCRIPTION"]
    return set(role["Actions"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_call_of_every_slice_is_granted_and_nothing_by_a_star(provider: Provider) -> None:
    needed = {call.permission for calls in calls_of(provider).values() for call in calls if call.permission}
    allowed = granted(provider)
    assert needed <= allowed
    assert not [action for action in allowed if "*" in action]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_single_check_costs_its_own_slices_and_the_way_in(provider: Provider) -> None:
    all_, one = granted(provider), granted(provider, "--check", "CLD111")
    own = {call.permission for slice_ in (CLUSTERS, DISKS) for call in calls_of(provider)[slice_]}
    others = {
        call.permission
        for slice_, calls in calls_of(provider).items()
        if slice_ not in (CLUSTERS, DISKS)
        for call in calls
    }
    assert own - {""} <= one < all_
    assert not one & (others - own)


def test_nothing_that_is_granted_changes_anything() -> None:
    reading = ("Describe", "List", "Get")
    assert all(action.split(":")[1].startswith(reading) for action in granted("aws"))
    assert all(name.rpartition(".")[2] in ("list", "get", "connect") for name in granted("gcp"))
    writes = {action for action in granted("azure") if not action.endswith("/read")}
    assert writes == {"Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"}


def test_one_kind_of_target_is_asked_for_at_a_time() -> None:
    ended = deepscan("permissions", "--aws", "--gcp")
    assert ended.status == 2
    assert "one kind of target at a time" in ended.err
