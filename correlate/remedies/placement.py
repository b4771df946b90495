"""Remedies for pods without a node: the one change that the arithmetic of the scheduler found."""

from correlate.remedies.template import Template, change, is_class, look
from scanners.kinds import Kind

_SEE = look(
    "See what the scheduler says of one of its pods.", "kubectl describe pod {pod} -n {pod_namespace}"
)
_NODES = look("See what the nodes have left.", "kubectl describe nodes")

TEMPLATES = (
    Template(
        Kind.POD_UNSCHEDULABLE,
        "a-smallest-change",
        "The smallest change that gives its pods a node: {smallest_change}.",
        (
            _SEE,
            change(
                "{smallest_change}.",
                verify="kubectl get pods -n {pod_namespace} -o wide",
                undo="Take that change back.",
            ),
        ),
        when=lambda cause: not is_class("cordon", "feasible-now", "unknown")(cause),
        edits=False,
    ),
    Template(
        Kind.POD_UNSCHEDULABLE,
        "cordon",
        "A cordoned node would hold the pods: {smallest_change}.",
        (
            look("See who cordoned it, and why.", "kubectl describe node {blocking_node}"),
            change(
                "Uncordon {blocking_node} once its maintenance is over.",
                "kubectl uncordon {blocking_node}",
                verify="kubectl get pods -n {pod_namespace} -o wide",
                undo="kubectl cordon {blocking_node}",
            ),
        ),
        when=is_class("cordon"),
        edits=False,
    ),
    Template(
        Kind.POD_UNSCHEDULABLE,
        "feasible-now",
        "By all that deepscan evaluates a node would take its pods ({smallest_change}), and they still "
        "wait. Look at "
        "what the scheduler says, and whether it works.",
        (_SEE, look("See whether the scheduler runs.", "kubectl get pods -n kube-system -o wide")),
        when=is_class("feasible-now"),
    ),
    Template(
        Kind.POD_UNSCHEDULABLE,
        "larger-than-any-node",
        "No node is large enough for one of its pods: {smallest_change}. Waiting will not help.",
        (_NODES,),
        when=is_class("larger-than-any-node"),
    ),
    Template(
        Kind.POD_UNSCHEDULABLE,
        "see-why",
        "{said}. Free what it needs, or ask for less.",
        (_SEE, _NODES),
    ),
    Template(
        Kind.POOL_FULL,
        "size-pool",
        "Pool {name} has {requested_gpus} of {allocatable_gpus} GPUs allocated while work waits. Raise its "
        "maximum, or free GPUs that are held idle.",
        (
            look("See who holds the pool's GPUs.", "kubectl get pods -A -o wide"),
            change(
                "Raise the maximum size of node pool {name} where it is declared; check the cloud quota "
                "first.",
                verify="kubectl get nodes -o wide",
                undo="Set the former maximum again.",
            ),
        ),
    ),
    Template(
        Kind.POOL_FULL,
        "see-holders",
        "{said}. Raise the pool's maximum, or free GPUs that are held idle.",
        (look("See who holds the pool's GPUs.", "kubectl get pods -A -o wide"),),
    ),
)
