"""
A GPU that nobody holds costs as much as one that works, and only the ledger tells them apart.

Pools with what they have, lend and use; nodes that stand idle, what keeps them and what they cost.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reports.ledger import PoolRow
from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, number, texts
from reports.words import named
from scanners.finding import Finding, JsonValue, Reference

_MEASURED = ("allocated_idle", "ineffective", "effective")


def _pools(scene: Scene) -> Iterator[Told]:
    ledger = scene.report.ledger
    for pool in ledger.pools if ledger else ():
        if not scene.has_product(pool.product) or not _pool_is_named(scene, pool):
            continue
        held, allocatable = pool.gpus_held, pool.gpus_allocatable
        ratio = round(held / allocatable, 4) if held is not None and allocatable else None
        low = next(
            (one for one in scene.findings(["GPU120"], unscoped=True) if _is_of(scene, one, pool)), None
        )
        yield Told(
            cells={
                "pool": pool.pool, "product": pool.product, "nodes": pool.nodes, "capacity": pool.gpus,
                "allocatable": allocatable, "requested": pool.gpus_requested, "used": _used(pool), "ratio": ratio,
            },
            place=Reference(cluster=pool.target, group="", kind="NodePool", name=pool.pool),
            code=low.code if low else None,
            finding=low.id if low else None,
            evidence=[row.id for row in low.evidence] if low else (),
            measure=ratio,
        )  # fmt: skip


def _pool_is_named(scene: Scene, pool: PoolRow) -> bool:
    return scene.is_named(pool.pool) or any(scene.is_named(cell.node) for cell in pool.cells)


def _is_of(scene: Scene, finding: Finding, pool: PoolRow) -> bool:
    return finding.subject.name == pool.pool and scene.target(finding.subject) == scene.targets.get(
        pool.target
    )


def _used(pool: PoolRow) -> float | None:
    """GPUs that computed, on average over the pool's window; None where no held GPU was measured."""
    hours = pool.gpu_hours
    if not any(getattr(hours, part) for part in _MEASURED) or not pool.window_hours:
        return None
    return round((hours.ineffective + hours.effective) / pool.window_hours, 2)


def _pool_notes(scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    if rows:
        yield "ratio = GPUs held / allocatable now; GPUs that are lost are neither"
    if any(row.cells["used"] is None for row in rows):
        yield "used is not measured where it is blank: GPU metrics of Prometheus would tell"
    ledger = scene.report.ledger
    partly = [
        pool
        for pool in (ledger.pools if ledger else ())
        if _used(pool) is not None and pool.gpu_hours.not_measured
    ]
    if rows and partly:
        yield f"used is `at least` in {', '.join(pool.pool for pool in partly)}: some GPUs were not measured"
    if rows:
        yield "nodes without GPUs have no row: a report tells what pools of GPUs hold"


POOLS = Definition(
    title="GPU capacity and allocation per pool",
    noun="pool",
    codes={"GPU120": "the allocation ratio of a pool"},
    slices=["nodes", "pods"],
    columns=[
        column("pool"),
        column("product"),
        column("nodes", unit="count"),
        column("capacity", unit="gpus"),
        column("allocatable", unit="gpus"),
        column("requested", unit="gpus"),
        column("used", unit="gpus"),
        column("ratio", unit="ratio"),
    ],
    rows=_pools,
    ledger=True,
    order=["ratio"],
    unscoped=True,
    measure="the allocation ratio",
    notes=_pool_notes,
)


def _idle(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(["GPU101"], unscoped=True):
        nodes = finding.facts.get("nodes")
        rows = [row for row in nodes if isinstance(row, dict)] if isinstance(nodes, list) else []
        whole = sum(number(row.get("gpus")) or 0 for row in rows)
        for row in rows:
            yield _idle_node(scene, finding, row, whole)
    for finding in scene.findings(["GPU102", "GPU103", "PIP124"], unscoped=True):
        yield _held(finding)


def _idle_node(scene: Scene, finding: Finding, row: dict[str, JsonValue], whole: float) -> Told:
    node, gpus, month = (
        str(row.get("node")),
        number(row.get("gpus")),
        number(finding.facts.get("usd_per_month")),
    )
    work = list(_beside(scene, "GPU109", node, finding))
    blockers = [
        text for one in _beside(scene, "GPU119", node, finding) for text in texts(one.facts.get("blockers"))
    ]
    share = round(month * gpus / whole, 2) if month is not None and gpus and whole else None
    idle = number(row.get("idle_hours"))
    base = told(
        finding,
        node=node,
        holder=None,
        product=finding.facts.get("gpu_product"),
        gpus=gpus,
        idle=idle,
        basis=row.get("idle_basis"),
        busy=None,
        cpu_only=[named(one.subject) for one in work],
        blockers=blockers,
        usd=share,
        saving=finding.facts.get("saving"),
    )
    place = Reference(cluster=finding.subject.cluster, group="", kind="Node", name=node)
    return replace(base, place=place, lasting_s=None if idle is None else idle * 3600, measure=idle)


def _beside(scene: Scene, code: str, node: str, finding: Finding) -> Iterable[Finding]:
    """Findings of another check that name the same node of the same cluster."""
    return (
        one
        for one in scene.report.findings
        if one.code == code
        and node in texts(one.facts.get("nodes"))
        and one.subject.cluster == finding.subject.cluster
    )


def _held(finding: Finding) -> Told:
    facts = finding.facts
    return told(
        finding,
        node=finding.node,
        holder=named(finding.subject),
        product=facts.get("gpu_product"),
        gpus=facts.get("gpus") or facts.get("gpus_requested"),
        idle=None,
        basis=facts.get("class"),
        busy=facts.get("busy_ratio"),
        cpu_only=[],
        blockers=[],
        usd=facts.get("usd_per_month"),
        saving=facts.get("saving"),
    )


def _idle_notes(_scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    if any(row.cells["usd"] is None for row in rows):
        yield "USD a month is blank where no price is known"
    if any(row.cells["basis"] == "no-trace" for row in rows):
        yield "no-trace: no trace of use since the node was made, which is not proof that it was idle"


IDLE = Definition(
    title="GPUs that are paid for and not used",
    noun="row",
    codes={
        "GPU101": "idle GPU nodes",
        "GPU102": "GPUs held and not used",
        "GPU103": "more GPUs asked for than used",
        "GPU109": "CPU-only work on GPU nodes",
        "PIP124": "Ray clusters that are idle",
    },
    slices=["nodes", "pods"],
    columns=[
        column("node"),
        column("holder", "held by"),
        column("product"),
        column("gpus", "GPUs", "gpus"),
        column("idle", "idle for", "hours"),
        column("basis"),
        column("busy", "busy", "ratio"),
        column("cpu_only", "CPU-only work there", "names"),
        column("blockers", unit="names"),
        column("usd", "USD a month", "usd"),
        column("saving"),
    ],
    rows=_idle,
    beside=["GPU119"],
    order=["-usd"],
    unscoped=True,
    measure="idle hours",
    notes=_idle_notes,
)
