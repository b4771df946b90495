"""Remedies for what every write and every name goes through."""

from correlate.remedies.template import Template, change, destroy, look
from scanners.kinds import Kind

_HOOK = look("See which requests it is asked about.", "kubectl get {resource_kind} {name} -o yaml")

TEMPLATES = (
    Template(
        Kind.WEBHOOK_NO_ENDPOINTS,
        "revive-service",
        "Every write that webhook {name} is asked about fails, because Service {service} has no ready "
        "endpoint. Bring its pods back.",
        (
            _HOOK,
            look("See its pods.", "kubectl get pods -A -o wide"),
            change(
                "Bring the workload behind Service {service} back: its own problem, if it stands in this "
                "report, says how.",
                verify="kubectl get endpointslices -A",
                undo="Nothing to undo.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.WEBHOOK_NO_ENDPOINTS,
        "remove-webhook",
        "{said}. If what it guards cannot be brought back in time, keep its manifest and remove it.",
        (
            _HOOK,
            destroy(
                "Keep the manifest, then remove the webhook configuration: what it enforces is not enforced "
                "until it is applied again.",
                "kubectl delete {resource_kind} {name}",
                verify="kubectl get {resource_kind}",
                undo="Apply the kept manifest again.",
            ),
        ),
        objects=2,
    ),
    Template(
        Kind.DNS_DOWN,
        "restore-dns",
        "Service {place} answers with {ready} of {wanted} endpoints. Bring its pods back; half the "
        "cluster's errors end with it.",
        (
            look("See the DNS pods.", "kubectl get pods -n {namespace} -l k8s-app=kube-dns -o wide"),
            look("Read their log.", "kubectl logs -n {namespace} -l k8s-app=kube-dns --tail=60"),
            change(
                "Bring the DNS Deployment behind Service {place} back: configuration, image or room on "
                "nodes.",
                verify="kubectl get endpointslices -n {namespace}",
                undo="Set its former configuration again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.DNS_DOWN,
        "see-dns",
        "{said}. Bring the cluster's DNS pods back.",
        (
            look("See the DNS pods.", "kubectl get pods -n {namespace} -l k8s-app=kube-dns -o wide"),
            look("Read their log.", "kubectl logs -n {namespace} -l k8s-app=kube-dns --tail=60"),
        ),
    ),
)
