"""
What a stranger's agent sends is checked before it is understood: known names only, and nothing that is large.

One model per tool; the protocol's input schemas are made from them.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reports.query.query import Query

MOST_ROWS = 100
LARGEST = 8192
"""Characters of all arguments of one call, as JSON."""

Word = Annotated[str, Field(max_length=253)]
Severity = Literal["critical", "high", "medium", "low", "info"]


class Arguments(BaseModel):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class OfScan(Arguments):
    """Arguments of a tool that reads one report."""

    scan: Annotated[str, Field(max_length=80, description="'last', or an id of list_scans")] = "last"


class Paged(Arguments):
    """Arguments of a tool that answers in rows."""

    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 20


class OfId(OfScan):
    """One problem or finding."""

    id: Annotated[str, Field(max_length=80, description="p-… or f-…, or its beginning")]


class Evidence(OfId, Paged):
    """Rows of evidence of one problem or finding."""


class Problems(OfScan, Paged):
    """Filters of problems; all that are given must hold."""

    min_severity: Severity | None = None
    owner: Word | None = None
    namespace: Word | None = None
    code: Word | None = None
    state: Literal["new", "persisting", "worse", "better", "recurring"] | None = None


class Findings(OfScan, Paged):
    """Filters of findings; all that are given must hold."""

    min_severity: Severity | None = None
    code: Word | None = None
    concern: Word | None = None
    namespace: Word | None = None
    kind: Word | None = None
    name: Annotated[str, Field(max_length=253, description="object name, * allowed")] | None = None
    problem: Word | None = None
    state: Literal["active", "recovered", "chronic"] | None = None


class Asked(OfScan, Paged):
    """A question in words, or the query that it means."""

    question: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    query: Query | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.question is None) == (self.query is None):
            raise ValueError("give either a question or a query")
        return self


class Compared(Paged):
    """Two scans, the earlier one first."""

    old: Annotated[str, Field(max_length=80)]
    new: Annotated[str, Field(max_length=80)] = "last"


class OfScanPaged(OfScan, Paged):
    """One report, in rows."""


class OfCode(Arguments):
    """One check."""

    code: Annotated[str, Field(max_length=20, description="such as OOM102")]


def schema_of(arguments: type[Arguments]) -> dict[str, Any]:
    """
    The JSON schema of a tool's input, short: without the titles and descriptions that our models carry for us, and
    without ``null`` for what may be left out.
    """
    schema: dict[str, Any] = _short(arguments.model_json_schema())
    return schema


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(item) for item in value]
    if not isinstance(value, dict):
        return value
    choices = [item for item in value.get("anyOf", ()) if item != {"type": "null"}]
    if len(choices) == 1:  # a field that may be left out
        return _short(choices[0] | {k: v for k, v in value.items() if k in ("description",)})
    of_model = "properties" in value or "enum" in value
    left_out = {"title", "default", "anyOf" if not choices else "", "description" if of_model else ""}
    return {
        key: {name: _short(item) for name, item in inner.items()}
        if key in ("properties", "$defs")
        else _short(inner)
        for key, inner in value.items()
        if key not in left_out
    }
