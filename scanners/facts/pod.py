"""
Thousands of replicas say the same thing; the one that fails says something else.

A pod is an identity row, a template shared with every pod of the same spec, and a state that is kept only when the pod
is not plainly running.
"""

from typing import Any, ClassVar, Literal

import msgspec

from scanners.facts.fact import Condition, Owner, SelectorTerm
from scanners.facts.identity import packed, unpacked

ContainerList = Literal["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]


class Port(msgspec.Struct, frozen=True, gc=False):
    """A declared container port."""

    number: int
    name: str = ""
    protocol: str = "TCP"


class Reference(msgspec.Struct, frozen=True, gc=False):
    """A Secret or ConfigMap that a pod names. Neither is ever requested; ``optional`` ones break nothing."""

    kind: str
    name: str
    key: str = ""
    optional: bool = False


class Container(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A container of a template, requests and limits as sent.

    ``env`` and ``links`` (``host:port`` names, of env, args and command) hold only what decoding keeps. ``sidecar`` is
    an init container that is restarted always, ``sleeps`` one whose command only waits (``sleep infinity``).
    """

    name: str
    image: str = ""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    ports: tuple[Port, ...] = ()
    env: dict[str, str] = {}
    links: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    claims: tuple[str, ...] = ()
    init: bool = False
    sidecar: bool = False
    sleeps: bool = False
    has_readiness_probe: bool = False
    has_liveness_probe: bool = False
    has_startup_probe: bool = False


class Toleration(msgspec.Struct, frozen=True, gc=False):
    """A toleration as sent: an empty operator is Equal, an empty key with Exists tolerates everything."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class NodeTerm(msgspec.Struct, frozen=True, gc=False):
    """One term of required node affinity: expressions on labels and on fields, all of which must hold."""

    expressions: tuple[SelectorTerm, ...] = ()
    fields: tuple[SelectorTerm, ...] = ()


class Volume(msgspec.Struct, frozen=True, gc=False):
    """
    A volume of a pod. ``type`` is the API's field name (``persistentVolumeClaim``, ``emptyDir``, ``ephemeral``, ...),
    ``source`` the claim, server or driver it names, ``medium`` and ``size_limit`` those of an emptyDir.
    """

    name: str
    type: str
    source: str = ""
    medium: str = ""
    size_limit: str = ""


class PodTemplate(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    What pods of one spec share. ``required_nodes`` is None without required node affinity; its terms are ORed.

    ``resources`` are pod-level requests, which replace the containers' for the resources they name. ``unevaluated``
    names constraints that deepscan does not evaluate (``pod-affinity``, ``topology-spread``).
    """

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    node_selector: dict[str, str] = {}
    required_nodes: tuple[NodeTerm, ...] | None = None
    tolerations: tuple[Toleration, ...] = ()
    volumes: tuple[Volume, ...] = ()
    references: tuple[Reference, ...] = ()
    resources: dict[str, str] = {}
    overhead: dict[str, str] = {}
    host_network: bool = False
    host_ports: tuple[Port, ...] = ()
    priority: int = 0
    priority_class: str = ""
    service_account: str = ""
    scheduler: str = ""
    restart_policy: str = "Always"
    resource_claims: tuple[str, ...] = ()
    grace_seconds: int = 30
    unevaluated: tuple[str, ...] = ()


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """Why a container waits."""

    reason: str
    message: str = ""


class Terminated(msgspec.Struct, frozen=True, gc=False):
    """How a container ended."""

    exit_code: int
    reason: str = ""
    message: str = ""
    started: str = ""
    finished: str = ""
    signal: int = 0


class ContainerState(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """State of one container: ``list`` and ``index`` say where it stands in the pod's status, for evidence paths."""

    name: str
    list: ContainerList = "containerStatuses"
    index: int = 0
    ready: bool = False
    restarts: int = 0
    running_since: str = ""
    waiting: Waiting | None = None
    terminated: Terminated | None = None
    last: Terminated | None = None

    def path(self, field: str) -> str:
        """Where a field of it stands in the pod: ``status.containerStatuses[0].lastState.terminated.reason``."""
        return f"status.{self.list}[{self.index}].{field}"


class PodState(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    What is kept of a pod that is not plainly running.

    ``containers`` holds the containers that are not plainly running, or ended before; ``conditions`` those that are
    not True, and always Ready, PodScheduled when False and DisruptionTarget.
    """

    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] = ()
    containers: tuple[ContainerState, ...] = ()
    gates: tuple[str, ...] = ()
    started: str = ""
    ready: bool = False


class Kin(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What pods of one owner have in common as long as they are in the same phase; held once for all of them."""

    namespace: str
    phase: str
    template: PodTemplate
    labels: dict[str, str]
    owners: tuple[Owner, ...] = ()


class Rare(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What most pods do not have; the empty one is held once for all of them."""

    claims: tuple[tuple[str, str], ...] = ()
    annotations: dict[str, str] = {}
    state: PodState | None = None
    deleted: str = ""
    finalizers: tuple[str, ...] = ()


NOTHING_RARE = Rare()


class Pod(msgspec.Struct, frozen=True, eq=False, gc=False):
    """
    One pod: its node, what it shares with its kin, and what is its own; :meth:`of` makes one from its parts.

    ``identity`` is the MessagePack array of how many letters of its owner's name the pod's name begins with, the rest
    of the name, uid and creation time: one object in place of three, of a hundred bytes in place of two
    hundred and fifty.
    """

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "Pod"

    node: str
    kin: Kin
    identity: bytes
    rare: Rare = NOTHING_RARE

    @classmethod
    def of(cls, *, name: str, uid: str, created: str, node: str, **parts: Any) -> "Pod":
        """A pod from its parts, called as they are read: further the fields of :class:`Kin` and of :class:`Rare`."""
        kin = Kin(**{field: parts.pop(field) for field in Kin.__struct_fields__ if field in parts})
        return cls(node, kin, packed(name, uid, created, kin.owners), Rare(**parts))

    @property
    def name(self) -> str:
        borrowed, rest, _, _ = unpacked(self.identity)
        return self.kin.owners[0].name[:borrowed] + rest if borrowed else rest

    @property
    def uid(self) -> str:
        return unpacked(self.identity)[2]

    @property
    def created(self) -> str:
        return unpacked(self.identity)[3]

    @property
    def namespace(self) -> str:
        return self.kin.namespace

    @property
    def phase(self) -> str:
        return self.kin.phase

    @property
    def template(self) -> PodTemplate:
        """What its containers ask for and mount; the same object for all pods of one spec."""
        return self.kin.template

    @property
    def labels(self) -> dict[str, str]:
        return self.kin.labels

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Its owner references, the controlling one first."""
        return self.kin.owners

    @property
    def claims(self) -> tuple[tuple[str, str], ...]:
        """(volume name, claim name) pairs: they differ between the replicas of a StatefulSet, the template does not."""
        return self.rare.claims

    @property
    def annotations(self) -> dict[str, str]:
        """Those that some check reads."""
        return self.rare.annotations

    @property
    def state(self) -> PodState | None:
        """None when it is plainly running and ready: every container up, none ended before."""
        return self.rare.state

    @property
    def deleted(self) -> str:
        return self.rare.deleted

    @property
    def finalizers(self) -> tuple[str, ...]:
        return self.rare.finalizers

    @property
    def ready(self) -> bool:
        """Whether the kubelet calls it ready."""
        return self.state is None or self.state.ready

    @property
    def finished(self) -> bool:
        """Whether it has ended: such a pod holds no room on its node."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def holds_room(self) -> bool:
        """Whether it takes room on a node: assigned and not finished (Pending, Terminating and Unknown hold too)."""
        return bool(self.node) and not self.finished

    @property
    def troubled(self) -> tuple[ContainerState, ...]:
        """Containers that are not plainly running, or ended before; empty for a healthy pod."""
        return self.state.containers if self.state else ()

    def condition(self, type_: str) -> Condition | None:
        """A kept condition of the pod; None does not mean False, see :class:`PodState`."""
        kept = self.state.conditions if self.state else ()
        return next((candidate for candidate in kept if candidate.type == type_), None)
