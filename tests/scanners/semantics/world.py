"""Small worlds by hand: nodes, pods and what surrounds them, with the least said about each."""

from collections.abc import Sequence
from typing import Any

from scanners.facts import slices
from scanners.facts.event import Event
from scanners.facts.fact import Condition, Owner
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Inventory, Target
from scanners.facts.node import Node, Taint
from scanners.facts.pod import Container, Pod, PodState, PodTemplate, Toleration
from scanners.facts.slices import Slice
from scanners.facts.storage import Claim, StorageClass, Volume
from scanners.semantics.scheduling import Verdict, explain_pending
from scanners.semantics.times import instant, rfc3339

NOW = instant("2026-03-04T12:00:00Z") or 0.0
GPU = "nvidia.com/gpu"
A100 = "NVIDIA-A100-SXM4-80GB"
TOLERANT = (Toleration(GPU, "Exists"),)


def ago(seconds: float) -> str:
    return rfc3339(NOW - seconds)


def taint(text: str) -> Taint:
    """``key=value:Effect`` or ``key:Effect``."""
    name, _, effect = text.rpartition(":")
    key, _, value = name.partition("=")
    return Taint(key, value, effect)


def node(
    name: str,
    *,
    cpu: str = "32",
    memory: str = "128Gi",
    slots: str = "110",
    gpus: int | None = None,
    labels: dict[str, str] | None = None,
    taints: Sequence[str] = (),
    offers: dict[str, str] | None = None,
    capacity: dict[str, str] | None = None,
    age: float = 86400,
    ready: str = "True",
    **more: Any,
) -> Node:
    """A node; ``gpus`` makes it an A100 node, ``offers`` and ``capacity`` replace single resources."""
    base = {"cpu": cpu, "memory": memory, "pods": slots} | ({GPU: str(gpus)} if gpus is not None else {})
    known = {"nvidia.com/gpu.product": A100} if gpus is not None else {}
    return Node(
        name=name,
        uid=f"uid-{name}",
        created=ago(age),
        labels={"kubernetes.io/hostname": name} | known | (labels or {}),
        taints=tuple(taint(text) for text in taints),
        capacity=base | (capacity or {}),
        allocatable=base | (capacity or {}) | (offers or {}),
        conditions=(Condition("Ready", ready),),
        **more,
    )


def template(
    requests: dict[str, str] | None = None, limits: dict[str, str] | None = None, **more: Any
) -> PodTemplate:
    """A template of one container."""
    return PodTemplate(
        containers=(Container(name="main", requests=requests or {}, limits=limits or {}),), **more
    )


def gpu_template(gpus: int, cpu: str = "1", **more: Any) -> PodTemplate:
    """A template that asks for whole GPUs and tolerates their taint."""
    more.setdefault("tolerations", TOLERANT)
    return template({"cpu": cpu}, {GPU: str(gpus)}, **more)


def pod(
    name: str,
    of: PodTemplate,
    on: str = "",
    *,
    phase: str = "",
    age: float = 3600,
    message: str = "",
    owner: str = "",
    namespace: str = "team",
    **more: Any,
) -> Pod:
    """A pod, running on its node or waiting for one; ``message`` is the scheduler's."""
    state = more.pop("state", None)
    if message:
        state = PodState(conditions=(Condition("PodScheduled", "False", "Unschedulable", message),))
    kind, _, owner_name = owner.rpartition("/")
    owners = (Owner("apps", kind, owner_name, f"uid-{owner_name}", True),) if owner else ()
    more.setdefault("labels", {})
    return Pod.of(
        namespace=namespace,
        name=name,
        uid=f"uid-{name}",
        created=ago(age),
        node=on,
        phase=phase or ("Running" if on else "Pending"),
        template=of,
        owners=owners,
        state=state,
        **more,
    )


def claim(name: str, *, volume: str = "", storage_class: str | None = "standard", **more: Any) -> Claim:
    return Claim(
        name=name,
        namespace="team",
        uid=f"uid-{name}",
        phase="Bound" if volume else "Pending",
        volume=volume,
        storage_class=storage_class,
        **more,
    )


def inventory(*facts: Any, unread: Sequence[Slice] = (), partial: Sequence[Slice] = ()) -> Inventory:
    """The facts as an inventory in which all but the named slices were read whole."""
    objects: dict[Slice, list[Any]] = {slice_: [] for slice_ in slices.ALL}
    for fact in facts:
        objects[_SLICES[type(fact)]].append(fact)
    for found in objects.values():
        found.sort(key=lambda fact: (fact.namespace, fact.name))

    def state(slice_: Slice) -> SliceState:
        if slice_ in unread:
            return SliceState.DENIED
        return SliceState.PARTIAL if slice_ in partial else SliceState.COMPLETE

    readings = [Reading(slice_.name, state(slice_)) for slice_ in slices.ALL]
    return Inventory(Target("t", "t", "recorded"), NOW, objects, readings)


FOUR = gpu_template(4)
"""A pod that wants four GPUs."""


def verdict(*facts: Any, of: PodTemplate = FOUR, **more: Any) -> Verdict:
    """The verdict on one waiting pod in a world of these facts."""
    waiting = pod("waiting", of, **more)
    return explain_pending(inventory(waiting, *facts), [waiting])


def holder(on: str, gpus: int, cpu: str = "1") -> Pod:
    """A pod of the Deployment ``train-NODE`` that holds GPUs there."""
    return pod(f"holds-{gpus}-{on}", gpu_template(gpus, cpu), on, owner=f"Deployment/train-{on}")


_SLICES: dict[type, Slice] = {
    Node: slices.NODES,
    Pod: slices.PODS,
    Claim: slices.PERSISTENTVOLUMECLAIMS,
    Volume: slices.PERSISTENTVOLUMES,
    StorageClass: slices.STORAGECLASSES,
    Event: slices.EVENTS,
}
