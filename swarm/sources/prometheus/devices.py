"""
One GPU appears as seven metrics, twice if it was recorded twice, and anew each time that its holder changes.

Answers about dcgm-exporter's fields, joined to one fact for each device (or MIG instance of it) and holder. Labels as
the exporter writes them: ``gpu``, ``UUID`` (``uuid`` under its old names), ``device``, ``modelName``, ``GPU_I_ID``,
``Hostname`` (``hostname`` in newer ones); ``node`` is the target's, where Prometheus was told to add it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scanners.facts.metric import DeviceUse, Series
from swarm.sources.prometheus.body import Answer, Labels, Sampled
from swarm.sources.prometheus.grid import series_of, step_of
from swarm.sources.prometheus.holders import Exporters, Holder, holder_labels
from swarm.sources.prometheus.queries import selected

CEILINGS = {
    "gpu-engine-active": 1.0, "gpu-utilisation": 1.0, "gpu-sm-active": 1.0, "gpu-tensor-active": 1.0,
    "gpu-power": 1e5, "gpu-memory-used": 2.0**43,
}  # fmt: skip
"""
Values above these are none: ratios end at 1, no board takes 100 kW or has 8 TiB. DCGM's blanks (2^31 - 16, 2^47,
2^63 - 16 and their neighbours) lie far above, also when one of them stands in a mean of many samples.
"""

_FIELDS = {
    "sm": "gpu-sm-active",
    "tensor": "gpu-tensor-active",
    "power": "gpu-power",
    "memory": "gpu-memory-used",
}
_BUSY = (("engine", "gpu-engine-active"), ("utilisation", "gpu-utilisation"))
_NODE = ("node", "kubernetes_node", "Hostname", "hostname")
_UUID = ("UUID", "uuid")
_SELECTING = ("UUID", "uuid", "gpu", *_NODE, "GPU_I_ID")


class _Key(NamedTuple):
    node: str
    device: str
    instance: str
    holder: Holder


class _Measured(NamedTuple):
    series: Series
    labels: Labels


def device_uses(read: Mapping[str, Answer]) -> list[DeviceUse]:
    """Every device, for each holder that it had, by node, device and holder."""
    answers = {name: read[name] for name in CEILINGS if name in read}
    exporters = Exporters(
        read.get("gpu-exporters"), (one.labels for answer in answers.values() for one in answer.series)
    )
    measured: dict[_Key, dict[str, _Measured]] = defaultdict(dict)
    for name, answer in answers.items():
        for key, found in _joined(answer, exporters, CEILINGS[name]):
            measured[key][name] = found
    return [_use(key, measured[key]) for key in sorted(measured)]


def _joined(answer: Answer, exporters: Exporters, ceiling: float) -> Iterator[tuple[_Key, _Measured]]:
    found: dict[_Key, list[Sampled]] = defaultdict(list)
    for one in answer.series:
        key = _key(one.labels, exporters)
        if key is not None:
            found[key].append(one)
    step = step_of(answer)
    for key, recordings in found.items():
        series = series_of(recordings, step, ceiling)
        if series is not None:
            yield key, _Measured(series, recordings[0].labels)


def _key(labels: Labels, exporters: Exporters) -> _Key | None:
    """Which device and holder a series speaks of; None for one that names no device."""
    node, uuid, index = _first(labels, _NODE), _first(labels, _UUID), labels.get("gpu", "")
    if not uuid and not (node and index):
        return None
    return _Key(node, uuid or f"{node}/{index}", labels.get("GPU_I_ID", ""), exporters.holder_of(labels))


def _use(key: _Key, measured: Mapping[str, _Measured]) -> DeviceUse:
    basis, name = next(((basis, name) for basis, name in _BUSY if name in measured), ("", ""))
    fields = {field: name for field, name in {"busy": name, **_FIELDS}.items() if name in measured}
    labels = next(iter(measured.values())).labels
    return DeviceUse(
        node=key.node,
        device=key.device,
        instance=key.instance,
        product=labels.get("modelName", ""),
        namespace=key.holder.namespace,
        pod=key.holder.pod,
        container=key.holder.container,
        basis=basis,
        queries={field: _selected(name, measured[name].labels) for field, name in fields.items()},
        **{field: measured[name].series for field, name in fields.items()},
    )


def _selected(name: str, labels: Labels) -> str:
    """The query narrowed to one series, so that whoever reads it may put it to Prometheus as it stands."""
    wanted = (*_SELECTING, *holder_labels(labels))
    return selected(name, {label: labels[label] for label in wanted if labels.get(label)})


def _first(labels: Labels, names: tuple[str, ...]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
