"""Remedies for GPUs that are idle, lost or in the way."""

from correlate.remedies.template import Template, change, destroy, look
from scanners.kinds import Kind

_NODE = look("See the node, its devices and its pods.", "kubectl describe node {name}")
_POOL = look("See the GPU nodes.", "kubectl get nodes -L node.kubernetes.io/instance-type")

TEMPLATES = (
    Template(
        Kind.GPU_NODE_IDLE,
        "shrink-pool",
        "{gpus} GPUs of pool {name} have no holder. Lower the pool's minimum by the idle nodes, where the "
        "pool is declared.",
        (
            _POOL,
            look("See what still runs on GPU nodes.", "kubectl get pods -A -o wide"),
            change(
                "Lower the minimum size of node pool {name}, so that the autoscaler may take its idle nodes "
                "away.",
                verify="kubectl get nodes -o wide",
                undo="Set the former minimum again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.GPU_NODE_IDLE,
        "a-remove-blockers",
        "{gpus} GPUs of pool {name} have no holder, and their nodes cannot go: {blockers} keeps them. "
        "Remove that first.",
        (
            _POOL,
            change(
                "Remove what keeps the idle nodes: {blockers}.",
                verify="kubectl get nodes -o wide",
                undo="Set it again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.GPU_NODE_IDLE, "see-pool", "{said}. Lower the pool's minimum, or give its GPUs work.", (_POOL,)
    ),
    Template(
        Kind.CPU_ON_GPU_NODE,
        "select-cpu-pool",
        "{kind} {place} uses no GPU and stands on GPU nodes. Send it to a CPU pool, and keep such work out "
        "with a taint.",
        (
            look("See where its pods stand.", "kubectl get pods -n {namespace} -o wide"),
            change(
                "Give {kind} {place} a nodeSelector of a CPU pool.",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Take the nodeSelector out again.",
            ),
        ),
    ),
    Template(
        Kind.GPU_NOT_ALLOCATABLE,
        "reset-device",
        "{name} offers {gpus_allocatable} of {gpus_expected} GPUs. Keep new GPU work off it, then reset the "
        "device or replace the node.",
        (
            _NODE,
            look(
                "See the device plug-in's pods.",
                "kubectl get pods -A -o wide --field-selector=spec.nodeName={name}",
            ),
            change(
                "Keep new work off {name}.",
                "kubectl cordon {name}",
                verify="kubectl get node {name}",
                undo="kubectl uncordon {name}",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.GPU_NOT_ALLOCATABLE, "see-node", "{said}. Read the device plug-in's log for that node.", (_NODE,)
    ),
    Template(
        Kind.POOL_UNDERUSED,
        "size-pool",
        "Pool {name} has {requested_gpus} of {allocatable_gpus} GPUs allocated. Size it to its work; its "
        "idle nodes come first.",
        (
            _POOL,
            change(
                "Lower the size of node pool {name} where it is declared.",
                verify="kubectl get nodes -o wide",
                undo="Set the former size again.",
            ),
        ),
        edits=False,
    ),
    Template(Kind.POOL_UNDERUSED, "see-pool", "{said}. Size the pool to its work.", (_POOL,)),
    Template(
        Kind.RECLAIM_BLOCKED,
        "remove-blocker",
        "{said}. Remove that blocker, and the autoscaler takes the node away.",
        (
            look("See what keeps the node.", "kubectl describe node {node}"),
            change(
                "Remove what keeps {node}: {blockers}.",
                verify="kubectl get node {node}",
                undo="Set it again.",
            ),
        ),
    ),
    Template(
        Kind.RECLAIM_BLOCKED,
        "drain-node",
        "{said}. When nothing on the node is needed, empty it.",
        (
            look("See what runs on it.", "kubectl get pods -A -o wide --field-selector=spec.nodeName={node}"),
            destroy(
                "Move what is left on {node} away; disruption budgets are honoured.",
                "kubectl drain {node} --ignore-daemonsets",
                verify="kubectl get node {node}",
                undo="kubectl uncordon {node}",
            ),
        ),
        objects=3,
    ),
)
