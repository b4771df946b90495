"""Remedies for nodes: look at the kubelet, keep new work off, replace."""

from correlate.observation import Observation
from correlate.remedies.template import Template, change, look
from scanners.kinds import Kind

_SEE = look("See its conditions, events and pods.", "kubectl describe node {name}")
_ON_IT = look("See what runs on it.", "kubectl get pods -A -o wide --field-selector=spec.nodeName={name}")
_READY = "kubectl get node {name}"


def _is_silent(cause: Observation) -> bool:
    """Whether the kubelet has stopped reporting: then nobody on the node says why."""
    return cause.facts.get("reason") in ("NodeStatusUnknown", "NodeStatusNeverUpdated")


TEMPLATES = (
    Template(
        Kind.NODE_NOT_READY,
        "restart-kubelet",
        "The kubelet of {name} does not report ({reason}). Restart it on the machine, or replace the "
        "machine; its pods wait until then.",
        (
            _SEE,
            _ON_IT,
            look(
                "See whether its heartbeat still moves.",
                "kubectl get lease {name} -n kube-node-lease -o yaml",
            ),
            change(
                "Keep new work off {name} while it is looked at.",
                "kubectl cordon {name}",
                verify=_READY,
                undo="kubectl uncordon {name}",
            ),
        ),
        when=_is_silent,
        edits=False,
    ),
    Template(
        Kind.NODE_NOT_READY,
        "mend-what-it-says",
        "The kubelet of {name} says why it is not ready: {said}. Mend that on the node; its pods wait until "
        "then.",
        (
            _SEE,
            _ON_IT,
            change(
                "Keep new work off {name} while it is looked at.",
                "kubectl cordon {name}",
                verify=_READY,
                undo="kubectl uncordon {name}",
            ),
        ),
        when=lambda cause: not _is_silent(cause),
        edits=False,
    ),
    Template(
        Kind.NODE_NOT_READY,
        "see-node",
        "{said}. Look at its kubelet, its runtime and its network.",
        (_SEE, _ON_IT),
    ),
    Template(
        Kind.NODE_PRESSURE,
        "disk",
        "The disk of {name} is nearly full. Free images and logs there, and give what writes most an "
        "ephemeral-storage limit.",
        (
            _SEE,
            _ON_IT,
            change(
                "Keep new work off {name} while its disk is freed.",
                "kubectl cordon {name}",
                verify="kubectl describe node {name}",
                undo="kubectl uncordon {name}",
            ),
        ),
        when=lambda cause: "Disk" in str(cause.facts.get("condition")),
        edits=False,
    ),
    Template(
        Kind.NODE_PRESSURE,
        "memory",
        "Pods on {name} use more memory than they request. Give the largest of them a request and a limit "
        "of their peak.",
        (
            _SEE,
            look("See which pods use the memory.", "kubectl top pod -A --sort-by=memory"),
            change(
                "Set memory requests of the largest users on {name} to their peak, so that the scheduler "
                "leaves room.",
                verify="kubectl describe node {name}",
                undo="Set the former requests again.",
            ),
        ),
        when=lambda cause: "Memory" in str(cause.facts.get("condition")),
        edits=False,
    ),
    Template(
        Kind.NODE_PRESSURE,
        "processes",
        "{name} runs out of process ids. Find the pod that leaks them, and set a pid limit for pods on the "
        "kubelet.",
        (_SEE, _ON_IT),
        when=lambda cause: "PID" in str(cause.facts.get("condition")),
    ),
    Template(
        Kind.NODE_PRESSURE,
        "network",
        "The network of {name} is not set up. Look at the network plug-in's pod on that node.",
        (_SEE, look("See the network plug-in's pods.", "kubectl get pods -n kube-system -o wide")),
        when=lambda cause: "Network" in str(cause.facts.get("condition")),
    ),
    Template(Kind.NODE_PRESSURE, "see-node", "{said}. Find what uses it up on the node.", (_SEE, _ON_IT)),
)
