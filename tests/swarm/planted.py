"""
A cluster in which every fault of the fixtures is at work, and every text of it leaks a secret.
"""

import copy
import gzip
import json
import re
import sqlite3
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from tests.scanners.cases import FIXTURES, SAFE
from tests.scanners.metrics import bodies
from tests.swarm.canaries import TOKENS, Canary

Json = dict[str, Any]

NOW = "2026-03-04T10:12:00Z"
MOMENT = 1772619120.0
NAMESPACE = "leaky"
_LABEL = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?")


class Cluster:
    """
    ``objects`` of the faulty cases, with canaries in every text and ``pods`` more that crash, one a canary; ``logs`` by
    (pod, container, whether of the run before); ``metrics`` are answers of Prometheus by query.
    """

    def __init__(self, planted: Sequence[Canary]) -> None:
        self.planted = planted
        self._next = cycle(planted)
        self._words = cycle(
            one.secrets[0] for one in planted if one.kind in TOKENS and _LABEL.fullmatch(one.secrets[0])
        )
        self.channels: dict[str, int] = {}
        heads, self.objects = _faulty()
        self.logs: dict[tuple[str, str, bool], str] = {}
        for each in self.objects:
            self._plant(each)
        for number, canary in enumerate(planted):
            self.objects.append(self._crashing(number, canary))
        self.custom = [self._workflow(number, canary) for number, canary in enumerate(planted)]
        self.metrics = self._answers(heads)

    def served(self) -> dict[str, list[Json]]:
        """The objects by plural, as an API server lists them."""
        found: dict[str, list[Json]] = {}
        for each in self.objects:
            kind = each["kind"].lower()
            ending = {"y": "ies", "s": "ses"}.get(kind[-1])
            plural = kind[:-1] + "ies" if ending == "ies" else f"{kind}es" if ending else f"{kind}s"
            found.setdefault(plural, []).append(each)
        return found

    def record(self, folder: Path) -> Path:
        """The cluster as a tree of files, as `deepscan run --from` takes it."""
        folder.mkdir(parents=True)
        (folder / "all.json").write_text(
            json.dumps({"apiVersion": "v1", "kind": "List", "items": self.objects})
        )
        (folder / "workflows.json").write_text(
            json.dumps({"apiVersion": "v1", "kind": "List", "items": self.custom})
        )
        for (pod, container, previous), text in self.logs.items():
            path = folder / "logs" / NAMESPACE / pod / f"{container}{'.previous' if previous else ''}.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name, body in self.metrics.items():
            (folder / "metrics").mkdir(exist_ok=True)
            (folder / "metrics" / f"{name}.json").write_bytes(body)
        return folder

    def _text(self, channel: str) -> str:
        self.channels[channel] = self.channels.get(channel, 0) + 1
        return next(self._next).text

    def _word(self, channel: str) -> str:
        """A canary that may stand in a label."""
        word = next(self._words)
        self.channels[channel] = self.channels.get(channel, 0) + 1
        return word

    def _plant(self, item: Json) -> None:
        event = item["kind"] == "Event"
        for holder, key in _messages(item):
            channel = (
                "event message"
                if event
                else "termination message"
                if "exitCode" in holder
                else "status message"
            )
            channel = "condition message" if "type" in holder and not event else channel
            holder[key] = f"{holder[key]} {self._text(channel)}"
        metadata = item["metadata"]
        metadata["managedFields"] = [{"fieldsV1": {f"f:{self._text('managed fields')}": {}}}]
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            "kubectl.kubernetes.io/last-applied-configuration": self._text("last applied"),
            "cluster-autoscaler.kubernetes.io/note": self._text("annotation"),
            "example.com/token": self._text("annotation"),
        }
        if not event:
            metadata.setdefault("labels", {})["example.com/build"] = self._word("label")
        for container in _containers(item):
            container["env"] = [
                *(container.get("env") or ()), {"name": "PLAIN", "value": self._text("env")},
                {"name": "DAGSTER_RUN_STEP_KEY", "value": self._text("env")},
                {"name": "SERVICE_URL", "value": f"https://{self._word('env')}:8443/x {self._text('env')}"},
            ]  # fmt: skip
            container["args"] = [
                *(container.get("args") or ()),
                self._text("args"),
                "--token",
                self._word("args"),
            ]
            container["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "-c", self._text("hook")]}}}
            header = {"name": "Authorization", "value": self._text("probe header")}
            container["startupProbe"] = {"httpGet": {"port": 1, "path": "/", "httpHeaders": [header]}}

    def _crashing(self, number: int, canary: Canary) -> Json:
        """A pod that dies with a canary on its lips: in its log, the log before, its last message, why it waits."""
        name = f"crash-{number:03}"
        self.logs[name, "main", False] = f"starting up\n{canary.text}\n"
        self.logs[name, "main", True] = f"loading\n{canary.text}\n"
        for channel in (
            "log",
            "log of the run before",
            "termination message",
            "waiting message",
            "annotation",
        ):
            self.channels[channel] = self.channels.get(channel, 0) + 1
        died = {"exitCode": 1, "reason": "Error", "message": f"fatal\n{canary.text}",
                "startedAt": "2026-03-04T10:06:00Z", "finishedAt": "2026-03-04T10:07:00Z"}  # fmt: skip
        status = {
            "name": "main", "ready": False, "restartCount": 9, "image": "r.example.com/x:1", "imageID": "",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off 5m0s {canary.text}"}},
            "lastState": {"terminated": died},
        }  # fmt: skip
        return {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": name, "namespace": NAMESPACE, "uid": f"00000000-0000-4000-8000-{number:012}",
                "creationTimestamp": "2026-03-04T08:12:00Z", "annotations": {"gpu-memory": canary.text},
            },
            "spec": {
                "nodeName": "worker-1", "restartPolicy": "Always",
                "containers": [{"name": "main", "image": "r.example.com/x:1", "command": ["run", canary.text]}],
            },
            "status": {
                "phase": "Running", "startTime": "2026-03-04T08:12:00Z", "containerStatuses": [status],
                "conditions": [
                    {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": canary.text,
                     "lastTransitionTime": "2026-03-04T08:13:00Z"}
                ],
            },
        }  # fmt: skip

    def _workflow(self, number: int, canary: Canary) -> Json:
        """A custom resource whose status says a canary, as Argo's controller writes a failed run."""
        for channel in ("status of a custom resource", "argument of a custom resource"):
            self.channels[channel] = self.channels.get(channel, 0) + 1
        step = {
            "id": f"run-{number}-1",
            "type": "Pod",
            "phase": "Failed",
            "message": f"Error (exit code 1): {canary.text}",
        }
        return {
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow",
            "metadata": {
                "name": f"run-{number}", "namespace": NAMESPACE, "uid": f"00000000-0000-4000-9000-{number:012}",
                "creationTimestamp": "2026-03-04T08:12:00Z",
            },
            "spec": {"entrypoint": "main", "arguments": {"parameters": [{"name": "dsn", "value": canary.text}]}},
            "status": {"phase": "Failed", "message": canary.text, "nodes": {f"run-{number}-1": step}},
        }  # fmt: skip

    def _answers(self, heads: Iterable[Json]) -> dict[str, bytes]:
        told: dict[str, list[Json]] = {}
        for head in heads:
            for name, series in (head.get("metrics") or {}).items():
                if isinstance(series, list):
                    told.setdefault(name, []).extend(copy.deepcopy(series))
        for series in told.values():
            for one in series:
                one["labels"] |= {"modelName": self._text("metric label"), "note": self._text("metric label")}
        return bodies(told, MOMENT)


def leaks(texts: Mapping[str, bytes], planted: Iterable[Canary]) -> list[str]:
    """Which canary is seen where: in a text as it stands, and as JSON writes it."""
    found = []
    for canary in planted:
        for secret in canary.secrets:
            forms = {secret.encode(), json.dumps(secret)[1:-1].encode()}
            found += [
                f"{canary.kind} {canary.form} in {place}"
                for place, text in texts.items()
                if any(form in text for form in forms)
            ]
    return found


def members(archive: Path) -> dict[str, bytes]:
    """Every file of a capture, unpacked, and the names of all of them."""
    with tarfile.open(archive) as opened:
        found = {f"capture {member.name}": _read(opened, member) for member in opened if member.isfile()}
    return found | {"names in the capture": "\n".join(found).encode()}


def tables(database: Path) -> dict[str, bytes]:
    """The history: the file as it lies on the disk, and every value of it, unpacked."""
    found = {"history file": database.read_bytes()}
    with sqlite3.connect(database) as opened:
        for (name,) in opened.execute("select name from sqlite_master where type = 'table'").fetchall():
            values = [value for row in opened.execute(f'select * from "{name}"') for value in row]
            found[f"history table {name}"] = b"\n".join(map(_bytes, values))
    return found


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return gzip.decompress(value) if value[:2] == b"\x1f\x8b" else value
    return str(value).encode()


def _faulty() -> tuple[list[Json], list[Json]]:
    heads, objects = [], {}
    for path in sorted(FIXTURES.glob("*/*/faulty*.yaml")):
        documents = [document for document in yaml.load_all(path.read_text(), Loader=SAFE) if document]
        head, *rest = (document for document in documents if "cloud" not in document)
        heads.append(head)
        for each in json.loads(json.dumps(rest, default=lambda moment: moment.isoformat())):
            metadata = each["metadata"]
            objects.setdefault((each["kind"], metadata.get("namespace"), metadata["name"]), each)
    return heads, list(objects.values())


def _messages(node: Any) -> Iterator[tuple[Json, str]]:
    pending = [node]
    while pending:
        found = pending.pop()
        if isinstance(found, dict):
            yield from ((found, key) for key in ("message", "note") if isinstance(found.get(key), str))
        pending += [value for value in (found.values() if isinstance(found, dict) else found)
                    if isinstance(value, dict | list)]  # fmt: skip


def _containers(item: Json) -> Iterator[Json]:
    spec = item.get("spec")
    while isinstance(spec, dict):
        for name in ("containers", "initContainers"):
            yield from spec.get(name) or ()
        template = spec.get("template") or spec.get("jobTemplate")
        spec = template.get("spec") if isinstance(template, dict) else None
