"""
A claim stays Pending: nobody can make or find a volume for it.

## Why it matters
Every pod that mounts it waits without a node, and the pod's own status says no more than "unbound immediate
PersistentVolumeClaims". A claim that names a class that does not exist waits for ever.

## What to do
The cause names the object to mend. A claim's class cannot be changed: delete the claim and create it again
with a class of `kubectl get storageclass`, or create the class it names. `provisioner-down`: look at the
provisioner's pods. `provisioning-failed`: the event quotes the storage's own answer (quota, zone,
permission).

## When it is wrong
A claim whose class waits for its first consumer is healthy until a pod that could be placed mounts it. Some
file systems take ten minutes to be made: without a failure in the claim's events less than 15 min is not
told, and then only as likely. Provisioners that run outside the cluster are not seen.
"""

from collections.abc import Iterator, Sequence

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.slices import EVENTS, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from scanners.facts.storage import Claim
from scanners.finding import Confidence, Evidence, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.ownership import pods_do
from scanners.semantics.provisioning import FAILURES, Obstacle, obstacle_of
from scanners.semantics.quantities import number, quantity
from scanners.semantics.quantities import spoken as amount_spoken
from scanners.semantics.testimony import newest, said_by
from scanners.semantics.times import age, lasts, spoken, within


@scanner(
    "PVC101",
    "Claim cannot be provisioned",
    Severity.HIGH,
    needs=[PERSISTENTVOLUMECLAIMS, STORAGECLASSES, PODS],
    complete=[STORAGECLASSES],
    sharpened_by=[PERSISTENTVOLUMES, EVENTS],
)
def claim_not_provisioned(inventory: Inventory) -> Iterator[Sighting]:
    for claim in inventory.claims:
        if claim.deleted:
            continue
        if claim.phase == "Pending":
            waiting = _waiting(inventory, claim)
            failures = _failures(inventory, claim)
            obstacle = obstacle_of(inventory, claim, waiting, failures)
            if obstacle and lasts(claim.created, inventory.now, obstacle.patience):
                yield _told(inventory, claim, obstacle, waiting, failures)
        elif claim.phase == "Bound" and _failures(inventory, claim):
            yield _recovered(inventory, claim, _failures(inventory, claim))


def _waiting(inventory: Inventory, claim: Claim) -> list[Pod]:
    mounting = inventory.index.pods_by_claim.get((claim.namespace, claim.name), ())
    return [pod for pod in mounting if pod.phase == "Pending" and not pod.deleted]


def _failures(inventory: Inventory, claim: Claim) -> list[Event]:
    about = inventory.index.events_by_uid.get(claim.uid, ())
    failed = (event for event in about if event.reason in FAILURES)
    return [event for event in failed if within(event.last, inventory.now, inventory.window)]


def _told(
    inventory: Inventory, claim: Claim, obstacle: Obstacle, waiting: Sequence[Pod], failures: Sequence[Event]
) -> Sighting:
    pending = age(claim.created, inventory.now)
    requested = quantity(claim.requested)
    size = f" of {amount_spoken(requested, 'storage')}" if requested is not None else ""
    waiters = f", and {pods_do(len(waiting), 'wait')}" if waiting else ""
    classed = Evidence(subject=claim, path="spec.storageClassName", value=claim.storage_class)
    evidence = [Evidence(subject=claim, path="status.phase", value="Pending", observed_at=claim.created)]
    evidence += [classed] if claim.storage_class is not None else []
    evidence += [said_by(newest(failures))] if failures else []
    return Sighting(
        subject=claim,
        kind=Kind.CLAIM_PENDING,
        message=f"claim {claim.name}{size} has been Pending for {spoken(pending)}{waiters}: {obstacle.text}",
        severity=Severity.HIGH if waiting else Severity.MEDIUM,
        confidence=Confidence.OBSERVED if obstacle.sure else Confidence.LIKELY,
        cause_class=obstacle.cause,
        facts={
            "cause": obstacle.cause,
            "storage_class": claim.storage_class,
            "phase": claim.phase or None,
            "requested_bytes": number(requested),
            "pending_s": pending,
            "waiting_pods": len(waiting),
        },
        evidence=evidence,
        pods=waiting,
        touches=obstacle.touches,
        onset=claim.created,
    )


def _recovered(inventory: Inventory, claim: Claim, failures: Sequence[Event]) -> Sighting:
    last = newest(failures)
    requested = quantity(claim.requested)
    ago = spoken(age(last.last, inventory.now))
    return Sighting(
        subject=claim,
        kind=Kind.CLAIM_PENDING,
        message=f"claim {claim.name} is Bound; {ago} ago it could not be provisioned",
        severity=Severity.INFO,
        cause_class="provisioning-failed",
        facts={
            "cause": "provisioning-failed",
            "storage_class": claim.storage_class,
            "phase": claim.phase or None,
            "requested_bytes": number(requested),
            "pending_s": None,
            "waiting_pods": 0,
        },
        evidence=[said_by(last)],
        state=State.RECOVERED,
        last_seen=last.last,
    )
