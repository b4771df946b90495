"""
A metric has the name and the labels that its exporter gave it; a guess at either reads as a cluster that does nothing.

Every question that is put to Prometheus, once. GPUs: the fields of NVIDIA's dcgm-exporter, under their DCGM names.
Volumes: the kubelet's volume statistics. CPU throttling: cAdvisor's counters. Each answer is a ratio, bytes or watts.
"""

import json
import re
from collections.abc import Mapping

import msgspec

WINDOW = 86400.0
"""Seconds that a range query looks back at least: the longest window of a check (GPU102 of a service, GPU104)."""

STEP = 300.0
"""Seconds between the samples of a range query: each is the mean of as long, so no burst falls between two."""


class Query(msgspec.Struct, frozen=True):
    """
    One question. ``name`` is that of a recorded answer, too (``metrics/<name>.json``). ``slice`` is ``gpu-metrics`` or
    ``prometheus``. ``range`` asks ``query_range`` over the window in steps of :data:`STEP`, else ``query`` at the
    scan's ``now``. ``needs`` are the metric names that must **all** exist in this Prometheus, else the query need not
    be sent: its answer could only be empty.
    """

    name: str
    promql: str
    slice: str
    range: bool
    needs: tuple[str, ...]


def _device(name: str, metric: str, factor: str = "") -> Query:
    return Query(name, f"avg_over_time({metric}[5m]){factor}", "gpu-metrics", True, (metric,))


def _volume(name: str, metric: str, over_time: bool = False) -> Query:
    promql = f"max by (namespace, exported_namespace, persistentvolumeclaim) ({metric})"
    return Query(name, promql, "prometheus", over_time, (metric,))


_CONTAINER = "namespace, pod, container, exported_namespace, exported_pod, exported_container"
_THROTTLED = "container_cpu_cfs_throttled_periods_total"
_PERIODS = "container_cpu_cfs_periods_total"

QUERIES: tuple[Query, ...] = (
    _device("gpu-engine-active", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"),
    _device("gpu-utilisation", "DCGM_FI_DEV_GPU_UTIL", " / 100"),
    _device("gpu-sm-active", "DCGM_FI_PROF_SM_ACTIVE"),
    _device("gpu-tensor-active", "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"),
    _device("gpu-power", "DCGM_FI_DEV_POWER_USAGE"),
    _device("gpu-memory-used", "DCGM_FI_DEV_FB_USED", " * 1048576"),
    Query(
        "gpu-exporters",
        'group by (job, namespace, pod) (up{pod!=""} and on (job, instance)'
        ' {__name__=~"DCGM_FI_PROF_GR_ENGINE_ACTIVE|DCGM_FI_DEV_GPU_UTIL|DCGM_FI_DEV_POWER_USAGE"})',
        "gpu-metrics",
        True,
        ("up",),
    ),
    _volume("volume-used-bytes", "kubelet_volume_stats_used_bytes"),
    _volume("volume-capacity-bytes", "kubelet_volume_stats_capacity_bytes"),
    _volume("volume-available-bytes", "kubelet_volume_stats_available_bytes", over_time=True),
    _volume("volume-inodes-used", "kubelet_volume_stats_inodes_used"),
    _volume("volume-inodes", "kubelet_volume_stats_inodes"),
    Query(
        "container-throttling",
        f"sum by ({_CONTAINER}) (increase({_THROTTLED}[6h]))"
        f" / sum by ({_CONTAINER}) (increase({_PERIODS}[6h])) > 0.01",
        "prometheus",
        False,
        (_THROTTLED, _PERIODS),
    ),
)
"""
``gpu-exporters`` asks which pods the exporters themselves are: a device that nobody holds carries its exporter's pod,
and that is no holder. ``container-throttling`` leaves out containers throttled in less than 1 % of their periods: in
most clusters they are nearly all.
"""

NAMED = {query.name: query for query in QUERIES}
"""The queries by name."""


def selected(name: str, labels: Mapping[str, str]) -> str:
    """
    A query narrowed by labels at each of its metrics, so that whoever reads it may put it to Prometheus as it stands.

    The escapes of a JSON string are PromQL's as well.
    """
    query = NAMED[name]
    selector = ",".join(f"{label}={json.dumps(value, ensure_ascii=False)}" for label, value in labels.items())
    promql = query.promql
    for metric in query.needs:
        promql = re.sub(rf"\b{metric}\b", lambda found: f"{found[0]}{{{selector}}}", promql, count=1)
    return promql
