"""
A capture leaves the cluster's walls, so it carries what the checks read and nothing that a person would regret.

Structure first: managedFields and the last applied configuration go, and what probes and hooks run and send; of
environment and arguments only host:port names, listed numbers and identity keys stay, and that a command only sleeps,
exactly as decoding keeps them, so that a capture gives the findings that the cluster gave. Then every other text passes
the redaction that facts pass.
"""

from typing import Any

from scanners.semantics.split_secrets import redact_value
from swarm.sources.kubernetes.reduce.environment import (
    arguments,
    links,
    listed,
    only_sleeps,
    paired,
    searchable,
)

Json = dict[str, Any]

_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_AS_IT_IS = frozenset(
    {
        "name", "namespace", "uid", "kind", "apiVersion", "resourceVersion", "nodeName", "podIP", "hostIP", "ip",
        "imageID", "containerID", "pod-template-hash", "secretName", "creationTimestamp", "lastTransitionTime",
        "lastProbeTime", "lastHeartbeatTime", "startTime", "startedAt", "finishedAt", "firstTimestamp", "lastTimestamp",
        "eventTime",
    }
)  # fmt: skip
"""Fields that the API server itself checks or writes: names, uids, addresses, times."""
LONGEST_ANNOTATION = 1024


def redacted(item: Json) -> Json:
    """The object without what must not leave; changed in place and returned."""
    metadata = item.get("metadata")
    if isinstance(metadata, dict):
        _metadata(metadata)
    for spec in _pod_specs(item):
        for name in _CONTAINER_LISTS:
            for container in spec.get(name) or ():
                if isinstance(container, dict):
                    _container(container)
    _texts(item)
    return item


def _metadata(metadata: Json) -> None:
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
        metadata["annotations"] = {
            key: value for key, value in annotations.items() if len(str(value)) <= LONGEST_ANNOTATION
        }


def _pod_specs(item: Json) -> list[Json]:
    """Pod specs in an object: its own, its template's, its job template's."""
    found = []
    spec = item.get("spec")
    while isinstance(spec, dict):
        if any(name in spec for name in _CONTAINER_LISTS):
            found.append(spec)
        template = spec.get("template") or spec.get("jobTemplate")
        if isinstance(template, dict) and isinstance(template.get("metadata"), dict):
            _metadata(template["metadata"])
        spec = template.get("spec") if isinstance(template, dict) else None
    return found


def _container(container: Json) -> None:
    container.pop("lifecycle", None)
    for probe in (container.get(name) for name in _PROBES):
        if isinstance(probe, dict):
            probe.pop("exec", None)
            if isinstance(probe.get("httpGet"), dict):
                probe["httpGet"].pop("httpHeaders", None)
    variables = [v for v in container.get("env") or () if isinstance(v, dict)]
    values = {str(v.get("name")): str(v["value"]) for v in variables if v.get("value") is not None}
    kept = _kept(values)
    for variable in variables:
        if variable.pop("value", None) is not None and variable.get("name") in kept:
            variable["value"] = kept[str(variable["name"])]
    words = [str(word) for key in ("command", "args") for word in container.pop(key, None) or ()]
    reduced = [f"--{name.lower().replace('_', '-')}={value}" for name, value in arguments(words).items()]
    reduced += links(searchable({}, words))
    if reduced:
        container["args"] = reduced
    elif only_sleeps(words):
        container["command"] = ["sleep", "infinity"]


def _kept(values: dict[str, str]) -> dict[str, str]:
    kept = {
        name: " ".join(found)
        for name, value in values.items()
        if (found := links(searchable({name: value}, [])))
    }
    for name, value in values.items():
        port = f"{name.removesuffix('_HOST')}_PORT"
        if name.endswith("_HOST") and any(True for _ in paired({name: value, port: values.get(port, "")})):
            kept |= {name: value, port: values[port]}
    return kept | {name: value for name, value in values.items() if name in listed({name: value})}


def _texts(node: Any) -> None:
    """Redact every text, wherever it stands, but those that cannot be a person's."""
    pending = [node]
    while pending:
        found = pending.pop()
        places: Any = found.items() if isinstance(found, dict) else enumerate(found)
        for place, value in places:
            if isinstance(value, dict | list):
                pending.append(value)
            elif isinstance(value, str) and place not in _AS_IT_IS:
                found[place] = redact_value(str(place) if isinstance(found, dict) else "", value)
        if isinstance(found, dict) and isinstance(found.get("value"), str) and "name" in found:
            found["value"] = redact_value(str(found["name"]), found["value"])
