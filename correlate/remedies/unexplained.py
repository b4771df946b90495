"""A consequence whose cause was not seen gets places to look, and no mend."""

from correlate.remedies.template import Template, look
from scanners.kinds import Kind

_OBJECT = look("See its conditions and events.", "kubectl describe {resource_kind} {name} -n {namespace}")
_PODS = look("See its pods.", "kubectl get pods -n {namespace} -o wide")
_POD = look("See one of its pods.", "kubectl describe pod {pod} -n {pod_namespace}")
_EVENTS = look(
    "Read the newest events of the namespace.", "kubectl get events -n {namespace} --sort-by=.lastTimestamp"
)

_TEXT = "{said}. The cause was not seen; these are the places to look."

TEMPLATES = tuple(
    Template(kind, "look", _TEXT, steps)
    for kind, steps in (
        (Kind.JOB_NOT_STARTED, (_OBJECT, _POD, _EVENTS)),
        (Kind.WORKLOAD_UNAVAILABLE, (_OBJECT, _PODS, _POD, _EVENTS)),
        (Kind.SERVICE_NO_ENDPOINTS, (_OBJECT, _PODS)),
        (Kind.POD_UNREACHABLE, (look("See the node.", "kubectl describe node {node}"), _PODS)),
        (Kind.RECLAIM_BLOCKED, (look("See the node.", "kubectl describe node {node}"),)),
        (
            Kind.NAME_RESOLUTION_FAILED,
            (
                look("See the cluster's DNS.", "kubectl get endpointslices -n kube-system"),
                look(
                    "See the policies of the namespace.", "kubectl get networkpolicies -n {namespace} -o yaml"
                ),
                _POD,
            ),
        ),
    )
)
