"""
Recorded answers of Prometheus become facts: every device with its true holder, and nothing that no device can read.
"""

import json
import math
from typing import Any

import pytest

from scanners.facts.metric import DeviceUse, Throttling, VolumeUse
from swarm.sources.prometheus.answers import facts_of
from swarm.sources.prometheus.queries import NAMED, QUERIES, STEP

T = 1772619120.0
OWN = {"namespace": "gpu-operator", "pod": "nvidia-dcgm-exporter-b7rk1", "container": "nvidia-dcgm-exporter"}
GPU = {
    "UUID": "GPU-1",
    "gpu": "0",
    "device": "nvidia0",
    "modelName": "NVIDIA A100",
    "Hostname": "gpu-1",
    "job": "dcgm",
}
HOLDER = {"namespace": "ml", "pod": "nb-0", "container": "main"}
EXPORTED = {f"exported_{word}": value for word, value in HOLDER.items()}


def matrix(*series: tuple[dict[str, str], list[Any]]) -> bytes:
    result = [
        {"metric": labels, "values": [[T + STEP * i, str(v)] for i, v in enumerate(values) if v is not None]}
        for labels, values in series
    ]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


def vector(*series: tuple[dict[str, str], Any]) -> bytes:
    result = [{"metric": labels, "value": [T, str(value)]} for labels, value in series]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


def devices(**answers: bytes) -> list[DeviceUse]:
    answered = facts_of({name.replace("_", "-"): body for name, body in answers.items()})
    assert answered.broken == []
    return answered.devices


def holders(*series: tuple[dict[str, str], list[Any]], **more: bytes) -> list[tuple[str, str, str]]:
    return [
        (use.namespace, use.pod, use.container) for use in devices(gpu_engine_active=matrix(*series), **more)
    ]


def test_a_renamed_holder_is_found_behind_the_exporters_own_labels() -> None:
    assert holders(({**GPU, **OWN, **EXPORTED}, [0.5])) == [("ml", "nb-0", "main")]


def test_an_honoured_holder_is_found_under_the_plain_labels() -> None:
    assert holders(({**GPU, **HOLDER}, [0.5])) == [("ml", "nb-0", "main")]


def test_a_holder_under_the_exporters_old_names_is_found() -> None:
    old = {"pod_name": "nb-0", "pod_namespace": "ml", "container_name": "main"}
    assert holders(({**GPU, **OWN, **old}, [0.5])) == [("ml", "nb-0", "main")]


def test_the_exporters_own_pod_is_no_holder_beside_a_device_that_is_held() -> None:
    odd = {**OWN, "pod": "telemetry-x1", "container": "agent"}
    free, held = {**GPU, **odd, "UUID": "GPU-2"}, {**GPU, **odd, **EXPORTED}
    assert holders((held, [0.5]), (free, [0])) == [("ml", "nb-0", "main"), ("", "", "")]


def test_the_exporters_own_pod_is_no_holder_when_nothing_is_held() -> None:
    odd = {**OWN, "pod": "telemetry-x1", "container": "agent"}
    told = matrix(({"job": "dcgm", "namespace": "gpu-operator", "pod": "telemetry-x1"}, [1]))
    assert holders(({**GPU, **odd}, [0]), gpu_exporters=told) == [("", "", "")]
    assert holders(({**GPU, **OWN}, [0])) == [("", "", "")]


def test_a_device_that_changed_hands_is_one_fact_for_each_holder() -> None:
    first, second = {**GPU, **HOLDER}, {**GPU, **HOLDER, "pod": "nb-1"}
    uses = devices(
        gpu_engine_active=matrix((first, [0.1, 0.2, None, None]), (second, [None, None, 0.3, 0.4]))
    )
    assert [(use.device, use.pod, use.busy and list(use.busy.values)) for use in uses] == [
        ("GPU-1", "nb-0", [0.1, 0.2]),
        ("GPU-1", "nb-1", [0.3, 0.4]),
    ]


def test_mig_instances_of_one_card_are_told_apart() -> None:
    parts = [
        {**GPU, "GPU_I_ID": str(i), "GPU_I_PROFILE": "1g.5gb", **HOLDER, "pod": f"nb-{i}"} for i in (7, 8)
    ]
    uses = devices(gpu_engine_active=matrix(*((part, [0.1]) for part in parts)))
    assert [(use.device, use.instance, use.pod) for use in uses] == [
        ("GPU-1", "7", "nb-7"),
        ("GPU-1", "8", "nb-8"),
    ]


@pytest.mark.parametrize("label", ["Hostname", "hostname", "node"])
def test_the_node_is_read_from_the_label_that_is_there(label: str) -> None:
    labels = {name: value for name, value in GPU.items() if name != "Hostname"} | {label: "gpu-9"}
    assert [use.node for use in devices(gpu_engine_active=matrix((labels, [0])))] == ["gpu-9"]


def test_the_label_of_the_target_names_the_node_before_the_exporters_host() -> None:
    assert [use.node for use in devices(gpu_engine_active=matrix(({**GPU, "node": "gpu-7"}, [0])))] == [
        "gpu-7"
    ]


@pytest.mark.parametrize("blank", [2**31 - 16, 2**47, 9223372036854775794, 2**47 / 5, "NaN", "+Inf", -1])
def test_a_blank_reading_is_a_hole_and_no_use(blank: Any) -> None:
    (use,) = devices(gpu_engine_active=matrix((GPU, [0.5, blank, 0.7])))
    assert use.busy is not None
    assert [math.isnan(value) for value in use.busy.values] == [False, True, False]


def test_a_device_of_blanks_alone_has_no_use_at_all() -> None:
    assert devices(gpu_engine_active=matrix((GPU, [2**47, 2**47]))) == []


def test_the_engine_goes_before_the_drivers_utilisation() -> None:
    both = devices(gpu_engine_active=matrix((GPU, [0.1])), gpu_utilisation=matrix((GPU, [0.9])))
    assert [(use.basis, use.busy and use.busy.values[0]) for use in both] == [("engine", 0.1)]
    (alone,) = devices(gpu_utilisation=matrix((GPU, [0.9])))
    assert alone.basis == "utilisation"


def test_what_another_metric_says_of_a_device_joins_it() -> None:
    held = {**GPU, **HOLDER}
    (use,) = devices(
        gpu_engine_active=matrix((held, [0.9])), gpu_sm_active=matrix((held, [0.2])),
        gpu_tensor_active=matrix((held, [0.01])), gpu_power=matrix((held, [300])),
        gpu_memory_used=matrix((held, [2**30])),
    )  # fmt: skip
    read = [series and series.values[0] for series in (use.sm, use.tensor, use.power, use.memory)]
    assert read == [0.2, 0.01, 300.0, 2.0**30]
    assert use.queries["busy"] == (
        'avg_over_time(DCGM_FI_PROF_GR_ENGINE_ACTIVE{UUID="GPU-1",gpu="0",Hostname="gpu-1",'
        'namespace="ml",pod="nb-0",container="main"}[5m])'
    )


def test_a_record_of_rarer_samples_has_holes_between_them() -> None:
    (use,) = devices(gpu_engine_active=matrix((GPU, [0.0, None, None, 0.0])))
    assert use.busy is not None
    assert (use.busy.step, len(use.busy.values)) == (STEP, 4)


def test_two_recordings_of_one_device_keep_the_busier() -> None:
    one, two = {**GPU, "prometheus_replica": "a"}, {**GPU, "prometheus_replica": "b"}
    (use,) = devices(gpu_engine_active=matrix((one, [0.0, None, 0.4]), (two, [0.6, 0.5, 0.1])))
    assert use.busy is not None
    assert list(use.busy.values) == [0.6, 0.5, 0.4]


def test_a_claim_that_two_nodes_mount_is_one_fact() -> None:
    claim = {"namespace": "ml", "persistentvolumeclaim": "data"}
    answered = facts_of({
        "volume-used-bytes": vector((claim, 90)), "volume-capacity-bytes": vector((claim, 100)),
        "volume-available-bytes": matrix((claim, [30, 20, 10])),
    })  # fmt: skip
    (use,) = answered.uses
    assert isinstance(use, VolumeUse)
    assert (use.used_bytes, use.capacity_bytes, use.inodes) == (90, 100, None)
    assert use.available is not None
    assert list(use.available.values) == [30, 20, 10]
    assert use.queries["capacity_bytes"] == (
        "max by (namespace, exported_namespace, persistentvolumeclaim) "
        '(kubelet_volume_stats_capacity_bytes{namespace="ml",persistentvolumeclaim="data"})'
    )


def test_a_claims_namespace_is_read_behind_the_kubelets_own() -> None:
    claim = {"namespace": "kube-system", "exported_namespace": "ml", "persistentvolumeclaim": "data"}
    (use,) = facts_of({"volume-used-bytes": vector((claim, 90))}).uses
    assert isinstance(use, VolumeUse)
    assert use.namespace == "ml"


def test_throttling_is_read_for_each_container_and_nonsense_is_not() -> None:
    told = vector((HOLDER, 0.4), ({**HOLDER, "container": ""}, 0.9), ({**HOLDER, "container": "x"}, "NaN"))
    (use,) = facts_of({"container-throttling": told}).uses
    assert isinstance(use, Throttling)
    assert (use.namespace, use.pod, use.container, use.ratio) == ("ml", "nb-0", "main", 0.4)
    assert use.query.count('{namespace="ml",pod="nb-0",container="main"}') == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"status":"success"}',
        b'{"status":"error","errorType":"bad_data","error":"parse error"}',
        vector((GPU, 1)),
        matrix((GPU, ["x"])),
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[["1",2]]}]}}',
    ],
)
def test_a_malformed_answer_is_named_and_costs_no_other(body: bytes) -> None:
    answered = facts_of({"gpu-engine-active": body, "gpu-utilisation": matrix((GPU, [0.3]))})
    assert answered.broken == ["gpu-engine-active"]
    assert answered.why["gpu-engine-active"]
    assert [use.basis for use in answered.devices] == ["utilisation"]


def test_what_the_server_warns_of_is_kept_by_query() -> None:
    body = json.loads(matrix((GPU, [0.3]))) | {"warnings": ["No StoreAPIs matched for this query"]}
    answered = facts_of({"gpu-power": json.dumps(body).encode()})
    assert answered.warnings == {"gpu-power": "No StoreAPIs matched for this query"}


def test_no_answer_gives_no_fact_and_an_unknown_name_is_passed_over() -> None:
    answered = facts_of({"somebody-elses": b"?"})
    assert (answered.devices, answered.uses, answered.broken) == ([], [], [])


def test_every_query_names_the_metrics_that_it_reads() -> None:
    assert len(NAMED) == len(QUERIES)
    for query in QUERIES:
        assert query.slice in ("gpu-metrics", "prometheus")
        assert all(metric in query.promql for metric in query.needs), query.name
