"""Remedies for containers that keep ending: by how they end."""

from correlate.remedies.template import Template, change, destroy, is_class, look
from scanners.kinds import Kind

_LOG = look(
    "Read the log of the run that ended.",
    "kubectl logs {pod} -n {pod_namespace} -c {container} --previous --tail=60",
)
_VERIFY = "kubectl get pods -n {pod_namespace} -o wide"

TEMPLATES = (
    Template(
        Kind.CRASH_LOOP,
        "exits-zero",
        "Container {container} ends well and is restarted all the same. Run work that ends as a Job, or "
        "keep its process in the foreground.",
        (
            _LOG,
            change(
                "Run {place} as a Job, or keep the main process of container {container} in the foreground.",
                verify=_VERIFY,
                undo="Deploy the former manifest again.",
            ),
        ),
        when=is_class("exits-zero"),
    ),
    Template(
        Kind.CRASH_LOOP,
        "exec-format",
        "The program of container {container} is built for another processor. Build it for the node's "
        "architecture, or select nodes that match.",
        (
            look("See the architecture of the nodes.", "kubectl get nodes -L kubernetes.io/arch"),
            change(
                "Push an image of the node's architecture for container {container} of {kind} {place}.",
                verify=_VERIFY,
                undo="Set the former image again.",
            ),
        ),
        when=is_class("exec-format"),
    ),
    Template(
        Kind.CRASH_LOOP,
        "command",
        "The command of container {container} does not exist in its image. Correct command or args, or the "
        "image.",
        (
            _LOG,
            change(
                "Correct command and args of container {container} of {kind} {place}.",
                verify=_VERIFY,
                undo="Set the former command again.",
            ),
        ),
        when=is_class("command"),
    ),
    Template(
        Kind.CRASH_LOOP,
        "permission",
        "Container {container} may not run or read what it starts with. Check the file's mode, runAsUser "
        "and fsGroup.",
        (
            _LOG,
            change(
                "Correct the securityContext of container {container} of {kind} {place}, or the mode of the "
                "file in the image.",
                verify=_VERIFY,
                undo="Set the former securityContext again.",
            ),
        ),
        when=is_class("permission"),
    ),
    Template(
        Kind.CRASH_LOOP,
        "roll-back",
        "Container {container} of Deployment {place} ends again and again. Read its last words; if the "
        "newest revision brought it, go back.",
        (
            _LOG,
            look("See the revisions.", "kubectl rollout history deployment/{name} -n {namespace}"),
            change(
                "If the former revision was well, go back to it.",
                "kubectl rollout undo deployment/{name} -n {namespace}",
                verify="kubectl rollout status deployment/{name} -n {namespace} --timeout=120s",
                undo="kubectl rollout undo deployment/{name} -n {namespace}",
            ),
        ),
        when=lambda cause: (
            cause.subject.kind == "Deployment" and not is_class("command", "permission")(cause)
        ),
        objects=2,
    ),
    Template(
        Kind.CRASH_LOOP,
        "bare-pod",
        "Nobody restarts the bare pod {place}. Run it under a Job or a Deployment.",
        (
            _LOG,
            destroy(
                "When its log is kept, remove the failed pod and create it under a controller.",
                "kubectl delete pod {name} -n {namespace}",
                verify=_VERIFY,
                undo="Create the pod again from its manifest; its log and its local files are lost.",
            ),
        ),
        when=lambda cause: is_class("bare-pod")(cause) and cause.subject.kind == "Pod",
    ),
    Template(
        Kind.CRASH_LOOP,
        "read-log",
        "{said}. Its last log lines say why; mend the program or its configuration.",
        (_LOG, look("See how it is started.", "kubectl describe {resource_kind} {name} -n {namespace}")),
    ),
)
