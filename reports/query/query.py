"""
A question is only as good as what was understood of it, so that is written down, shown, and run as it stands.

A query names the views it wants (tables of :mod:`reports.query.views`) and the filters that narrow them. The grammar
makes one of common English, a language model may make one of any language; both give this object, and nothing else
of theirs reaches the answer.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scanners.finding import Severity

Name = Annotated[str, Field(min_length=1, max_length=253)]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}\d{3}$")]
YEAR = 366 * 24 * 3600


class View(StrEnum):
    """What is asked for: each is a table with columns, an order and checks of its own."""

    OOM_KILLS = "oom-kills"
    EVICTIONS = "evictions"
    GPU_POOLS = "gpu-pools"
    IDLE_GPUS = "idle-gpus"
    INSTANCE_FIT = "instance-fit"
    PENDING = "pending"
    CLAIMS = "claims"
    POLICIES = "network-policies"
    NODE_FAILURES = "node-failures"
    QUOTAS = "quotas"
    PRESSURE = "node-pressure"
    CRONJOBS = "cronjobs"
    FAILED_RUNS = "failed-runs"
    FAILURES_IN_A_ROW = "failures-in-a-row"
    OVERDUE_RUNS = "overdue-runs"
    SUCCESS_RATE = "success-rate"
    RETRY_LOOPS = "retry-loops"
    PROBLEMS = "problems"
    FINDINGS = "findings"
    SUMMARY = "summary"
    BAD_DATA = "bad-data"
    SCHEMA_DRIFT = "schema-drift"
    QUERY_TEXT = "query-text"


class Order(BaseModel):
    """Another order than the view's own, by one of its columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    descending: bool = False


class Query(BaseModel):
    """
    What is wanted, under which filters. Filters of one kind are alternatives, those of several kinds hold together;
    an empty one does not narrow.

    ``systems`` are engines by their name in the report (``argo-workflows``), ``products`` parts of a GPU product's name
    (``A100``), ``names`` objects, pools and nodes, exact (``*`` stands for any run of characters). ``window_s`` ends at
    the scan's ``now`` and narrows what happened; ``lasting_s`` is how long a state has to last; ``at_least`` and
    ``at_most`` are for the view's own measure: kills, failures in a row, a ratio of 0 to 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    views: Annotated[tuple[View, ...], Field(min_length=1, max_length=4)]
    codes: tuple[Code, ...] = ()
    concerns: tuple[Name, ...] = ()
    namespaces: tuple[Name, ...] = ()
    without_namespaces: tuple[Name, ...] = ()
    kinds: tuple[Name, ...] = ()
    systems: tuple[Name, ...] = ()
    products: tuple[Name, ...] = ()
    names: tuple[Name, ...] = ()
    severity: Severity | None = None
    state: Literal["active", "recovered", "chronic"] | None = None
    window_s: Annotated[int, Field(gt=0, le=YEAR)] | None = None
    lasting_s: Annotated[int, Field(gt=0, le=YEAR)] | None = None
    at_least: Annotated[float, Field(ge=0, le=1e9)] | None = None
    at_most: Annotated[float, Field(ge=0, le=1e9)] | None = None
    columns: tuple[Name, ...] = ()
    order: Order | None = None
    limit: Annotated[int, Field(gt=0, le=10_000)] | None = None
