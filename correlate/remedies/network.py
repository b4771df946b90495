"""Remedies for network policies that are missing, or forget DNS."""

from correlate.remedies.template import Template, change, look
from scanners.kinds import Kind

_POLICIES = look("See the policies of the namespace.", "kubectl get networkpolicies -n {namespace} -o yaml")

TEMPLATES = (
    Template(
        Kind.POLICY_MISSING,
        "default-deny",
        "No policy covers {uncovered_directions} of {kind} {place}. Write the flows that it needs as allow "
        "rules first, then deny the rest.",
        (
            _POLICIES,
            change(
                "Add a NetworkPolicy for {kind} {place} that allows DNS and its known peers, and covers "
                "{uncovered_directions}.",
                verify="kubectl get networkpolicies -n {namespace}",
                undo="Delete that NetworkPolicy by its name.",
            ),
        ),
    ),
    Template(
        Kind.POLICY_MISSING,
        "see-policies",
        "{said}. Write the flows that it needs as allow rules.",
        (_POLICIES,),
    ),
    Template(
        Kind.DNS_BLOCKED,
        "allow-dns",
        "The policies of {kind} {place} ({policies}) let nothing out to cluster DNS. Allow UDP and TCP 53 "
        "to it.",
        (
            _POLICIES,
            change(
                "Add an egress rule to port 53, UDP and TCP, of the DNS pods in kube-system for {kind} "
                "{place}.",
                verify="kubectl describe networkpolicy -n {namespace}",
                undo="Take that egress rule out again.",
            ),
        ),
    ),
    Template(Kind.DNS_BLOCKED, "see-policies", "{said}. Allow port 53 to cluster DNS.", (_POLICIES,)),
)
