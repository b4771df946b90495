"""
A policy locks a workload's way out and forgets DNS: it can resolve no name any more.

## Why it matters
Every connection by name fails after long timeouts, and the log blames the database, the registry or the
object store. Most egress policies are written as a list of peers, and DNS is the peer that nobody lists.

## What to do
Add one egress rule: UDP and TCP 53 to the pods of cluster DNS (namespace `kube-system`, label
`k8s-app: kube-dns`), in a policy of its own that selects all pods of the namespace. Where a DNS cache runs on
the nodes, its address (169.254.20.10) as well.

## When it is wrong
A workload that never resolves a name, or brings its own DNS (`dnsPolicy`), needs no such rule. A policy that
lets nothing out at all is taken for isolation on purpose, until a log says that names fail. Some plug-ins let
pods reach their node's DNS cache whatever the policy says. Cluster-wide policies (AdminNetworkPolicy,
Cilium, Calico) are not read in this version and may allow what looks closed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import ENDPOINTSLICES, NAMESPACES, NETWORKPOLICIES, POD_LOGS, PODS, SERVICES
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.cluster_dns import ClusterDns, closed_ports, cluster_dns, dns_service
from scanners.semantics.coverage import whole_in
from scanners.semantics.name_resolution import Silence, silences
from scanners.semantics.network_policies import Coverage, Direction, alike, directions_of, policy_book
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.times import DAY, earliest, latest

RECENT = Threshold("recent_s", DAY, unit="s since the end whose log shows that names failed")


class Locked(NamedTuple):
    """Pods of one workload that policies treat alike and keep from DNS."""

    owner: Ref
    pods: list[Pod]
    coverage: Coverage
    missing: list[str]
    silent: list[Silence]


def _has_dns(inventory: Inventory) -> bool:
    return dns_service(inventory) is not None


@scanner(
    "NET102", "Egress locked, DNS forgotten", Severity.MEDIUM,
    needs=[NETWORKPOLICIES, PODS, SERVICES], sharpened_by=[NAMESPACES, ENDPOINTSLICES, POD_LOGS],
    confidence=Confidence.DERIVED, applies=_has_dns,
)  # fmt: skip
def dns_not_allowed(inventory: Inventory) -> Iterator[Sighting]:
    dns = cluster_dns(inventory)
    if dns is None:
        return
    heard = silences(inventory, inventory.limit(RECENT)) if inventory.has(POD_LOGS) else []
    said = {silence.pod.uid: silence for silence in heard}
    found: dict[Key, list[Locked]] = {}
    for locked in _locked(inventory, dns, said):
        found.setdefault(key_of(locked.owner), []).append(locked)
    for groups in found.values():
        yield _told(dns, groups)


def _locked(inventory: Inventory, dns: ClusterDns, said: Mapping[str, Silence]) -> Iterator[Locked]:
    book = policy_book(inventory)
    servers = {pod.uid for pod in dns.pods}
    closing = {policy.namespace for policy in inventory.network_policies}
    spaces = {space for space in closing if whole_in(inventory, NETWORKPOLICIES, space)}
    suspects = (
        pod
        for space in sorted(spaces)
        for pod in inventory.index.pods_by_namespace.get(space, ())
        if _counts(pod, said) and pod.uid not in servers
    )
    for pods in alike(suspects):
        coverage = book.coverage(pods[0].namespace, pods[0].labels)
        missing = closed_ports(dns, coverage.policies)
        silent = [said[pod.uid] for pod in pods if pod.uid in said]
        if missing and (silent or any(policy.egress for policy in coverage.policies)):
            yield Locked(top_owner(inventory, pods[0]), pods, coverage, missing, silent)


def _counts(pod: Pod, said: Mapping[str, Silence]) -> bool:
    if pod.template.host_network or pod.phase == "Succeeded":
        return False
    return pod.phase != "Failed" or pod.uid in said


def _told(dns: ClusterDns, groups: Sequence[Locked]) -> Sighting:
    pods = sorted((pod for group in groups for pod in group.pods), key=key_of)
    missing = sorted({port for group in groups for port in group.missing}, reverse=True)
    silent = sorted((silence for group in groups for silence in group.silent), key=lambda one: one.pod.name)
    policies = sorted(
        {
            policy.name: policy
            for group in groups
            for policy in group.coverage.policies
            if Direction.EGRESS in directions_of(policy)
        }.items()
    )
    names = [name for name, _ in policies]
    unready = [pod for pod in pods if pod.phase == "Running" and not pod.ready]
    closed_since = earliest(*(policy.created for _, policy in policies))
    return Sighting(
        subject=groups[0].owner,
        kind=Kind.DNS_BLOCKED,
        severity=_severity(missing, bool(silent or unready)),
        confidence=Confidence.LIKELY if dns.node_cache and not silent else Confidence.DERIVED,
        message=_message(dns, pods, names, missing, silent, unready),
        facts={
            "directions": [str(Direction.EGRESS)],
            "policies": [*names],
            "dns_service": dns.place,
            "missing_ports": [*missing],
            "pods_not_ready": len(unready),
            "resolve_errors": [silence.log.lines[silence.line] for silence in silent[:1]],
        },
        evidence=[
            *(silence.evidence for silence in silent[:1]),
            *(
                Evidence(subject=policy, path="spec.policyTypes", value=list(policy.types))
                for _, policy in policies[:2]
                if policy.types
            ),
            Evidence(
                subject=policies[0][1], source="derived", value=0,
                path=f"egress rules of {', '.join(names)} to {dns.place}, {missing[0]}",
            ),
        ],
        pods=pods,
        touches=[dns.service, *(policy for _, policy in policies)],
        onset=latest(closed_since, earliest(*(pod.created for pod in pods))),
    )  # fmt: skip


def _severity(missing: Sequence[str], hurts: bool) -> Severity:
    if "UDP/53" not in missing:
        return Severity.LOW
    return Severity.HIGH if hurts else Severity.MEDIUM


def _message(
    dns: ClusterDns,
    pods: Sequence[Pod],
    policies: Sequence[str],
    missing: Sequence[str],
    silent: Sequence[Silence],
    unready: Sequence[Pod],
) -> str:
    which = f"{'policy' if len(policies) == 1 else 'policies'} {', '.join(policies)}"
    who = f"its {pods_spoken(len(pods))}"
    if "UDP/53" not in missing:
        lets = "lets" if len(policies) == 1 else "let"
        return f"{which} {lets} {who} reach {dns.place} by UDP but not by TCP 53: answers that are large fail"
    verb = "locks" if len(policies) == 1 else "lock"
    parts = [f"{which} {verb} the egress of {who} and no rule reaches {dns.place} on {' and '.join(missing)}"]
    if silent:
        parts.append(f"the log of {silent[0].pod.name} says that names do not resolve")
    elif unready:
        parts.append(f"{len(unready)} of {pods_spoken(len(pods))} not ready")
    return "; ".join(parts)
