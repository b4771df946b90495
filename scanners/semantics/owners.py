"""
Forty pods share one fault; the person who can mend it edits one Deployment.

checks.md S5: owners are walked by uid, the controlling reference first, to the top object that people know.
An owner that was not collected is named after its child (ReplicaSet minus the template hash, Job minus the
schedule suffix) and marked ``inferred``, so that a finding keeps its identity whether or not its owner
could be read.
"""

import re

from scanners.facts.fact import Fact, Owner
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref
from scanners.semantics.pipelines import engine_owner

DEPTH = 16
"""Owner chains longer than this are cut: no engine nests that deep, but a cycle does."""

_SCHEDULED = re.compile(r"^(?P<cronjob>.+)-\d{8,}$")


def chain(inventory: Inventory, thing: Fact | Pod) -> list[Ref]:
    """Owners of an object from the direct one to the top; empty if nobody owns it."""
    if not thing.owners:
        return []
    direct = thing.owners[0]
    known = inventory.index.owner_chains
    if direct.uid not in known:
        known[direct.uid] = tuple(_walk(inventory, direct, thing))
    return list(known[direct.uid])


def top_owner(inventory: Inventory, thing: Fact | Pod) -> Ref:
    """
    Whom a finding about this object concerns: the top of its chain, its engine's pipeline, or the object itself.

    Engines that leave no owner references (Airflow) are known by their labels; a bare pod stands for itself.
    """
    owners = chain(inventory, thing)
    if owners:
        return owners[-1]
    return engine_owner(thing) or Ref(thing.group, thing.kind, thing.namespace, thing.name, thing.uid)


def _walk(inventory: Inventory, direct: Owner, child: Fact | Pod) -> list[Ref]:
    found: list[Ref] = []
    seen: set[str] = set()
    owner: Owner | None = direct
    namespace, labels = child.namespace, child.labels
    while owner and owner.uid not in seen and len(found) < DEPTH:
        seen.add(owner.uid)
        found.append(Ref(owner.group, owner.kind, namespace, owner.name, owner.uid))
        parent = inventory.index.owners_by_uid.get(owner.uid)
        if parent is None:
            guessed = _inferred(owner, namespace, labels)
            return [*found, guessed] if guessed else found
        owner = parent.owners[0] if parent.owners else None
        labels = parent.labels
    return found


def _inferred(owner: Owner, namespace: str, labels: dict[str, str]) -> Ref | None:
    hash_ = labels.get("pod-template-hash", "")
    if owner.kind == "ReplicaSet" and hash_ and owner.name.endswith(f"-{hash_}"):
        return Ref("apps", "Deployment", namespace, owner.name.removesuffix(f"-{hash_}"), inferred=True)
    scheduled = _SCHEDULED.match(owner.name)
    if owner.kind == "Job" and owner.group == "batch" and scheduled:
        return Ref("batch", "CronJob", namespace, scheduled["cronjob"], inferred=True)
    return None
