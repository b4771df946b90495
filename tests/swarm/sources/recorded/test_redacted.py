"""
A capture leaves the walls: no secret goes with it, and nothing that a check reads is lost.
"""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from swarm.cli.targets import demo_path
from swarm.sources.kubernetes.objects import facts_of
from swarm.sources.recorded.redacted import redacted
from tests.scanners.cases import SAFE

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("*/*/*.yaml"))

CANARIES = {
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "hugging-face": "hf_abcdefghijklmnopqrstuvwxyz0123",
    "password": "hunter2-correct-horse",
    "github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
}


def facts(objects: list[dict[str, Any]]) -> dict[str, Any]:
    found, _, broken = facts_of(objects)
    assert not broken
    return {slice_.name: [_plain(fact) for fact in list_] for slice_, list_ in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def test_the_demo_keeps_its_facts() -> None:
    objects = [
        item for path in sorted((demo_path() / "cluster-resources").glob("*.json"))
        for item in json.loads(path.read_text()).get("items", [])
    ]  # fmt: skip
    assert facts([redacted(copy.deepcopy(item)) for item in objects]) == facts(objects)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_case_keeps_its_facts(path: Path) -> None:
    objects = [
        document
        for document in yaml.load_all(path.read_text(), Loader=SAFE)
        if document and "kind" in document
    ]
    plain = json.loads(json.dumps(objects, default=lambda moment: moment.isoformat()))
    assert facts([redacted(copy.deepcopy(item)) for item in plain]) == facts(plain)


def leaky(canary: str) -> dict[str, Any]:
    ended = {"exitCode": 1, "message": f"token={canary}"}
    container = {
        "name": "main", "image": "busybox",
        "command": ["run", "--token", canary], "args": [f"--password={canary}", f"postgres://me:{canary}@db.ml.svc:5432/x"],
        "env": [{"name": "SECRET_KEY", "value": canary}, {"name": "URL", "value": f"redis://:{canary}@redis.ml.svc:6379"}],
    }  # fmt: skip
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "p", "namespace": "ml", "uid": "u",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": canary, "note": f"password={canary}"},
            "managedFields": [{"fieldsV1": {f"f:{canary}": {}}}],
        },
        "spec": {"containers": [container], "initContainers": [container | {"name": "init"}]},
        "status": {
            "phase": "Failed", "message": f"Authorization: Bearer {canary}",
            "containerStatuses": [{"name": "main", "state": {"terminated": ended}}],
        },
    }  # fmt: skip


@pytest.mark.parametrize("kind", CANARIES)
def test_no_canary_leaves(kind: str) -> None:
    pod = leaky(CANARIES[kind])
    job = {
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c", "namespace": "ml"},
        "spec": {"jobTemplate": {"spec": {"template": {"metadata": pod["metadata"], "spec": pod["spec"]}}}},
    }  # fmt: skip
    for item in (copy.deepcopy(pod), copy.deepcopy(job)):
        text = json.dumps(redacted(item))
        assert CANARIES[kind] not in text
        assert "redis.ml.svc:6379" in text and "db.ml.svc:5432" in text
