"""
An address that points nowhere, or a load balancer without a backend, is billed by the hour like one in use.

## Why it matters
Services and Ingresses that are deleted in the wrong order, or with their cluster, leave their addresses and balancers
behind. Each costs little; a hundred do not, and every one is a way in that nobody watches.

## What to do
See whether a record in DNS or a partner's firewall still names the address. Release it, or delete the balancer.

## When it is wrong
An address kept on purpose, for a partner's allow list, looks idle. Services and Ingresses of clusters that were not
scanned cannot be known: then the finding is only possible. A balancer younger than 7 days is not told.
"""

from collections.abc import Iterator

from scanners.facts.cloud import CloudAddress, LoadBalancer
from scanners.facts.inventory import Inventory
from scanners.facts.slices import ADDRESSES, CLUSTERS, INGRESSES, LOAD_BALANCERS, PRICES, SERVICES
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.cloud_bills import address_bill
from scanners.semantics.cloud_evidence import said
from scanners.semantics.digests import unseen
from scanners.semantics.prices import by_dollars
from scanners.semantics.times import DAY, lasts

IDLE = Threshold("balancer_idle_days", 7, unit="days of a balancer without a backend, by its own age")


@scanner(
    "CLD112",
    "Idle address or load balancer",
    Severity.MEDIUM,
    needs=[ADDRESSES, LOAD_BALANCERS],
    sharpened_by=[CLUSTERS, SERVICES, INGRESSES, PRICES],
    about=[ADDRESSES, LOAD_BALANCERS],
    confidence=Confidence.DERIVED,
)
def idle_address(inventory: Inventory) -> Iterator[Sighting]:
    for address in inventory.addresses:
        young = bool(address.created) and not lasts(address.created, inventory.now, inventory.ages.waste)
        if address.used is False and not young and not _is_meant(inventory, address):
            yield _told(inventory, address)
    for balancer in inventory.load_balancers:
        old = lasts(balancer.created, inventory.now, inventory.limit(IDLE) * DAY)
        if balancer.targets == 0 and old and not _is_meant(inventory, balancer):
            yield _told(inventory, balancer)


def _is_meant(inventory: Inventory, thing: CloudAddress | LoadBalancer) -> bool:
    """Whether a Service or an Ingress of a scanned cluster names it, by address, name or id."""
    names = {*_addresses(thing), thing.name, thing.uid.rpartition("/")[2]} - {""}
    return any(
        names & digest.addresses or (thing.service and thing.service in digest.services)
        for digest in inventory.digests
    )


def _told(inventory: Inventory, thing: CloudAddress | LoadBalancer) -> Sighting:
    bill = address_bill(inventory, thing)
    sort = "load-balancer" if isinstance(thing, LoadBalancer) else thing.sort
    backends = isinstance(thing, LoadBalancer)
    blind = sorted({*unseen(inventory, SERVICES), *unseen(inventory, INGRESSES)})
    known = inventory.has(CLUSTERS)
    made = f"; it was made for Service {thing.service}" if thing.service else ""
    doubt = f"; Services of {', '.join(blind)} could not be read" if blind else ""
    doubt = doubt if known else "; the clusters of the account could not be read"
    counted = Evidence(
        subject=thing,
        path="number of backends" if backends else "number of things it is attached to",
        value=0,
        source="derived",
    )
    return Sighting(
        subject=thing,
        kind=Kind.ADDRESS_IDLE,
        message=(
            f"{sort.replace('-', ' ')} {thing.name} in {thing.region} "
            f"{'has no backend' if backends else 'is attached to nothing'}{made}{doubt}{bill.unpriced}"
        ),
        severity=by_dollars(bill.usd_per_month, None),
        confidence=Confidence.POSSIBLE if blind or not known else Confidence.DERIVED,
        facts={
            "kind": sort,
            "region": thing.region,
            "address": next(iter(_addresses(thing)), None),
            "last_service": thing.service or None,
            "clusters_not_seen": list(blind),
            **bill.facts,
        },
        evidence=[counted, *said(thing, "state", "used", "address", "targets", "created")],
    )


def _addresses(thing: CloudAddress | LoadBalancer) -> list[str]:
    if isinstance(thing, LoadBalancer):
        return list(thing.addresses)
    return [thing.address] if thing.address else []
