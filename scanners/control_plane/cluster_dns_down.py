"""
The cluster's DNS does not answer: hardly anything finds its database or its peers.

## Why it matters
Half of all errors in the cluster then read like faults of somebody else: time-outs, unknown hosts. All of them end when
DNS is back. Image pulls are not among them, but where a node asks the cluster's DNS itself.

## What to do
Look at the DNS pods (`kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide`): nodes that are gone, no
room, a Corefile that does not parse, or a Deployment that was scaled to 0. If all are ready and names still
fail, look at their log and at the resolvers which they forward to.

## When it is wrong
Clusters whose DNS has another Service than kube-dns, coredns or dns-default are not measured. Where no DNS
pod exists and the nodes are GKE's, Cloud DNS is taken to answer instead, until a log says that names fail. A
cache on the nodes can hide the fault for a while. Failures that only logs tell are counted for containers
that failed within the hour, and not where a policy keeps the pod from DNS (NET102 tells those).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref, key_of
from scanners.facts.slices import (
    ENDPOINTSLICES,
    NAMESPACES,
    NETWORKPOLICIES,
    POD_LOGS,
    PODS,
    SERVICES,
)  # fmt: skip
from scanners.finding import Confidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.cluster_dns import ClusterDns, closed_ports, cluster_dns, dns_service
from scanners.semantics.coverage import whole_in
from scanners.semantics.name_resolution import Silence, silences
from scanners.semantics.network_policies import policy_book
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import by_owner
from scanners.semantics.replicas import not_ready_since
from scanners.semantics.services import Backend, backends, count_ready, unready
from scanners.semantics.times import age, lasts, latest, spoken

OWNERS = Threshold("owners", 3, unit="owners whose logs say that names do not resolve")
RECENT = Threshold("recent_s", 3600, unit="s since the end of the container that said so")
ENOUGH = Threshold("enough", 0.5, unit="of the wanted endpoints ready")


class Answer(NamedTuple):
    """Who answers for DNS. ``since`` = when too few were left, ``""`` where unknown."""

    dns: ClusterDns
    backends: list[Backend]
    ready: int
    wanted: int
    waiting: list[Pod]
    since: str


def _has_dns(inventory: Inventory) -> bool:
    return dns_service(inventory) is not None


@scanner(
    "CTL104", "Cluster DNS down", Severity.CRITICAL,
    needs=[SERVICES, ENDPOINTSLICES, PODS], sharpened_by=[POD_LOGS, NETWORKPOLICIES, NAMESPACES],
    applies=_has_dns,
)  # fmt: skip
def cluster_dns_down(inventory: Inventory) -> Iterator[Sighting]:
    dns = cluster_dns(inventory)
    if dns is None or not whole_in(inventory, ENDPOINTSLICES, dns.service.namespace):
        return
    victims = _victims(inventory, dns)
    answer = _answer(inventory, dns)
    fault = _fault(inventory, answer, len(victims))
    if fault:
        yield _told(inventory, answer, fault, victims)
        for owner, said in victims:
            yield _unresolved(dns, owner, said)


def _answer(inventory: Inventory, dns: ClusterDns) -> Answer:
    found = backends(inventory, dns.service.namespace, dns.service.name)
    ready = sum(backend.ready for backend in found)
    waiting = [pod for pod in dns.pods if not pod.ready]
    since = latest(*(not_ready_since(pod) for pod in waiting))
    return Answer(dns, found, ready, max(len(found), len(dns.pods)), waiting, since)


def _fault(inventory: Inventory, answer: Answer, owners_hit: int) -> str:
    """The class of the fault, ``""`` where there is none."""
    if answer.ready == 0:
        if not answer.dns.pods and not answer.backends:
            sure = inventory.is_complete(PODS) and (owners_hit or not _cloud_dns(inventory))
        else:
            timed = whole_in(inventory, PODS, answer.dns.service.namespace) or bool(answer.waiting)
            sure = timed and lasts(answer.since, inventory.now, inventory.ages.fatal)
        return "no-endpoints" if sure else ""
    settled = [
        pod for pod in answer.waiting if lasts(not_ready_since(pod), inventory.now, inventory.ages.wait)
    ]
    if answer.wanted - len(settled) < answer.wanted * inventory.limit(ENOUGH) and settled:
        return "few-endpoints"
    return "unanswered" if owners_hit >= inventory.limit(OWNERS) else ""


def _cloud_dns(inventory: Inventory) -> bool:
    """Whether the nodes are GKE's, by their names: there Cloud DNS may answer in place of pods."""
    return any(pod.node.startswith("gke-") for pod in inventory.pods)


def _victims(inventory: Inventory, dns: ClusterDns) -> list[tuple[Ref, list[Silence]]]:
    """Owners whose logs say that names do not resolve, and whom no policy keeps from DNS."""
    if not (inventory.has(POD_LOGS) and inventory.has(NETWORKPOLICIES)):
        return []
    book = policy_book(inventory)
    heard = {
        silence.pod.uid: silence
        for silence in silences(inventory, inventory.limit(RECENT))
        if whole_in(inventory, NETWORKPOLICIES, silence.pod.namespace)
        and not closed_ports(dns, book.coverage(silence.pod.namespace, silence.pod.labels).policies)
    }
    pods = [silence.pod for silence in heard.values()]
    return [(owner, [heard[pod.uid] for pod in hit]) for owner, hit in by_owner(inventory, pods)]


def _told(
    inventory: Inventory, answer: Answer, fault: str, victims: Sequence[tuple[Ref, Sequence[Silence]]]
) -> Sighting:
    service = answer.dns.service
    logs = [said[0].evidence for _, said in victims[:3]] if fault == "unanswered" else []
    onset = answer.since if fault != "unanswered" else ""
    return Sighting(
        subject=service,
        kind=Kind.DNS_DOWN,
        severity=Severity.CRITICAL if fault == "no-endpoints" else Severity.HIGH,
        confidence=_confidence(answer, fault),
        cause_class=fault,
        message=_message(inventory, answer, fault, len(victims)),
        facts={
            "class": fault,
            "ready": answer.ready,
            "wanted": answer.wanted or None,
            "owners_hit": len(victims) if inventory.has(POD_LOGS) else None,
            "address": service.cluster_ip or None,
        },
        evidence=[count_ready(service, answer.backends, answer.wanted), *(logs or unready(answer.backends))],
        pods=answer.waiting,
        touches=[top_owner(inventory, pod) for pod in answer.waiting[:1]],
        count=max(1, len(answer.waiting)),
        onset=onset,
    )


def _confidence(answer: Answer, fault: str) -> Confidence:
    if fault == "unanswered" or not answer.since:
        return Confidence.LIKELY
    return Confidence.OBSERVED


def _message(inventory: Inventory, answer: Answer, fault: str, owners_hit: int) -> str:
    place = answer.dns.place
    lasted = age(answer.since, inventory.now)
    long = f" for {spoken(lasted)}" if lasted is not None else ""
    said = f"; the logs of {owners_hit} owners say that names do not resolve" if owners_hit > 1 else ""
    if fault == "unanswered":
        return (
            f"{owners_hit} owners say that names do not resolve, though {answer.ready} of {answer.wanted} "
            f"endpoints of {place} are ready"
        )
    if not answer.wanted:
        return f"cluster DNS is down: {place} has neither endpoints nor pods{said}"
    state = "is down" if fault == "no-endpoints" else "is short"
    return (
        f"cluster DNS {state}: {answer.ready} of {answer.wanted} endpoints of {place} are ready{long}{said}"
    )


def _unresolved(dns: ClusterDns, owner: Ref, said: Sequence[Silence]) -> Sighting:
    first = said[0]
    return Sighting(
        subject=owner,
        kind=Kind.NAME_RESOLUTION_FAILED,
        severity=Severity.INFO,
        confidence=Confidence.OBSERVED,
        message=f"names do not resolve: {first.log.lines[first.line].strip()[:160]}",
        facts={"dns_service": dns.place, "container": first.log.container, "pods_affected": len(said)},
        evidence=[first.evidence],
        discriminator=first.log.container,
        pods=sorted((silence.pod for silence in said), key=key_of),
        touches=[dns.service],
    )
