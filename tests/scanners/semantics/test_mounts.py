"""Pods that wait for their data: claims without volume, volumes without a node in their zone."""

from typing import Any

import pytest

from scanners.facts.fact import SelectorTerm
from scanners.facts.pod import NodeTerm, Pod
from scanners.facts.slices import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES
from scanners.facts.storage import StorageClass, Volume
from scanners.facts.workload import ObjectReference
from scanners.semantics.scheduling import Cause, Verdict, explain_pending, feasible_if, would_fit
from scanners.semantics.volume_zones import ZoneConflict, zone_conflicts
from tests.scanners.semantics.world import GPU, claim, gpu_template, inventory, node, pod, template

ZONE = "topology.kubernetes.io/zone"
AT_ONCE = StorageClass(name="standard", default=True)
LATER = StorageClass(name="later", binding_mode="WaitForFirstConsumer")


def volume(name: str, zone: str = "", *, claimed: str = "", **more: Any) -> Volume:
    terms = (NodeTerm((SelectorTerm(ZONE, "In", (zone,)),)),) if zone else None
    claim_ref = ObjectReference("PersistentVolumeClaim", "team", claimed) if claimed else None
    return Volume(name=name, required_nodes=terms, claim=claim_ref, **more)


def waiting(*claims: str, gpus: int = 0) -> Pod:
    of = gpu_template(gpus) if gpus else template({"cpu": "1"})
    return pod("waiting", of, claims=tuple((f"v{place}", name) for place, name in enumerate(claims)))


def verdict(one: Pod, *facts: Any, **more: Any) -> Verdict:
    return explain_pending(inventory(one, *facts, **more), [one])


@pytest.mark.parametrize(
    ("said", "facts", "change"),
    [
        ("no such claim", [], "mend claim data: it does not exist"),
        ("bound at once, and is not", [claim("data"), AT_ONCE], "mend claim data: it is unbound"),
        ("default class", [claim("data", storage_class=None), AT_ONCE], "mend claim data: it is unbound"),
        (
            "no default class",
            [claim("data", storage_class=None), LATER],
            "mend claim data: it is unbound and no class is the default",
        ),
        (
            "no class on purpose",
            [claim("data", storage_class="")],
            "mend claim data: it is unbound and names no class",
        ),
        (
            "class is gone",
            [claim("data", storage_class="fast"), AT_ONCE],
            "mend claim data: it is unbound, storage class fast does not exist",
        ),
        (
            "going",
            [claim("data", volume="pv", deleted="2026-03-04T11:00:00Z")],
            "mend claim data: it is being deleted",
        ),
    ],
)
def test_a_claim_that_blocks_everywhere(said: str, facts: list[Any], change: str) -> None:
    found = verdict(waiting("data"), node("n"), *facts)
    assert (found.cause, found.smallest_change) == (Cause.VOLUME, change), said
    assert [ref.name for ref in found.blocked_by] == ["data"]


def test_a_claim_that_waits_for_its_first_consumer_blocks_nothing() -> None:
    found = verdict(waiting("data"), node("n"), claim("data", storage_class="later"), LATER)
    assert found.cause is Cause.FEASIBLE_NOW


def test_a_claim_for_one_pod_alone_is_held() -> None:
    holder = pod("holder", template(), "n", claims=(("v", "data"),))
    sole = claim("data", volume="pv", access_modes=("ReadWriteOncePod",))
    found = verdict(waiting("data"), node("n"), holder, sole, volume("pv"))
    assert found.smallest_change == "mend claim data: it is held by pod holder alone"


@pytest.mark.parametrize("denied", [PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES])
def test_what_was_not_read_of_claims_blocks_nothing_and_is_named(denied: Any) -> None:
    facts = {
        PERSISTENTVOLUMECLAIMS: [],
        PERSISTENTVOLUMES: [claim("data", volume="pv")],
        STORAGECLASSES: [claim("data")],
    }
    found = verdict(waiting("data"), node("n"), *facts[denied], unread=[denied])
    assert found.cause is Cause.FEASIBLE_NOW
    assert found.unevaluated == (f"volumes ({denied.name} not read)",)


def in_zone(name: str, zone: str, **more: Any) -> Any:
    return node(name, labels={ZONE: zone}, **more)


DATA = (claim("data", volume="pv"), volume("pv", "a"))
GPUS_IN_B = (in_zone("cpu-a", "a"), in_zone("gpu-b", "b", gpus=8))


def test_the_volume_is_where_no_gpu_is() -> None:
    one = waiting("data", gpus=1)
    world = inventory(one, *GPUS_IN_B, *DATA)
    found = explain_pending(world, [one])
    assert found.cause is Cause.ZONE
    assert found.smallest_change == "move the volume of claim data, or add a node where it is"
    (conflict,) = zone_conflicts(world, one)
    assert (conflict.volume, conflict.volume_zones, conflict.feasible_zones) == ("pv", ("a",), ("b",))
    assert feasible_if(world, one, claims=True)
    assert not feasible_if(world, one)


def test_the_volume_alone_tells_its_claim_where_claims_could_not_be_read() -> None:
    one = waiting("data", gpus=1)
    world = inventory(one, *GPUS_IN_B, volume("pv", "a", claimed="data"), unread=[PERSISTENTVOLUMECLAIMS])
    assert [found.volume for found in zone_conflicts(world, one)] == ["pv"]


def test_zone_labels_of_old_volumes_count() -> None:
    one = waiting("data", gpus=1)
    old = volume("pv", labels={"failure-domain.beta.kubernetes.io/zone": "a__c"})
    assert verdict(one, *GPUS_IN_B, DATA[0], old).reasons["volume of claim data is elsewhere"] == 2


def test_a_node_in_the_volumes_zone_that_only_lacks_room_is_no_conflict() -> None:
    one = waiting("data", gpus=4)
    full = (in_zone("gpu-a", "a", gpus=8), pod("holder", gpu_template(6), "gpu-a"))
    world = inventory(one, *GPUS_IN_B, *full, *DATA)
    assert zone_conflicts(world, one) == []
    found = explain_pending(world, [one])
    assert (found.cause, found.nearest_nodes) == (Cause.SHORT, ("gpu-a",))


def test_no_conflict_where_nothing_would_fit_anyway() -> None:
    one = waiting("data", gpus=16)
    conflicts: list[ZoneConflict] = zone_conflicts(inventory(one, *GPUS_IN_B, *DATA), one)
    assert conflicts == []
    assert zone_conflicts(inventory(waiting("data")), waiting("data")) == []


def test_a_local_volume_binds_to_its_node() -> None:
    terms = (NodeTerm((SelectorTerm("kubernetes.io/hostname", "In", ("n1",)),)),)
    local = Volume(name="pv", required_nodes=terms)
    found = verdict(
        waiting("data"), node("n0"), node("n1", unschedulable=True), claim("data", volume="pv"), local
    )
    assert (found.cause, found.smallest_change) == (Cause.CORDON, "uncordon node n1")


def test_would_fit_looks_at_claims() -> None:
    world = inventory(*GPUS_IN_B, *DATA)
    here, there = world.nodes
    of = template({"cpu": "1"})
    assert would_fit(world, of, here, [DATA[0]])
    assert not would_fit(world, of, there, [DATA[0]])
    assert would_fit(world, of, there)
    assert GPU in there.allocatable
