"""
No NetworkPolicy selects a workload: anything in the cluster may connect to it, or it may connect to anything.

## Why it matters
One compromised notebook then reaches every database, model registry and metadata endpoint of the cluster.
Where the neighbours of a namespace are covered, a workload outside is usually forgotten, not meant.

## What to do
Start with a default-deny policy for the namespace and the named allows beside it: DNS first (NET102), then
each peer. Try it on one workload before it takes a namespace. A direction that is meant to be open can be
covered by a policy that says so (`ingress: [{}]`).

## When it is wrong
Only NetworkPolicies are read in this version. Cluster-wide kinds (AdminNetworkPolicy, Cilium's and Calico's
own policies) are not, so what they cover looks open here. Whether the network plug-in enforces policies at
all is not seen either. Pods on the host's network cannot be covered and are not told; the cluster's own
namespaces are told as info.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from scanners.facts.fact import Fact
from scanners.facts.inventory import Inventory
from scanners.facts.network import Service
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Named, Ref, key_of
from scanners.facts.slices import CRONJOBS, INGRESSES, NETWORKPOLICIES, PODS, SERVICES
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.coverage import whole_in
from scanners.semantics.network_policies import Coverage, Direction, alike, policy_book
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.system_namespaces import is_system

SAYS = {
    Direction.INGRESS: "anything may connect to",
    Direction.EGRESS: "nothing limits the connections of",
}


class Group(NamedTuple):
    """Pods of one workload that policies treat alike; none for a CronJob between its runs."""

    owner: Ref
    pods: list[Pod]
    shown: Fact | Pod
    labels: dict[str, str]
    coverage: Coverage


Exposures = Mapping[str, Sequence[tuple[str, Service]]]
"""By namespace: what exposes (``Service/web``, ``Ingress/front``) and the Service that it leads to."""


@scanner(
    "NET101", "Workload outside any policy", Severity.LOW,
    needs=[PODS, NETWORKPOLICIES], sharpened_by=[CRONJOBS, SERVICES, INGRESSES],
    confidence=Confidence.DERIVED, reads_status=False,
)  # fmt: skip
def workload_without_policy(inventory: Inventory) -> Iterator[Sighting]:
    workloads: dict[Key, list[Group]] = defaultdict(list)
    for group in _groups(inventory):
        workloads[key_of(group.owner)].append(group)
    covered = _covered(workloads)
    exposures = _exposures(inventory)
    for key, groups in workloads.items():
        uncovered = _uncovered(groups)
        if uncovered:
            siblings = max(covered[key.namespace, direction] for direction in uncovered)
            yield _told(groups, uncovered, siblings, _exposed(exposures, groups))


def _groups(inventory: Inventory) -> Iterator[Group]:
    book = policy_book(inventory)
    whole: dict[str, bool] = {}
    pods = (pod for pod in inventory.pods if not pod.finished and not pod.template.host_network)
    for group in alike(pods):
        first = group[0]
        if first.namespace not in whole:
            whole[first.namespace] = whole_in(inventory, NETWORKPOLICIES, first.namespace)
        if whole[first.namespace]:
            coverage = book.coverage(first.namespace, first.labels)
            yield Group(top_owner(inventory, first), group, first, first.labels, coverage)
    for cronjob in inventory.cronjobs if inventory.has(CRONJOBS) else ():
        idle = not cronjob.suspended and not cronjob.template.host_network
        if idle and whole_in(inventory, NETWORKPOLICIES, cronjob.namespace):
            labels = cronjob.template_labels
            coverage = book.coverage(cronjob.namespace, labels)
            yield Group(top_owner(inventory, cronjob), [], cronjob, labels, coverage)


def _uncovered(groups: Sequence[Group]) -> list[Direction]:
    return [direction for direction in Direction if any(direction in group.coverage.open for group in groups)]


def _covered(workloads: Mapping[Key, Sequence[Group]]) -> Mapping[tuple[str, Direction], int]:
    """How many workloads of a namespace are covered in a direction."""
    found: dict[tuple[str, Direction], int] = defaultdict(int)
    for key, groups in workloads.items():
        for direction in set(Direction) - set(_uncovered(groups)):
            found[key.namespace, direction] += 1
    return found


def _exposures(inventory: Inventory) -> Exposures | None:
    """None where Services or Ingresses were not read."""
    if not (inventory.has(SERVICES) and inventory.has(INGRESSES)):
        return None
    found: dict[str, list[tuple[str, Service]]] = defaultdict(list)
    by_name: dict[tuple[str, str], Service] = {}
    for service in inventory.services:
        by_name[service.namespace, service.name] = service
        if service.type == "LoadBalancer" and service.selector:
            found[service.namespace].append((f"Service/{service.name}", service))
    for ingress in inventory.ingresses:
        for name in ingress.services:
            behind = by_name.get((ingress.namespace, name))
            if behind and behind.selector:
                found[ingress.namespace].append((f"Ingress/{ingress.name}", behind))
    return found


def _exposed(exposures: Exposures | None, groups: Sequence[Group]) -> list[str] | None:
    if exposures is None:
        return None
    doors = exposures.get(groups[0].owner.namespace, ())
    return sorted(
        {
            name
            for name, service in doors
            for group in groups
            if group.pods and (service.selector or {}).items() <= group.labels.items()
        }
    )


def _told(
    groups: Sequence[Group], uncovered: Sequence[Direction], siblings: int, exposed: list[str] | None
) -> Sighting:
    owner = groups[0].owner
    pods = [pod for group in groups for pod in group.pods]
    medium = siblings > 0 or bool(exposed)
    policies = sorted({name for group in groups for name in group.coverage.names})
    return Sighting(
        subject=owner,
        kind=Kind.POLICY_MISSING,
        severity=Severity.INFO if is_system(owner.namespace) else Severity.MEDIUM if medium else Severity.LOW,
        message=_message(owner, pods, uncovered, siblings, exposed),
        facts={
            "uncovered_directions": [str(direction) for direction in uncovered],
            "policies": [*policies],
            "exposed": None if exposed is None else [*exposed],
            "siblings_covered": siblings,
        },
        evidence=list(_evidence(groups, uncovered)),
        pods=pods,
    )


def _message(
    owner: Ref, pods: Sequence[Pod], uncovered: Sequence[Direction], siblings: int, exposed: list[str] | None
) -> str:
    who = f"its {pods_spoken(len(pods))}" if pods else "the pods that it starts"
    how = " and ".join(SAYS[direction] for direction in uncovered)
    parts = [f"no policy covers {' and '.join(uncovered)}: {how} {who}"]
    if siblings:
        others = "1 other workload" if siblings == 1 else f"{siblings} other workloads"
        parts.append(f"{others} of {owner.namespace} {'is' if siblings == 1 else 'are'} covered")
    if exposed:
        parts.append(f"exposed by {', '.join(exposed)}")
    return "; ".join(parts)


def _evidence(groups: Sequence[Group], uncovered: Sequence[Direction]) -> Iterator[Evidence]:
    group = min(
        (group for group in groups if any(direction in group.coverage.open for direction in uncovered)),
        key=lambda group: (not group.pods, group.shown.name),
    )
    shown: Named = group.shown
    path = "metadata.labels" if group.pods else "spec.jobTemplate.spec.template.metadata.labels"
    if group.labels:
        yield Evidence(subject=shown, path=path, value=group.labels)
    for direction in uncovered:
        yield Evidence(subject=shown, source="derived", path=_formula(shown.namespace, direction), value=0)


@lru_cache(maxsize=1024)
def _formula(namespace: str, direction: Direction) -> str:
    return f"NetworkPolicies of {namespace} that select these labels and close {direction}"
