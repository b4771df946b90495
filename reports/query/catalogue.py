"""
A view that is declared once can be listed, explained, offered to a model, and run.
"""

from collections.abc import Mapping

from reports.query.definition import Definition
from reports.query.query import Query, View
from reports.query.views.gpu import IDLE, POOLS
from reports.query.views.limits import PRESSURE, QUOTAS
from reports.query.views.memory import EVICTIONS, KILLS
from reports.query.views.network import POLICIES
from reports.query.views.nodes import FAILURES
from reports.query.views.overview import FINDINGS, PROBLEMS, of_checks
from reports.query.views.runs import CRONJOBS, FAILED, IN_A_ROW
from reports.query.views.storage import CLAIMS
from reports.query.views.waiting import PENDING

VIEWS: Mapping[View, Definition] = {
    View.OOM_KILLS: KILLS,
    View.EVICTIONS: EVICTIONS,
    View.GPU_POOLS: POOLS,
    View.IDLE_GPUS: IDLE,
    View.INSTANCE_FIT: of_checks(
        "Instance types that do not fit the work",
        "pool",
        {
            "GPU112": "pools that do not match their work",
            "CLD102": "pools at their maximum",
            "CLD103": "clouds without capacity",
            "CLD114": "spot and on-demand mixed up",
        },
        ["nodes", "pods"],
    ),
    View.PENDING: PENDING,
    View.CLAIMS: CLAIMS,
    View.POLICIES: POLICIES,
    View.NODE_FAILURES: FAILURES,
    View.QUOTAS: QUOTAS,
    View.PRESSURE: PRESSURE,
    View.CRONJOBS: CRONJOBS,
    View.FAILED_RUNS: FAILED,
    View.FAILURES_IN_A_ROW: IN_A_ROW,
    View.OVERDUE_RUNS: of_checks(
        "Runs over their expected duration", "run", {"PIP103": "runs over their expected duration"}, ["pods"]
    ),
    View.SUCCESS_RATE: of_checks(
        "Success of finished runs", "pipeline", {"PIP101": "failed runs of engines"}, ["pods"]
    ),
    View.RETRY_LOOPS: of_checks(
        "Retry loops without a ceiling", "step", {"PIP108": "retry loops without a ceiling"}, ["pods"]
    ),
    View.PROBLEMS: PROBLEMS,
    View.FINDINGS: FINDINGS,
}
"""Every view that reads findings, problems or the ledger; the summary and what no scan holds are told elsewhere."""

ELSEWHERE: Mapping[View, str] = {
    View.BAD_DATA: "which task made bad data stands in no object of a cluster",
    View.SCHEMA_DRIFT: "schema drift inside dbt stands in no object of a cluster",
    View.QUERY_TEXT: "a query's text stands in a database, and deepscan reads none",
}
"""What no scan holds, and why; near it are the first failing step, its log and full claims."""

NEAR = "near it: failed runs and their first failing step (PIP101), their logs, full claims (PVC106)"


def codes_of(query: Query) -> frozenset[str] | None:
    """The checks whose findings a query reads; None for all of them."""
    codes: set[str] = set()
    for view in query.views:
        definition = VIEWS.get(view)
        if definition is None:
            if view is View.SUMMARY:
                return None
            continue
        if not definition.codes:
            return None
        codes |= {*definition.codes, *definition.beside}
    return frozenset(codes)


def reads_ledger(query: Query) -> bool:
    """Whether a query reads the GPU-hour ledger."""
    return any(view is View.SUMMARY or (view in VIEWS and VIEWS[view].ledger) for view in query.views)
