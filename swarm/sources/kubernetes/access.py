"""
"It works with my kubeconfig" is found out at two in the morning, by the nightly scan; an API server tells
beforehand what an identity may do.

Each slice is asked for as a scan would ask: may it be listed (a SelfSubjectAccessReview: the authorizer's own
answer, webhooks included), in the whole cluster or namespace by namespace; where it may, one object of it is
listed, which shows that the kind answers, and how many of it there are. Nothing is stored, nothing else is read.
"""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterable, Sequence
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import NAMESPACES, POD_LOGS, Slice
from scanners.semantics.split_secrets import redact_text
from swarm.errors import BadBody, DeepscanError, Forbidden, NotServed
from swarm.sources.kubernetes.connection import Connection
from swarm.sources.kubernetes.discovery import Served, list_path
from swarm.sources.kubernetes.listing import state_of
from swarm.sources.kubernetes.powers import EVERYTHING, EXCESS, Power
from swarm.sources.kubernetes.rules import mend_of
from swarm.sources.kubernetes.transport import Transport

T = TypeVar("T")

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
ROUND_TRIPS = 3
NAMESPACES_ASKED = 20
"""Where the whole cluster is refused, so many namespaces are asked about: enough to tell some from none."""
MESSAGE_LIMIT = 300


class _Status(msgspec.Struct):
    allowed: bool
    reason: str | None = None


class _Review(msgspec.Struct):
    status: _Status


class _Page(msgspec.Struct, rename="camel"):
    remaining_item_count: int | None = None
    token: str | None = msgspec.field(default=None, name="continue")


class _Named(msgspec.Struct):
    name: str = ""


class _Item(msgspec.Struct):
    metadata: _Named = msgspec.field(default_factory=_Named)


class _List(msgspec.Struct):
    metadata: _Page = msgspec.field(default_factory=_Page)
    items: list[_Item] | None = None


class Answer(msgspec.Struct, frozen=True):
    """The authorizer's answer, and its reason where it gives one."""

    allowed: bool
    reason: str = ""


class Examination(msgspec.Struct):
    """
    What a scan would meet. ``latency`` in seconds, the median of a few round trips; ``skew`` how many seconds
    the server's clock is ahead of ours (to the second), None if it does not tell; ``excess`` what the
    identity may do and no scan ever does.
    """

    server: str
    latency: float
    skew: float | None
    readings: list[Reading]
    excess: list[str]
    warnings: list[str]


class Examiner:
    """Asks one API server about the identity that asks; the source must be open."""

    def __init__(
        self, transport: Transport, connection: Connection, served: Served | None, narrowed: Sequence[str]
    ) -> None:
        self._transport = transport
        self._connection = connection
        self._served = served
        self._narrowed = tuple(narrowed)
        self._warnings: list[str] = []

    async def examine(self, slices: Iterable[Slice]) -> Examination:
        """
        How each slice would be read. A typed SourceError if the server does not say what the identity may do: then
        nothing can be told.
        """
        latency, skew = await self._clock()
        elsewhere = () if self._narrowed else await self._namespaces()
        read = await asyncio.gather(*(self._slice(slice_, elsewhere) for slice_ in slices))
        gone, excess = await self._unknown_namespaces(), await self._excess()
        return Examination(
            server=self._connection.server,
            latency=latency,
            skew=skew,
            readings=[reading for readings in read for reading in readings],
            excess=excess,
            warnings=[*self._warnings, *gone],
        )

    async def may(self, power: Power, namespace: str = "") -> Answer:
        """The authorizer's answer; no namespace means all of them."""
        asked = {
            "namespace": namespace, "verb": power.verb, "group": power.group,
            "resource": power.resource.partition("/")[0], "subresource": power.resource.partition("/")[2],
        }  # fmt: skip
        question = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in asked.items() if value}},
        }
        try:
            async with self._transport.pace.seat():
                told = await self._transport.review(REVIEW, msgspec.json.encode(question))
        except Forbidden as refused:
            refused.mend = (
                "bind the identity to the ClusterRole system:basic-user, as every cluster does by default"
            )
            raise
        status = _decoded(told, _Review, REVIEW).status
        return Answer(status.allowed, " ".join(redact_text(status.reason or "").split())[:MESSAGE_LIMIT])

    async def _clock(self) -> tuple[float, float | None]:
        """The median round trip, and how far the server's clock is ahead."""
        took = []
        for _ in range(ROUND_TRIPS):
            began = time.monotonic()
            with contextlib.suppress(Forbidden, NotServed):  # which are answers all the same
                await self._transport.read("/version")
            took.append(time.monotonic() - began)
        try:
            server = parsedate_to_datetime(self._transport.server_date).timestamp()
        except (TypeError, ValueError):
            return statistics.median(took), None
        ahead = server - time.time()
        return statistics.median(took), 0.0 if -1 <= ahead <= 1 else float(round(ahead))

    async def _namespaces(self) -> Sequence[str]:
        """Where a scan would look if the whole cluster is refused: all namespaces, else the context's."""
        path = list_path(NAMESPACES, self._served)
        power = Power("list", "", "namespaces")
        if path is None or not (await self.may(power)).allowed:
            return (self._connection.namespace,)
        found = await self._list(path, NAMESPACES_ASKED)
        if found.metadata.token:
            self._warnings.append(
                f"where the whole cluster is refused, {NAMESPACES_ASKED} namespaces stand for all of them"
            )
        return [item.metadata.name for item in found.items or ()] or (self._connection.namespace,)

    async def _slice(self, slice_: Slice, elsewhere: Sequence[str]) -> list[Reading]:
        if self._narrowed and slice_.namespaced:
            return [await self._scope(slice_, name) for name in self._narrowed]
        whole = await self._scope(slice_, "")
        if not slice_.namespaced or whole.state is not SliceState.DENIED:
            return [whole]
        return [whole, *[await self._scope(slice_, name) for name in elsewhere]]

    async def _scope(self, slice_: Slice, namespace: str) -> Reading:
        """How the slice would be read in one namespace, or in all of them."""
        scope = f"namespace/{namespace}" if namespace else "cluster"
        path = list_path(slice_, self._served, namespace)
        permission = slice_.permission
        if path is None or permission is None:
            detail = "the API server does not serve it"
            return Reading(slice_.name, SliceState.ABSENT, scope, detail=detail)
        power = Power(permission.verbs[-1], permission.group, permission.resource)
        answer = await self.may(power, namespace)
        if not answer.allowed:
            where = f"in namespace {namespace}" if namespace else "in the whole cluster"
            told = f"the identity may not {power.verb} {power.resource} {where}"
            detail = f"{told} ({answer.reason})" if answer.reason else told
            mend = mend_of(slice_, namespace)
            return Reading(slice_.name, SliceState.DENIED, scope, detail=detail, mend=mend)
        if slice_ == POD_LOGS:
            return Reading(slice_.name, SliceState.COMPLETE, scope)
        try:
            found = await self._list(path, 1)
        except DeepscanError as error:
            mend = mend_of(slice_, namespace) if isinstance(error, Forbidden) else error.mend
            return Reading(slice_.name, state_of(error), scope, detail=error.sentence, mend=mend)
        counted = len(found.items or ()) + (found.metadata.remaining_item_count or 0)
        unknown = bool(found.metadata.token) and found.metadata.remaining_item_count is None
        detail = "how many is not told" if unknown else ""
        return Reading(slice_.name, SliceState.COMPLETE, scope, counted, detail)

    async def _list(self, path: str, limit: int) -> _List:
        async with self._transport.pace.seat():
            told = await self._transport.get(path, {"limit": str(limit)}, lambda body: body.whole())
        return _decoded(told, _List, path)

    async def _unknown_namespaces(self) -> list[str]:
        """Namespaces that were asked for and are not there: every right in them is a right to nothing."""
        gone = []
        for name in self._narrowed:
            try:
                await self._transport.read(f"/api/v1/namespaces/{name}")
            except NotServed:
                gone.append(f"there is no namespace {name}")
            except Forbidden:  # who may not see namespaces cannot know
                continue
        return gone

    async def _excess(self) -> list[str]:
        """What the identity may do that no scan does: in the whole cluster, and in the named namespaces."""
        if (await self.may(EVERYTHING)).allowed:
            return [str(EVERYTHING)]
        asked = [(power, scope) for power in EXCESS for scope in ("", *self._narrowed)]
        answers = await asyncio.gather(*(self.may(power, scope) for power, scope in asked))
        held = [pair for pair, answer in zip(asked, answers, strict=True) if answer.allowed]
        return [
            f"{power} in namespace {scope}" if scope else str(power)
            for power, scope in held
            if not scope or (power, "") not in held
        ]


def _decoded(text: bytes, type_: type[T], where: str) -> T:
    try:
        return msgspec.json.decode(text, type=type_)
    except msgspec.DecodeError as error:
        raise BadBody("the answer is not what the API promises", where=where, cause=str(error)) from error
