"""
A recorded cluster in which every free text of one channel is a tenant's.

The channels are those that a tenant, a workload or an exporter can write to. Names of objects are attacked too where a
recording may hold what an API server would refuse: a malicious recording is no API server.
"""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from reports.assemble import assemble
from reports.report import Report
from scanners.scanner import catalogue
from scanners.semantics.times import rfc3339
from swarm.cli.scan import moment_of, plan_for, run_of
from swarm.progress import Quiet
from swarm.settings import Settings
from swarm.spec import TargetSpec
from swarm.target import scan_target
from tests.scanners.cases import FIXTURES, load

Setter = Callable[[str], None]
Tree = dict[str, Any]

PIPELINE_KEYS = frozenset({
    "dag_id", "run_id", "task_id", "try_number", "workflows.argoproj.io/workflow", "spark-app-name",
    "spark-app-selector", "sparkoperator.k8s.io/app-name", "ray.io/group", "training.kubeflow.org/replica-type",
})  # fmt: skip
MEASURED = ("gpus_held_not_used", "gpu_busy_but_ineffective")


@dataclass
class Recording:
    """The files of a recording, in memory: objects by file, logs, answers of Prometheus."""

    objects: dict[str, list[Tree]]
    logs: dict[str, list[str]]
    metrics: dict[str, Tree]
    extra: dict[str, str]
    now: str | None = None

    def all(self, *kinds: str) -> Iterator[Tree]:
        """The objects of these kinds, else all."""
        for items in self.objects.values():
            yield from (item for item in items if not kinds or item["kind"] in kinds)

    def containers(self) -> Iterator[Tree]:
        """Every container of every pod and template."""
        for item in self.all():
            for spec in _pod_specs(item.get("spec")):
                yield from (*spec.get("initContainers", ()), *spec.get("containers", ()))

    def statuses(self) -> Iterator[Tree]:
        """Every container status."""
        for pod in self.all("Pod"):
            for key in ("initContainerStatuses", "containerStatuses"):
                yield from pod.get("status", {}).get(key, ())

    def write(self, folder: Path) -> Path:
        """The recording as files."""
        for name, items in self.objects.items():
            path = folder / "cluster-resources" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        for name, lines in self.logs.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n")
        for name, body in self.metrics.items():
            path = folder / "metrics" / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(body))
        for name, text in self.extra.items():
            (folder / name).write_text(text)
        return folder


def demo() -> Recording:
    """The demo cluster: 36 checks, 26 of them with findings."""
    folder = FIXTURES / "demo"
    objects = {}
    extra = {"deepscan.json": (folder / "deepscan.json").read_text()}
    for path in sorted((folder / "cluster-resources").glob("*.json")):
        data = json.loads(path.read_text())
        if "items" in data:
            objects[path.name] = data["items"]
        else:
            extra[f"cluster-resources/{path.name}"] = path.read_text()
    logs = {str(p.relative_to(folder)): p.read_text().splitlines() for p in sorted(folder.rglob("*.log"))}
    return Recording(objects, logs, {}, extra)


def measured(check: str) -> Recording:
    """A case whose GPUs are measured, with the answers of its Prometheus."""
    path = FIXTURES / "gpu" / check / "faulty.yaml"
    case = load(path, "GPU102")
    metrics = {name: json.loads(body) for name, body in case.metrics.items()}
    return Recording({"all.json": case.raw}, {}, metrics, {}, now=rfc3339(case.now))


def scanned(recording: Recording, folder: Path) -> Report:
    """The report of a scan of the recording."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return _scanned(recording.write(folder), recording.now)


@cache
def _plan(now: str | None) -> Any:
    return plan_for(Settings(), moment_of(now))


def _scanned(folder: Path, now: str | None) -> Report:
    spec = TargetSpec(name="attacked", provider="recorded", settings=Settings(), recording=folder)
    found = asyncio.run(scan_target(spec, _plan(now), Quiet(), asyncio.Event()))
    assert found.unreadable is None, found.unreadable
    run = run_of(Settings(), [found], datetime(2026, 11, 19, 3, tzinfo=UTC), "nightly")
    return assemble(run, [found.result], catalogue())


def attacked(recording: Recording, channel: str, payloads: Sequence[str]) -> int:
    """
    Put every payload into the channel, spread over its texts; the number of texts.

    Texts with the same value get the same payload: what a tenant calls one thing stays one thing.
    """
    places: dict[str, list[Setter]] = {}
    for value, setter in CHANNELS[channel](recording):
        places.setdefault(value, []).append(setter)
    if not places:
        return 0
    values = sorted(places)
    share = -(-len(payloads) // len(values))
    for number, value in enumerate(values):
        start = number * share
        own = payloads[start : start + share] or [payloads[number % len(payloads)]]
        for setter in places[value]:
            setter(" ".join(own))
    return sum(map(len, places.values()))


def _set(tree: Tree, key: str, text: str = "") -> Setter:
    return lambda payload: tree.__setitem__(key, f"{text}{payload}")


def _labels(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for number, item in enumerate(recording.all()):
        yield f"{number:05}", _set(item["metadata"].setdefault("labels", {}), "example.com/note")


def _annotations(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for number, item in enumerate(recording.all()):
        annotations = item["metadata"].setdefault("annotations", {})
        yield f"{number:05}", _set(annotations, "example.com/note")
        yield f"{number:05}d", _set(annotations, "kubernetes.io/description")


def _pipelines(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for pod in recording.all("Pod"):
        for holder in (pod["metadata"].get("labels", {}), pod["metadata"].get("annotations", {})):
            for key, value in list(holder.items()):
                if key in PIPELINE_KEYS:
                    yield value, _set(holder, key, value)


def _teams(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for item in recording.all():
        labels = item["metadata"].get("labels", {})
        if "team" in labels:
            yield labels["team"], _set(labels, "team", labels["team"])


def _terminations(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for number, status in enumerate(recording.statuses()):
        for state in (status.get("state", {}), status.get("lastState", {})):
            if "terminated" in state:
                ended = state["terminated"]
                yield f"{number:05}", _set(ended, "message", ended.get("message", ""))


def _conditions(recording: Recording) -> Iterator[tuple[str, Setter]]:
    number = 0
    for item in recording.all():
        status = item.get("status") or {}
        waiting = [
            s["state"]["waiting"]
            for s in status.get("containerStatuses", ())
            if "waiting" in s.get("state", {})
        ]
        for holder in (*status.get("conditions", ()), *waiting, status):
            if "message" in holder:
                number += 1
                yield f"{number:05}", _set(holder, "message", holder["message"])


def _events(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for number, event in enumerate(recording.all("Event")):
        yield f"{number:05}", _set(event, "message", event.get("message", ""))
        event["reportingInstance"] = ""
        yield f"{number:05}i", _set(event, "reportingInstance")


def _forged_events(recording: Recording) -> Iterator[tuple[str, Setter]]:
    """Events that a tenant wrote: any reason, any text, about any object."""
    pods = [pod for _, pod in zip(range(60), recording.all("Pod"), strict=False)]
    forged = []
    for number, pod in enumerate(pods):
        about = {
            "kind": "Pod",
            "apiVersion": "v1",
            **{k: pod["metadata"][k] for k in ("namespace", "name", "uid")},
        }
        event = {
            "apiVersion": "v1", "kind": "Event", "type": "Warning", "involvedObject": about, "count": 1,
            "metadata": {"name": f"forged-{number}", "namespace": about["namespace"], "uid": f"forged-{number}"},
            "lastTimestamp": "2026-11-19T01:59:00Z", "source": {"component": "x"},
        }  # fmt: skip
        forged.append(event)
        yield f"{number:05}", _set(event, "message")
        yield f"{number:05}r", _set(event, "reason")
    recording.objects["forged.json"] = forged


def _logs(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for lines in recording.logs.values():
        for at in (0, len(lines) // 2, len(lines)):
            yield f"{id(lines)}{at}", lambda payload, lines=lines, at=at: lines.insert(at, payload)  # type: ignore[misc]


def _arguments(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for number, container in enumerate(recording.containers()):
        container["args"] = [*container.get("args", ()), ""]
        yield f"{number:05}", _set_at(container["args"])
        variable = {"name": "NOTE", "value": ""}
        container["env"] = [*container.get("env", ()), variable]
        yield f"{number:05}e", _set(variable, "value")


def _images(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for holder in (*recording.containers(), *recording.statuses()):
        if holder.get("image"):
            yield holder["image"], _set(holder, "image", holder["image"])


def _custom_resources(recording: Recording) -> Iterator[tuple[str, Setter]]:
    kinds = [
        ("argoproj.io/v1alpha1", "Workflow"), ("kubeflow.org/v1", "PyTorchJob"), ("ray.io/v1", "RayJob"),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication"), ("kueue.x-k8s.io/v1beta1", "Workload"),
    ]  # fmt: skip
    made, since = [], "2026-11-19T00:00:00Z"
    for number in range(50):
        version, kind = kinds[number % len(kinds)]
        status: Tree = {"phase": "Failed", "conditions": [{"type": "Failed", "status": "True"}]}
        name = f"custom-{number}"
        made.append({
            "apiVersion": version, "kind": kind, "status": status,
            "metadata": {"name": name, "namespace": "ml-research", "uid": name, "creationTimestamp": since},
        })  # fmt: skip
        yield f"{number:05}", _set(status, "message")
        yield f"{number:05}c", _set(status["conditions"][0], "message")
    recording.objects["custom.json"] = made


def _pod_names(recording: Recording) -> Iterator[tuple[str, Setter]]:
    """Pods by other names, wherever they are named. Those with logs keep theirs: a path cannot be any name."""
    names = {pod["metadata"]["name"] for pod in recording.all("Pod")}
    names -= {Path(name).parent.name for name in recording.logs}
    for item in recording.all():
        yield from _named(item, names)
    for body in recording.metrics.values():
        for series in body["data"]["result"]:
            labels = series["metric"]
            for key in ("pod", "exported_pod"):
                if labels.get(key) in names:
                    yield labels[key], _set(labels, key, labels[key])


def _metric_labels(recording: Recording) -> Iterator[tuple[str, Setter]]:
    for body in recording.metrics.values():
        for series in body["data"]["result"]:
            labels = series["metric"]
            yield labels.get("UUID", "x") + "note", _set(labels, "note")
            for name in ("modelName", "instance", "exported_container"):
                if name in labels:
                    yield labels[name], _set(labels, name, labels[name])


CHANNELS: dict[str, Callable[[Recording], Iterator[tuple[str, Setter]]]] = {
    "labels": _labels, "annotations": _annotations, "pipeline names": _pipelines, "team names": _teams,
    "termination messages": _terminations, "status messages": _conditions, "event messages": _events,
    "forged events": _forged_events, "log lines": _logs, "arguments and environment": _arguments,
    "image names": _images, "custom resources": _custom_resources, "pod names": _pod_names,
    "metric labels": _metric_labels,
}  # fmt: skip
"""What each yields: the value that stands in a text, and what writes another there."""


def _set_at(items: list[str]) -> Setter:
    return lambda payload: items.__setitem__(-1, payload)


def _pod_specs(spec: Any) -> Iterator[Tree]:
    if isinstance(spec, dict):
        if "containers" in spec:
            yield spec
        for key in ("template", "jobTemplate", "spec"):
            yield from _pod_specs(spec.get(key))


def _named(value: Any, names: set[str]) -> Iterator[tuple[str, Setter]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and key == "name" and item in names:
                yield item, _set(value, key, item)
            else:
                yield from _named(item, names)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, names)
