"""Whatever a recording holds, objects come out of it, and what is broken is named."""

import datetime
from typing import Any

import pytest

from scanners.facts import slices
from scanners.facts.pod import Pod
from swarm.sources.kubernetes.objects import facts_of


def test_lists_strangers_and_broken_objects() -> None:
    objects: list[Any] = [
        {"kind": "List", "apiVersion": "v1", "items": None},
        {
            "kind": "PodList",
            "apiVersion": "v1",
            "items": [{"metadata": {"name": "b"}}, {"metadata": {"name": "a"}}],
        },
        {"kind": "Service", "apiVersion": "serving.knative.dev/v1", "metadata": {"name": "no"}},
        {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "no"}},
        "not an object",
        {
            "kind": "Node",
            "apiVersion": "v1",
            "metadata": {
                "name": "n",
                "creationTimestamp": datetime.datetime(2026, 3, 4, tzinfo=datetime.UTC),
            },
        },
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"name": "bad", "namespace": "ml"},
            "spec": {"containers": "none"},
        },
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"name": "worse"},
            "spec": {"containers": [{"resources": 3}]},
        },
    ]
    found, skipped, broken = facts_of(objects)
    assert [pod.name for pod in found[slices.PODS]] == ["a", "b"]
    assert found[slices.NODES][0].created == "2026-03-04T00:00:00Z"
    assert skipped == 3
    assert len(broken) == 2
    assert broken[0].startswith("Pod ml/bad: ")


def pod_of(parsed: dict[str, Any]) -> Pod:
    found, skipped, broken = facts_of([parsed])
    assert (skipped, broken) == (0, [])
    pod: Pod = found[slices.PODS][0]
    return pod


NULLS: list[dict[str, Any]] = [
    {"metadata": None, "spec": None, "status": None},
    {
        "metadata": {
            "name": "x",
            "labels": None,
            "annotations": None,
            "ownerReferences": None,
            "finalizers": None,
        }
    },
    {
        "spec": {
            "containers": None,
            "volumes": None,
            "tolerations": None,
            "affinity": None,
            "nodeSelector": None,
        }
    },
    {"spec": {"containers": [{"name": "c", "env": None, "resources": None, "args": None, "ports": None}]}},
    {
        "spec": {
            "containers": [
                {"env": [{"name": "A", "value": None, "valueFrom": None}], "resources": {"requests": None}}
            ]
        }
    },
    {
        "spec": {
            "affinity": {"nodeAffinity": None, "podAffinity": {}},
            "volumes": [{"name": "v"}, {"name": "e", "emptyDir": {}}],
        }
    },
    {"status": {"conditions": None, "containerStatuses": None, "phase": None, "unknown": [1]}},
    {
        "status": {
            "containerStatuses": [{"state": None, "lastState": None, "ready": None, "restartCount": None}]
        }
    },
    {"status": {"containerStatuses": [{"name": "c", "state": {"waiting": {}, "terminated": None}}]}},
]


@pytest.mark.parametrize("parts", NULLS)
def test_anything_may_be_null_or_missing(parts: dict[str, Any]) -> None:
    found = pod_of({"apiVersion": "v1", "kind": "Pod", **parts})
    assert found.state is not None
    assert found.template.containers is not None


def test_numbers_where_people_write_them() -> None:
    found = pod_of(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "x"},
            "spec": {
                "containers": [
                    {
                        "name": "c",
                        "resources": {"requests": {"cpu": 2, "memory": 1.5}},
                        "env": [{"name": "WORLD_SIZE", "value": 8}],
                    }
                ]
            },
        }
    )
    assert found.template.containers[0].requests == {"cpu": "2", "memory": "1.5"}
    assert found.template.containers[0].env == {"WORLD_SIZE": "8"}
