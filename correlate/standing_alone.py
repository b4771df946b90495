"""
Five hundred workloads without a limit are one habit of a team, not five hundred pages of a report.

Findings of low severity that cause nothing and follow from nothing are told together: one problem per check
and owner.
"""

from collections.abc import Sequence

from correlate.explanation import Explanation
from correlate.observation import Observation
from scanners.facts.fact import Fact
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.finding import Severity

TEAM_KEYS = ("team", "owner", "app.kubernetes.io/team", "app.kubernetes.io/owner", "cost-center")
"""Labels and annotations that name a team, on the workload first and then on its namespace."""


def folded(inventory: Inventory, alone: Sequence[Observation]) -> list[Explanation]:
    """
    An explanation per code and owner (its team, else its namespace); ``info`` findings stay without a
    problem.
    """
    groups: dict[tuple[str, str], list[Observation]] = {}
    for observation in alone:
        if observation.finding.severity is Severity.LOW:
            owner = team_of(inventory, observation) or observation.subject.namespace
            groups.setdefault((observation.finding.code, owner), []).append(observation)
    found = []
    for _, members in sorted(groups.items()):
        first, *rest = sorted(members, key=lambda member: member.id)
        found.append(Explanation(first, folded=rest))
    return found


def team_of(inventory: Inventory, observation: Observation) -> str | None:
    """
    Whose it is, by the labels of the workload, of its pods or of its namespace; None where nothing tells.
    """
    workload = observation.workload
    fact = inventory.index.owners_by_uid.get(workload.uid) if workload and workload.uid else None
    bearers: list[Fact | Pod] = [*([fact] if fact else []), *observation.pods[:1]]
    for labels in (bearer.labels for bearer in bearers):
        for key in TEAM_KEYS:
            if labels.get(key):
                return labels[key]
    return _teams_of_namespaces(inventory).get(observation.subject.namespace)


def _teams_of_namespaces(inventory: Inventory) -> dict[str, str]:
    memo = inventory.index.memo
    if "correlate.teams" not in memo:
        memo["correlate.teams"] = {
            namespace.name: team
            for namespace in inventory.namespaces
            for team in [_first(namespace.labels) or _first(namespace.annotations)]
            if team
        }
    found: dict[str, str] = memo["correlate.teams"]
    return found


def _first(labels: dict[str, str]) -> str:
    return next((labels[key] for key in TEAM_KEYS if labels.get(key)), "")
