"""Remedies for memory: a killed container, an eater of its node, evicted pods."""

from correlate.remedies.template import Template, change, look
from scanners.kinds import Kind

_LOG = "kubectl logs {pod} -n {pod_namespace} -c {container} --previous --tail=60"

TEMPLATES = (
    Template(
        Kind.CONTAINER_OOM,
        "raise-limit",
        "Raise the memory limit of container {container} from {limit} to {raised_limit} (a quarter more), "
        "or give it less input: "
        "equal retries end the same way.",
        (
            look("Read what it did before it was killed.", _LOG),
            change(
                "Raise the memory limit of container {container} of {kind} {place} from {limit} to "
                "{raised_limit}.",
                "kubectl set resources {resource_kind}/{name} -n {namespace} -c {container} "
                "--limits=memory={raised_limit}",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="kubectl set resources {resource_kind}/{name} -n {namespace} -c {container} "
                "--limits=memory={old_limit}",
            ),
        ),
        when=lambda cause: (
            cause.subject.kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet")
        ),
    ),
    Template(
        Kind.CONTAINER_OOM,
        "raise-limit-in-manifest",
        "Raise the memory limit of container {container} from {limit} to {raised_limit} (a quarter more) in "
        "the manifest and create it "
        "again; equal retries end the same way.",
        (
            look("Read what it did before it was killed.", _LOG),
            change(
                "In the manifest of {kind} {place} set limits.memory of container {container} to "
                "{raised_limit} and create it again: "
                "a running pod template cannot be changed.",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Create it again with limits.memory {old_limit}.",
            ),
        ),
        when=lambda cause: (
            cause.subject.kind not in ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet")
        ),
    ),
    Template(
        Kind.CONTAINER_OOM,
        "without-limit",
        "{said}. Measure its peak and set a memory request and limit a quarter above it.",
        (
            look("Read what it did before it was killed.", _LOG),
            look("See what it uses now.", "kubectl top pod -n {namespace} --containers"),
        ),
    ),
    Template(
        Kind.MEMORY_HOG,
        "request-peak",
        "Give {kind} {place} a memory request of what it uses ({usage_request}), so that the scheduler "
        "stops filling {node} around it.",
        (
            look("See who uses the node's memory.", "kubectl describe node {node}"),
            change(
                "Set the memory request of {kind} {place} to its peak, {usage_request}.",
                "kubectl set resources {resource_kind}/{name} -n {namespace} "
                "--requests=memory={usage_request}",
                verify="kubectl get node {node} -o jsonpath={{.status.conditions[?(@.type=='MemoryPressure')"
                "].status}}",
                undo="Set the memory request back to {request}.",
            ),
        ),
        when=lambda cause: cause.subject.group == "apps",
    ),
    Template(
        Kind.MEMORY_HOG,
        "request-peak-in-manifest",
        "{kind} {place} uses far more memory than it asks for. Set its memory request to its peak.",
        (
            look("See who uses the node's memory.", "kubectl describe node {node}"),
            change(
                "In the manifest of {kind} {place} set the memory request to its peak, and start it again "
                "when its work allows.",
                verify="kubectl top pod -n {namespace} --containers",
                undo="Set the former memory request again.",
            ),
        ),
        when=lambda cause: cause.subject.group != "apps",
    ),
    Template(
        Kind.POD_EVICTED,
        "request-use",
        "{said}. Pods are evicted first that use more than they request: set the requests of {kind} {place} "
        "to what it uses.",
        (
            look("See why the node evicted.", "kubectl describe node {node}"),
            look("See what the pods use now.", "kubectl top pod -n {namespace} --containers"),
            change(
                "Set the memory and ephemeral-storage requests of {kind} {place} to its measured peak.",
                verify="kubectl get pods -n {namespace} --field-selector=status.phase=Failed",
                undo="Set the former requests again.",
            ),
        ),
    ),
)
