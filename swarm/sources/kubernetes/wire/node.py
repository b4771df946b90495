"""Nodes: half of a Node's bytes are image names that nobody asks for."""

import msgspec

from swarm.sources.kubernetes.wire.metadata import Condition, Metadata, Scalar, Wire


class Taint(Wire):
    """spec.taints[]."""

    key: str | None = None
    value: str | None = None
    effect: str | None = None
    time_added: str | None = None


class NodeSpec(Wire):
    """spec of a Node."""

    unschedulable: bool | None = None
    provider_id: str | None = msgspec.field(default=None, name="providerID")
    taints: list[Taint] | None = None


class NodeInfo(Wire):
    """status.nodeInfo."""

    kubelet_version: str | None = None
    kernel_version: str | None = None
    container_runtime_version: str | None = None
    os_image: str | None = None
    architecture: str | None = None


class NodeStatus(Wire):
    """status of a Node."""

    capacity: dict[str, Scalar | None] | None = None
    allocatable: dict[str, Scalar | None] | None = None
    conditions: list[Condition] | None = None
    node_info: NodeInfo | None = None


class Node(Wire):
    """A v1 Node."""

    metadata: Metadata | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None
