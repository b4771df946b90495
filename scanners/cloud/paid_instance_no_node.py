"""
A machine was started for the cluster, is paid for, and never became one of its nodes.

## Why it matters
The autoscaler asked for a node, the provider delivered and bills a machine, and the cluster does not have it: a boot
script failed, a subnet has no way to the control plane, a role may not join. With GPUs that is tens of dollars an
hour for nothing, while the pods that it was made for still wait.

## What to do
Read the machine's boot log at the provider. Most often: no route to the API server, a missing access entry or role, a
wrong bootstrap argument in a custom image. Terminate the machine once the reason is known; a group makes a new one.

## When it is wrong
Machines younger than 15 minutes are still booting and not counted. A machine that carries the cluster's tag and is
something else, as a bastion, is told too: take the tag off.
"""

from collections.abc import Iterator

from scanners.facts.cloud import Instance
from scanners.facts.inventory import Inventory
from scanners.facts.slices import INSTANCES, NODES, PRICES
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.cloud_bills import instance_bill
from scanners.semantics.cloud_evidence import said
from scanners.semantics.prices import by_dollars
from scanners.semantics.times import age, lasts, spoken


@scanner(
    "CLD108",
    "Paid instance that is no node",
    Severity.MEDIUM,
    needs=[INSTANCES],
    complete=[NODES],
    sharpened_by=[PRICES],
    confidence=Confidence.DERIVED,
)
def paid_instance_no_node(inventory: Inventory) -> Iterator[Sighting]:
    known = {_bare(node.provider_id) for node in inventory.nodes if node.provider_id}
    names = {node.name for node in inventory.nodes if not node.provider_id}
    for instance in inventory.instances:
        if not instance.running or not lasts(instance.created, inventory.now, inventory.ages.controller):
            continue
        if _bare(instance.provider_id) not in known and instance.name not in names:
            yield _told(inventory, instance)


def _bare(provider_id: str) -> str:
    """What two spellings of a machine have in common: the id of EC2, else the whole path in lower case."""
    scheme, _, path = provider_id.lower().partition("://")
    return path.rpartition("/")[2] if scheme == "aws" else path.strip("/")


def _told(inventory: Inventory, instance: Instance) -> Sighting:
    bill = instance_bill(inventory, instance)
    up = age(instance.created, inventory.now)
    devices = f" with {instance.gpus:g} GPUs" if instance.gpus else ""
    pool = f" of node pool {instance.pool}" if instance.pool else ""
    return Sighting(
        subject=instance,
        kind=Kind.PAID_NO_NODE,
        message=(
            f"instance {instance.name} ({instance.type}{devices}){pool} has run for {spoken(up)} and is no node of "
            f"the cluster{bill.unpriced}"
        ),
        severity=by_dollars(bill.usd_per_month, up),
        facts={
            "instance": instance.name,
            "type": instance.type,
            "gpus": instance.gpus,
            "launched_at": instance.created or None,
            "pool": instance.pool or None,
            "region": instance.region,
            **bill.facts,
        },
        evidence=[
            *said(instance, "state", "type", "created", observed_at=instance.created),
            Evidence(
                subject=instance,
                path="number of Nodes with its providerID",
                value=0,
                source="derived",
            ),
        ],
        onset=instance.created,
    )
