"""
"Quota exceeded" says neither of what, nor by how much, nor who could give something back.

How checks tell a quota's amounts and its holders: units, evidence paths, the largest holders by name.
"""

from decimal import Decimal

from scanners.facts.inventory import Inventory
from scanners.facts.quota import ResourceQuota
from scanners.facts.ref import key_of
from scanners.facts.slices import PODS
from scanners.finding import Evidence, JsonValue
from scanners.semantics.coverage import whole_in
from scanners.semantics.quantities import number, spoken
from scanners.semantics.quotas import SHORT_KEYS, Holder, holders

SHOWN = 5
"""Holders that a finding carries."""


def unit_of(resource: str) -> str:
    """The unit of a quota's amounts: ``bytes``, ``cores``, ``objects`` or ``devices``."""
    name = resource.removeprefix("requests.").removeprefix("limits.")
    if name.startswith("hugepages-") or name.split(".")[-1] in ("memory", "storage", "ephemeral-storage"):
        return "bytes"
    if name == "cpu":
        return "cores"
    counted = name.startswith(("count/", "services.")) or name.split("/")[-1] in SHORT_KEYS
    return "objects" if counted else "devices"


def told(amount: Decimal, resource: str) -> str:
    """An amount of a resource for people: ``8 requests.nvidia.com/gpu``, ``64 GiB of requests.memory``."""
    return f"{spoken(amount, resource)} {'of ' if unit_of(resource) == 'bytes' else ''}{resource}"


def holders_of(inventory: Inventory, quota: ResourceQuota, resource: str) -> list[Holder] | None:
    """The largest holders; None where not all pods of the namespace were read: no share is told too small."""
    if not whole_in(inventory, PODS, quota.namespace):
        return None
    return holders(inventory, quota, resource)[:SHOWN]


def as_facts(found: list[Holder] | None) -> list[JsonValue] | None:
    """Holders as a finding's facts."""
    if found is None:
        return None
    return [{"owner": str(key_of(holder.owner)), "amount": number(holder.amount)} for holder in found]


def held_by(found: list[Holder] | None, resource: str) -> str:
    """Who holds most, as the end of a sentence: ``; Deployment/ml/serve holds 16, Job/ml/train 8``."""
    if not found:
        return ""
    (owner, amount), *others = [(key_of(one.owner), spoken(one.amount, resource)) for one in found[:3]]
    return "; " + ", ".join([f"{owner} holds {amount}", *(f"{other} {part}" for other, part in others)])


def standing(quota: ResourceQuota, resource: str) -> list[Evidence]:
    """What the quota says of a resource: its use, and the limit in force."""
    hard, field = (quota.status_hard, "status.hard") if quota.status_hard else (quota.hard, "spec.hard")
    limit = hard.get(resource)
    rows = [Evidence(subject=quota, path=f"{field}['{resource}']", value=limit)]
    if resource in quota.used:
        used = quota.used[resource]
        rows.insert(
            0, Evidence(subject=quota, path=f"status.used['{resource}']", value=used, threshold=limit)
        )
    return rows
