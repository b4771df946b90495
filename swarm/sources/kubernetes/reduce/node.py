"""A node as checks read it; the kubelet's list of images is never decoded."""

from scanners.facts.node import Node, Taint
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.reduce.shared import conditions, identity
from swarm.sources.kubernetes.wire import node as wire


def node(read: wire.Node, pool: Pool) -> Node:
    """A Node."""
    spec, status = read.spec or wire.NodeSpec(), read.status or wire.NodeStatus()
    info = status.node_info or wire.NodeInfo()
    return Node(
        **identity(read.metadata, pool),
        unschedulable=bool(spec.unschedulable),
        taints=tuple(_taint(each, pool) for each in spec.taints or ()),
        provider_id=spec.provider_id or "",
        capacity=pool.table(status.capacity),
        allocatable=pool.table(status.allocatable),
        conditions=conditions(status.conditions, pool),
        kubelet=pool.string(info.kubelet_version),
        kernel=pool.string(info.kernel_version),
        runtime=pool.string(info.container_runtime_version),
        os_image=pool.string(info.os_image),
        architecture=pool.string(info.architecture),
    )


def _taint(read: wire.Taint, pool: Pool) -> Taint:
    return Taint(
        pool.string(read.key), pool.string(read.value), pool.string(read.effect), read.time_added or ""
    )
