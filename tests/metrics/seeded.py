"""
A cluster of twenty nodes whose week is known: what its pods did with their GPUs, volumes and CPU time.

Twelve nodes have four GPUs each; their exporters are scraped in the four ways that one meets: ``honor_labels`` on or
off, ``Hostname`` or ``hostname``. Samples stand every 240 s over seven days (a mean over five minutes then always has
one), and reach an hour beyond the moment, so that a scan by the wall clock finds some too.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

STEP = 240
DAY = 86400
DAYS = 7
BEYOND = 3600
GPU_NODES, CPU_NODES, GPUS_EACH = 12, 8, 4
PRODUCT = "NVIDIA A100-SXM4-80GB"
MIB = 1 << 20
GIB = 1 << 30
DRIVER_IDLE_WATTS = 55.0

Shape = Literal["busy", "idle", "stopped", "starved", "nobody"]
"""What a GPU did: all week at work; nothing all week; nothing for 30 h; at work half its time; held by nobody."""

Labels = dict[str, str]
Json = dict[str, Any]


@dataclass(frozen=True)
class Scrape:
    """How one job scrapes its exporters."""

    job: str
    honor_labels: bool
    host_label: str


STARVED = (4, 5, 6, 7)
"""Nodes whose training waits for its data: one of each way of scraping."""

SCRAPES = (
    Scrape("dcgm-honor-upper", True, "Hostname"),
    Scrape("dcgm-rename-upper", False, "Hostname"),
    Scrape("dcgm-honor-lower", True, "hostname"),
    Scrape("dcgm-rename-lower", False, "hostname"),
)


@dataclass(frozen=True)
class Gpu:
    """One GPU of a node, and the pod that holds it all week (``""``: nobody)."""

    node: int
    index: int
    shape: Shape
    pod: str

    @property
    def uuid(self) -> str:
        return f"GPU-{self.node:08x}-0000-4000-8000-{self.index:012x}"

    @property
    def node_name(self) -> str:
        return f"gpu-{self.node:02d}"

    @property
    def scrape(self) -> Scrape:
        return SCRAPES[self.node % len(SCRAPES)]


def gpus() -> list[Gpu]:
    """Every GPU. On each node: two devices of one training pod, one of a notebook, one that nobody holds."""
    found = []
    for node in range(GPU_NODES):
        training: Shape = "starved" if node in STARVED else "busy"
        notebook: Shape = "idle" if node % 3 == 0 else "stopped" if node % 3 == 1 else "busy"
        found += [Gpu(node, index, training, f"train-{node}") for index in (0, 1)]
        found += [Gpu(node, 2, notebook, f"notebook-{node}"), Gpu(node, 3, "nobody", "")]
    return found


@dataclass(frozen=True)
class Volume:
    """One mounted claim: its size, how full it is at the moment, and by how much a day it grows (ratios)."""

    name: str
    capacity: float
    ratio: float
    a_day: float = 0.0


VOLUMES = (
    Volume("checkpoints", 1024 * GIB, 0.98),
    Volume("growing", 500 * GIB, 0.80, 0.10),
    *(Volume(f"data-{number:02d}", 100 * GIB, 0.30) for number in range(10)),
)
NAMESPACE = "ml"
THROTTLED = {f"train-{node}": 0.5 for node in STARVED}
"""The share of CPU periods in which a pod is throttled; the others are throttled in none."""


class Seeded:
    """The series of the week, and the objects that they speak of. ``moment`` is in epoch seconds."""

    def __init__(self, moment: int) -> None:
        self.moment = moment
        last = (moment + BEYOND) // STEP * STEP
        self.times = range(last - DAYS * DAY - BEYOND, last + 1, STEP)

    def lines(self) -> Iterator[str]:
        """OpenMetrics, family by family."""
        yield from self._up()
        for metric, of in DEVICE_METRICS.items():
            for gpu in gpus():
                yield from self._series(
                    metric, device_labels(gpu), [of(gpu, at - self.moment) for at in self.times]
                )
        for metric in VOLUME_METRICS:
            for volume in VOLUMES:
                values = [volume_value(metric, volume, at - self.moment) for at in self.times]
                yield from self._series(metric, volume_labels(volume), values)
        for metric in CPU_METRICS:
            for pod in sorted({gpu.pod for gpu in gpus() if gpu.pod}):
                share = THROTTLED.get(pod, 0.0) if "throttled" in metric else 1.0
                values = [10.0 * (at - self.times[0]) * share for at in self.times]
                yield from self._series(metric, cpu_labels(pod), values)

    def _up(self) -> Iterator[str]:
        for node in range(GPU_NODES):
            labels = {"job": SCRAPES[node % 4].job, "instance": f"10.0.0.{node}:9400", **exporter(node)}
            yield from self._series("up", labels, [1.0] * len(self.times))

    def _series(self, metric: str, labels: Labels, values: list[float]) -> Iterator[str]:
        told = ",".join(f'{name}="{value}"' for name, value in labels.items())
        head = f"{metric}{{{told}}} "
        yield "".join(f"{head}{value:.9g} {at}\n" for at, value in zip(self.times, values, strict=True))


def exporter(node: int) -> Labels:
    """The pod of a node's exporter, as Prometheus labels what it scrapes."""
    return {"namespace": "gpu-operator", "pod": f"nvidia-dcgm-{node:02d}-x7k2p", "container": "exporter"}


def device_labels(gpu: Gpu) -> Labels:
    """A device's labels after the scrape: the exporter's own, and whatever became of those of the same name."""
    own = {"gpu": str(gpu.index), "UUID": gpu.uuid, "device": f"nvidia{gpu.index}", "modelName": PRODUCT}
    holder = {"namespace": NAMESPACE, "pod": gpu.pod, "container": "main"} if gpu.pod else {}
    scraped = exporter(gpu.node)
    if gpu.scrape.honor_labels:
        joined = scraped | holder
    else:
        joined = scraped | {f"exported_{name}": value for name, value in holder.items()}
    place = {
        gpu.scrape.host_label: gpu.node_name,
        "job": gpu.scrape.job,
        "instance": f"10.0.0.{gpu.node}:9400",
    }
    return own | place | joined


def at_work(gpu: Gpu, after: float) -> float:
    """The engine's activity at some seconds after (negative: before) the moment."""
    if gpu.shape == "busy" or (gpu.shape == "stopped" and after < -30 * 3600):
        return 0.93 + 0.05 * math.sin(after / 1800 + gpu.index)
    return 0.25 if gpu.shape == "starved" else 0.0


DEVICE_METRICS = {
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": at_work,
    "DCGM_FI_DEV_GPU_UTIL": lambda gpu, after: round(100 * at_work(gpu, after)),
    "DCGM_FI_PROF_SM_ACTIVE": lambda gpu, after: 0.8 * at_work(gpu, after),
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": lambda gpu, after: 0.4 * at_work(gpu, after),
    "DCGM_FI_DEV_POWER_USAGE": lambda gpu, after: DRIVER_IDLE_WATTS + 300 * at_work(gpu, after),
    "DCGM_FI_DEV_FB_USED": lambda gpu, _: 60000.0 if gpu.pod else 4.0,
}
VOLUME_METRICS = (
    "kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes", "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_inodes_used", "kubelet_volume_stats_inodes",
)  # fmt: skip
CPU_METRICS = ("container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total")


def volume_labels(volume: Volume) -> Labels:
    return {"job": "kubelet", "node": "gpu-00", "namespace": NAMESPACE, "persistentvolumeclaim": volume.name}


def volume_value(metric: str, volume: Volume, after: float) -> float:
    """A volume's metric at some seconds after the moment."""
    used = volume.capacity * (volume.ratio + volume.a_day * min(after, 0) / DAY)
    words = {
        "used_bytes": used, "capacity_bytes": volume.capacity, "available_bytes": volume.capacity - used,
        "inodes_used": 1000.0, "inodes": 1_000_000.0,
    }  # fmt: skip
    return words[metric.removeprefix("kubelet_volume_stats_")]


def cpu_labels(pod: str) -> Labels:
    return {"job": "cadvisor", "namespace": NAMESPACE, "pod": pod, "container": "main"}


def objects(seeded: Seeded) -> dict[str, list[Json]]:
    """The objects that the series speak of, by plural: nodes, the pods that hold GPUs, the claims that they mount."""
    week = stamp(seeded.moment - 8 * DAY)
    return {
        "nodes": [_node(f"gpu-{n:02d}", week, {"nvidia.com/gpu": str(GPUS_EACH)}) for n in range(GPU_NODES)]
        + [_node(f"cpu-{n:02d}", week, {}) for n in range(CPU_NODES)],
        "pods": [
            _pod(pod, f"gpu-{node:02d}", len(held), week)
            for node in range(GPU_NODES)
            for pod, held in _held(node).items()
        ],
        "persistentvolumeclaims": [_claim(volume, week) for volume in VOLUMES],
    }


def _held(node: int) -> dict[str, list[Gpu]]:
    held: dict[str, list[Gpu]] = {}
    for gpu in gpus():
        if gpu.node == node and gpu.pod:
            held.setdefault(gpu.pod, []).append(gpu)
    return held


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _metadata(name: str, created: str, namespace: str = "", **more: Any) -> Json:
    place = {"namespace": namespace} if namespace else {}
    return {"name": name, "uid": f"uid-{namespace}-{name}", "creationTimestamp": created, **place, **more}


def _node(name: str, created: str, devices: dict[str, str]) -> Json:
    sizes = {"cpu": "96", "memory": "1152Gi", "pods": "110", "ephemeral-storage": "1Ti", **devices}
    labels = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"} if devices else {}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": created, "reason": "KubeletReady"}
    return {
        "metadata": _metadata(name, created, labels=labels),
        "spec": {},
        "status": {"capacity": sizes, "allocatable": sizes, "conditions": [ready]},
    }


def _pod(name: str, node: str, devices: int, created: str) -> Json:
    wanted = {"nvidia.com/gpu": str(devices), "cpu": "8", "memory": "64Gi"}
    container = {
        "name": "main",
        "image": "registry.example.com/ml/main:1",
        "resources": {"requests": wanted, "limits": wanted},
    }
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": VOLUMES[0].name}}
    state = {
        "name": "main", "ready": True, "started": True, "restartCount": 0, "image": container["image"],
        "imageID": "", "state": {"running": {"startedAt": created}},
    }  # fmt: skip
    conditions = [
        {"type": each, "status": "True", "lastTransitionTime": created}
        for each in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]
    return {
        "metadata": _metadata(name, created, NAMESPACE),
        "spec": {"nodeName": node, "containers": [container], "volumes": [claim]},
        "status": {
            "phase": "Running", "startTime": created, "conditions": conditions, "containerStatuses": [state],
        },
    }  # fmt: skip


def _claim(volume: Volume, created: str) -> Json:
    size = {"storage": str(int(volume.capacity))}
    return {
        "metadata": _metadata(volume.name, created, NAMESPACE),
        "spec": {
            "accessModes": ["ReadWriteMany"], "resources": {"requests": size}, "volumeName": f"pv-{volume.name}",
            "storageClassName": "shared",
        },
        "status": {"phase": "Bound", "capacity": size, "accessModes": ["ReadWriteMany"]},
    }  # fmt: skip
