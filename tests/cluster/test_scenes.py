"""The planted faults and the healthy twin must really come to be, or a scan of them would prove nothing."""

from collections import Counter

import pytest

from .base import lay_base
from .controlplane import ControlPlane
from .faults import FAULTS, apply_faults, settle
from .healthy import TEAMS, lay_healthy

pytestmark = pytest.mark.cluster


def test_every_fault_comes_to_be(empty_control_plane: ControlPlane) -> None:
    lay_base(empty_control_plane.client)
    taken = settle(apply_faults(empty_control_plane, FAULTS), FAULTS)
    assert set(taken) == {fault.id for fault in FAULTS}


def test_the_table_is_whole() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 20
    by_prefix = Counter(fault.code[:3] for fault in FAULTS)
    assert {name for name, count in by_prefix.items() if count >= 2} >= {
        "JOB", "OOM", "GPU", "PVC", "QTA", "NET", "NOD", "WRK", "CTL"
    }  # fmt: skip
    for fault in FAULTS:
        assert fault.subject.namespace in ("", fault.id, "kube-system")


def test_the_healthy_twin_is_well(empty_control_plane: ControlPlane) -> None:
    client = empty_control_plane.client
    lay_healthy(empty_control_plane)
    pods, nodes = client.list("v1", "Pod"), client.list("v1", "Node")
    assert len(pods) >= 200
    assert len(nodes) >= 12
    assert {pod["status"]["phase"] for pod in pods} == {"Running", "Succeeded"}
    claims = Counter(
        (claim["spec"]["storageClassName"], claim["status"]["phase"])
        for claim in client.list("v1", "PersistentVolumeClaim")
    )
    assert claims == {("gp3", "Bound"): 3 * len(TEAMS), ("gp3-when-used", "Pending"): len(TEAMS)}
    for quota in client.list("v1", "ResourceQuota"):
        for resource, used in quota["status"]["used"].items():
            assert 0.5 < _number(used) / _number(quota["status"]["hard"][resource]) < 0.7


def _number(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)
