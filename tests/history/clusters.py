"""
The demo cluster one night and the next: every rollout has renamed its pods, some faults are mended, others are new.

A night is the recording's files, by name; what happens to it is a function from files to files.
"""

import json
import random
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from swarm.cli.targets import demo_path

Files = dict[str, str]
Object = dict[str, Any]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_WORD = re.compile(r"[a-z0-9-]+")
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_GENERATED = re.compile(
    r"(?P<stem>.+-)(?P<suffix>[bcdfghjklmnpqrstvwxz2456789]{5}|[bcdfghjklmnpqrstvwxz2456789]{8})"
)

MENDED = (
    "PyTorchJob team-vision/depth-finetune",
    "Workflow argo/tokenize-7kq2m",
    "Job data-pipelines/backfill-2026-10",
    "ResourceQuota data-pipelines/data-pipelines",
    "Node h100-8x-04",
)
PLANTED = (
    "CronJob monitoring/second-probe",
    "Deployment serving/llama-audit",
    "Deployment serving/price-store",
)


def demo() -> Files:
    """The demo as it is."""
    return {
        str(path.relative_to(demo_path())): path.read_text()
        for path in demo_path().rglob("*")
        if path.is_file()
    }


def written(files: Files, folder: Path) -> Path:
    """The night as a folder that ``--from`` opens."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def later(files: Files, days: int) -> Files:
    """The same cluster days later: every time in it moves, so that every fault is as old as it was."""

    def moved(match: re.Match[str]) -> str:
        moment = datetime.strptime(match.group(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return (moment + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    return {name: _TIME.sub(moved, text) for name, text in files.items()}


def rolled_out(files: Files, seed: int) -> Files:
    """Every pod is another one: new uids, and new names wherever a controller makes the name up."""
    generator = random.Random(seed)
    new: dict[str, str] = {}
    for item in objects(files, "replicaset"):
        stem, _, hash_ = item["metadata"]["name"].rpartition("-")
        new[item["metadata"]["name"]] = f"{stem}-{_letters(generator, 9)}"
        new[hash_] = new[item["metadata"]["name"]].rpartition("-")[2]
        new[item["metadata"]["uid"]] = _uid(generator)
    for item in objects(files, "pod"):
        name = item["metadata"]["name"]
        new[item["metadata"]["uid"]] = _uid(generator)
        if made := _GENERATED.fullmatch(name):
            stem = made["stem"].removesuffix("-")
            new[name] = f"{new.get(stem, stem)}-{_letters(generator, len(made['suffix']))}"

    def renamed(text: str) -> str:
        return _WORD.sub(lambda match: new.get(match.group(), match.group()), text)

    return {renamed(name): renamed(text) for name, text in files.items()}


def mended(files: Files) -> Files:
    """Five faults are gone: three whose work is over, a quota with room again, a node with all of its GPUs."""
    over = re.compile("depth-finetune|tokenize-7kq2m|backfill-2026-10")
    files = _changed(
        files, ("pod", "job", "event"), lambda item: [] if over.search(json.dumps(item)) else [item]
    )
    return _changed(files, ("resourcequota", "node"), lambda item: [_healed(item)])


def planted(files: Files) -> Files:
    """Three faults are new: copies of a crash loop, a missing Secret and a missed schedule under other names."""
    copies = {"feature-store": "price-store", "llama-guard": "llama-audit", "synthetic-probe": "second-probe"}
    for old, name in copies.items():
        files = _changed(files, None, lambda item, old=old, name=name: [item, *_copies(item, old, name)])
        files |= {path.replace(old, name): text for path, text in files.items() if f"/{old}" in path}
    return files


def without_nodes(files: Files) -> Files:
    """The identity may no longer list nodes."""
    left = {name: text for name, text in files.items() if not name.endswith("/node.json")}
    return left | {
        "cluster-resources/nodes-errors.json": '["nodes is forbidden: User \\"scan\\" cannot list it"]'
    }


def objects(files: Files, kind: str) -> list[Object]:
    """The objects of one kind."""
    return list(json.loads(files[f"cluster-resources/{kind}.json"])["items"])


def _changed(files: Files, kinds: Iterable[str] | None, change: Callable[[Object], list[Object]]) -> Files:
    wanted = {f"cluster-resources/{kind}.json" for kind in kinds} if kinds is not None else None
    result = dict(files)
    for name, text in files.items():
        if (wanted is None or name in wanted) and '"items"' in text:
            parsed = json.loads(text)
            parsed["items"] = [kept for item in parsed["items"] for kept in change(item)]
            result[name] = json.dumps(parsed)
    return result


def _healed(item: Object) -> Object:
    name, status = item["metadata"]["name"], item["status"]
    if name == "data-pipelines":
        status["used"]["requests.cpu"] = "20"
    if name == "h100-8x-04":
        status["allocatable"]["nvidia.com/gpu"] = status["capacity"]["nvidia.com/gpu"]
    return item


def _copies(item: Object, old: str, name: str) -> list[Object]:
    text = json.dumps(item)
    if old not in text:
        return []
    uids = re.compile(r'("uid": ")([0-9a-f]{8})')
    return [json.loads(uids.sub(r"\g<1>c0c0c0c0", text).replace(old, name))]


def _letters(generator: random.Random, length: int) -> str:
    return "".join(generator.choices(_LETTERS, k=length))


def _uid(generator: random.Random) -> str:
    return str(uuid.UUID(int=generator.getrandbits(128), version=4))
