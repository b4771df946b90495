"""Remedies for GPUs that are held or busy in vain, and for telemetry that cannot tell. Work is stopped by its owner."""

from correlate.observation import Observation
from correlate.remedies.template import Act, Template, When, change, is_class, look
from scanners.kinds import Kind

_PODS = look("See its pods and where they run.", "kubectl get pods -n {namespace} -o wide")
_LOG = look("See what it does, or waits for.", "kubectl logs {pod} -n {pod_namespace} --tail=60")
_EXPORTER = look("See the exporter's pods.", "kubectl get pods -n {namespace} -o wide")
_NODES = look("See the GPU nodes.", "kubectl get nodes -L node.kubernetes.io/instance-type")


def _is_a(*kinds: str) -> When:
    def fits(cause: Observation) -> bool:
        return cause.subject.kind in kinds

    return fits


def _setting(text: str, undo: str) -> Act:
    return change(text, verify="kubectl get pods -A -o wide", undo=undo)


TEMPLATES = (
    Template(
        Kind.IDLE_HOLDER,
        "scale-down",
        "{kind} {place} holds {gpus} GPUs and does not use them. See first whether it waits for its data; "
        "then scale it down, so that others get them.",
        (
            _PODS,
            _LOG,
            look("Note its number of replicas.", "kubectl get {resource_kind} {name} -n {namespace}"),
            change(
                "Scale {kind} {place} to 0 until it is needed, if its owner agrees.",
                "kubectl scale {resource_kind} {name} -n {namespace} --replicas=0",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Scale it to its former number of replicas again.",
            ),
        ),
        when=_is_a("Deployment", "StatefulSet", "ReplicaSet"),
    ),
    Template(
        Kind.IDLE_HOLDER,
        "suspend-job",
        "Job {place} holds {gpus} GPUs and does not use them. See first whether it waits for its data; "
        "then suspend it: its pods end, and it goes on from its last checkpoint, if it writes any.",
        (
            _PODS,
            _LOG,
            change(
                "Suspend Job {place}, if its owner agrees; what it has not saved is computed again.",
                "kubectl patch {resource_kind} {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"suspend":true}}}}',
                verify="kubectl get pods -n {namespace} -o wide",
                undo="kubectl patch {resource_kind} {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"suspend":false}}}}',
            ),
        ),
        when=_is_a("Job"),
    ),
    Template(
        Kind.IDLE_HOLDER,
        "stop-at-owner",
        "{kind} {place} holds {gpus} GPUs and does not use them. See first whether it waits for its data; "
        "then stop it, or give it fewer. For notebooks, culling does that by itself.",
        (
            _PODS,
            _LOG,
            change(
                "Stop {kind} {place}, or lower the GPUs that it asks for, if its owner agrees.",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Start it again as it was.",
            ),
        ),
        objects=2,
        edits=False,
    ),
    Template(
        Kind.IDLE_HOLDER, "see-holder", "{said}. Ask its owner whether it is still needed.", (_PODS, _LOG)
    ),
    Template(
        Kind.GPU_INEFFECTIVE,
        "feed-it",
        "{kind} {place} is kept from feeding its GPUs by its CPU limit. Raise or drop the limit, and give it "
        "more loader workers.",
        (
            _PODS,
            look("See its CPU requests and limits.", "kubectl describe pod {pod} -n {pod_namespace}"),
            change(
                "Raise the CPU limit of {kind} {place}, or leave it out, where it is declared.",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Set the former CPU limit again.",
            ),
        ),
        when=is_class("data-path"),
    ),
    Template(
        Kind.GPU_INEFFECTIVE,
        "fill-it",
        "{said}. Give its device more at once: a larger batch, mixed precision; or take a smaller device, "
        "or a part of one.",
        (
            _PODS,
            _LOG,
            change(
                "Change batch size or precision of {kind} {place}, or the device that it asks for, where it is "
                "declared.",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Deploy the former settings again.",
            ),
        ),
        when=is_class("few-sm", "no-tensor"),
    ),
    Template(Kind.GPU_INEFFECTIVE, "see-work", "{said}. Profile one of its steps.", (_PODS, _LOG)),
    Template(
        Kind.TELEMETRY_GAP,
        "export-pods",
        "{said}. Let the exporter ask the kubelet which pod holds which device.",
        (
            _EXPORTER,
            _setting(
                "Set DCGM_EXPORTER_KUBERNETES=true on the exporter, and mount /var/lib/kubelet/pod-resources.",
                undo="Take the variable and the mount out again.",
            ),
        ),
        when=is_class("no-pod-labels"),
        edits=False,
    ),
    Template(
        Kind.TELEMETRY_GAP,
        "export-sm",
        "{said}. Add DCGM_FI_PROF_SM_ACTIVE to the exporter's counters.",
        (
            _EXPORTER,
            _setting(
                "Add the line for DCGM_FI_PROF_SM_ACTIVE to the exporter's file of counters.",
                undo="Take the line out again.",
            ),
        ),
        when=is_class("sm-off"),
        edits=False,
    ),
    Template(
        Kind.TELEMETRY_GAP,
        "reach-nodes",
        "{said}. Let the exporter run on these nodes, and Prometheus scrape it there.",
        (
            _NODES,
            look("See where exporters run.", "kubectl get pods -A -o wide"),
            _setting(
                "Give the exporter's DaemonSet the tolerations of these nodes, and Prometheus a job that scrapes it.",
                undo="Take both out again.",
            ),
        ),
        when=is_class("no-series", "stale"),
        edits=False,
    ),
    Template(
        Kind.TELEMETRY_GAP,
        "see-nodes",
        "{said}. Find out what computes there without holding a GPU.",
        (_NODES,),
    ),
)
