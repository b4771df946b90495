"""
A scanner is right when it names what was broken on purpose, so every fault says what must be found, of whom.

A fault lives in a namespace of its own, named after it. `settle` plays the kubelet for its pods until every
fault looks as it does on a real cluster; nothing sleeps blindly.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass

from .base import attach_volumes
from .client import Client, Json
from .commands import PLAYED
from .controlplane import ControlPlane
from .kubelet import Kubelet


@dataclass(frozen=True)
class Subject:
    """Whom the finding must be about; group and namespace are empty where the API has none."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Stage:
    """Where one fault plays: its namespace on a control plane, with the kubelet in our hands."""

    plane: ControlPlane
    namespace: str

    @property
    def client(self) -> Client:
        return self.plane.client

    @property
    def kubelet(self) -> Kubelet:
        return Kubelet(self.plane.client, self.plane.logs)

    def pods(self) -> list[Json]:
        return self.client.list("v1", "Pod", self.namespace)

    def events(self, reason: str) -> list[Json]:
        return self.client.list("v1", "Event", self.namespace, fieldSelector=f"reason={reason}")

    def heard(self, reason: str, text: str = "") -> bool:
        """Whether an event with this reason, and this text in its message, is there."""
        return any(text in event.get("message", "") for event in self.events(reason))

    def get(self, api_version: str, kind: str, name: str) -> Json:
        return self.client.get(api_version, kind, name, self.namespace)

    def condition(self, api_version: str, kind: str, name: str, condition: str) -> Json:
        """A condition of an object's status; empty while the controller has not written it."""
        conditions = self.get(api_version, kind, name).get("status", {}).get("conditions") or []
        return next((entry for entry in conditions if entry["type"] == condition), {})


Apply = Callable[[Stage], None]
Play = Callable[[Stage, Json], None]
Settled = Callable[[Stage], bool]


@dataclass(frozen=True)
class Fault:
    """
    One planted fault.

    `cause` is a word that the finding's facts or message must hold; `also` are codes that may stand beside
    the expected one, in its namespace or on its subject; `cluster_wide` faults reach other namespaces too.
    """

    id: str
    code: str
    subject: Subject
    cause: str
    apply: Apply
    settled: Settled
    play: Play | None = None
    also: frozenset[str] = frozenset()
    cluster_wide: bool = False
    pods_in: str = ""  # the namespace of the pods to play, where it is not the fault's own


def apply_faults(plane: ControlPlane, faults: Iterable[Fault]) -> dict[str, Stage]:
    """Creates every fault's namespace and objects; the stages by fault id."""
    stages = {fault.id: Stage(plane, fault.id) for fault in faults}
    for name in stages:
        plane.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    for fault in faults:
        plane.create_namespace(fault.id)
        fault.apply(stages[fault.id])
    return stages


def settle(stages: Mapping[str, Stage], faults: Iterable[Fault], seconds: float = 150) -> dict[str, float]:
    """
    Plays kubelet until every fault is as it should be; seconds that each took, by id.

    Raises TimeoutError that names the faults that did not get there.
    """
    started = time.monotonic()
    plane = next(iter(stages.values())).plane
    waiting = {fault.id: fault for fault in faults}
    plays = {fault.pods_in or fault.id: fault.play for fault in faults if fault.play}
    taken: dict[str, float] = {}
    met: set[str] = set()
    while waiting:
        plane.check()
        _play(plane, plays, met)
        attach_volumes(plane.client)
        for name in [name for name, fault in waiting.items() if fault.settled(stages[name])]:
            taken[name] = time.monotonic() - started
            del waiting[name]
        if waiting and time.monotonic() - started > seconds:
            raise TimeoutError(f"not settled within {seconds:g} s: {', '.join(sorted(waiting))}")
        time.sleep(0.3 if waiting else 0)
    return taken


def unseen(report: Json, faults: Iterable[Fault]) -> list[Fault]:
    """The faults that a JSON report has no finding for, by code and subject."""
    found = {
        (item["code"], *(item["subject"].get(part, "") for part in ("group", "kind", "namespace", "name")))
        for item in report["findings"]
    }
    return [fault for fault in faults if (fault.code, *astuple(fault.subject)) not in found]


def _play(plane: ControlPlane, plays: Mapping[str, Play], met: set[str]) -> None:
    """Hands each pod that has newly been bound to a node to the play of its namespace."""
    for pod in plane.client.list("v1", "Pod", labelSelector=f"{PLAYED}=played"):
        namespace, uid = pod["metadata"]["namespace"], pod["metadata"]["uid"]
        if pod["spec"].get("nodeName") and uid not in met and namespace in plays:
            met.add(uid)
            plays[namespace](Stage(plane, namespace), pod)
