"""
Who reads a report asks of every check on every cluster: did it run, and if not, why?

The rows in which a target's share of the report says so: the target itself, its agents, its checks.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from reports.report import AgentRow, CheckRow, TargetRow
from scanners.facts.gaps import HAS_SOMETHING, SliceState
from scanners.facts.inventory import Inventory
from scanners.facts.slices import CLUSTERS, NODES, PODS, Slice
from scanners.scanner import CheckState, Scanner, Verdict
from swarm.agent import Agent

if TYPE_CHECKING:
    from swarm.target import Plan

EndState = Literal["done", "partial", "timed-out", "failed"]


def target_row(inventory: Inventory) -> TargetRow:
    """The target as the report lists it; nodes and pods are None where they were not read."""
    target = inventory.target
    return TargetRow(
        id=target.id,
        provider=target.provider,
        name=target.name,
        cluster_uid=target.cluster_uid or None,
        version=target.version or None,
        nodes=_count(inventory, NODES),
        pods=_count(inventory, PODS),
    )


def _count(inventory: Inventory, slice_: Slice) -> int | None:
    return len(inventory.all(slice_)) if inventory.has(slice_) else None


def agent_row(agent: Agent, target: str) -> AgentRow:
    """How an agent ended."""
    state: EndState = agent.state if agent.state in ("done", "partial", "timed-out") else "failed"
    return AgentRow(
        target=target, concern=agent.concern, state=state, seconds=round(agent.seconds, 3), requests=agent.requests,
        findings=agent.findings,
    )  # fmt: skip


def check_rows(agents: Sequence[Agent], plan: "Plan", inventory: Inventory) -> list[CheckRow]:
    """How each check ended, those too that were left out or are asked of another sort of target."""
    target = inventory.target.id
    verdicts = {code: verdict for agent in agents for code, verdict in agent.verdicts.items()}
    rows = [
        check_row(check, plan, target, verdicts.get(check.code) or _elsewhere(check, inventory))
        for check in plan.checks
    ]
    return [*rows, *skipped_rows(plan, target)]


def _elsewhere(check: Scanner, inventory: Inventory) -> Verdict:
    """What an account's check is to a cluster in it, and a cluster's check to the account."""
    state = inventory.state(CLUSTERS)
    if check.held_by == "account" and state is SliceState.NOT_COLLECTED:
        return Verdict(CheckState.NOT_CONFIGURED, f"{check.needs[0].name}: no cloud is configured")
    if check.held_by == "account":
        return Verdict(CheckState.NOT_APPLICABLE, "it is looked for in the account around it")
    if state is SliceState.COMPLETE:
        return Verdict(CheckState.NOT_APPLICABLE, "it is looked for in each cluster of the account")
    if state in HAS_SOMETHING:
        return Verdict(CheckState.PARTIAL, "clusters read in part: the others were not looked at")
    return Verdict(CheckState.NOT_MEASURED, f"clusters: {state}")


def skipped_rows(plan: "Plan", target: str) -> list[CheckRow]:
    """The checks that the user left out."""
    verdict = Verdict(CheckState.SKIPPED, "left out by the scope of this scan")
    return [check_row(check, plan, target, verdict) for check in plan.skipped]


def check_row(check: Scanner, plan: "Plan", target: str, verdict: Verdict) -> CheckRow:
    """How one check ended, under which thresholds."""
    thresholds = {t.name: plan.limits.get((check.code, t.name), t.default) for t in check.thresholds}
    return CheckRow(
        code=check.code, target=target, revision=check.revision(plan.limits, plan.ages), state=verdict.state,
        why=verdict.why, thresholds=dict(thresholds),
    )  # fmt: skip
