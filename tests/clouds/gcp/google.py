"""
Google on the loopback: the container API over gRPC, Compute over REST, and the token endpoint of a service account.

Everything that arrives is recorded. A method or path that is no read is recorded too, and answered as Google would
answer one that does not exist.
"""

import asyncio
import itertools
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud import container_v1
from google.protobuf import duration_pb2
from google.protobuf.json_format import ParseDict
from google.rpc import error_details_pb2, status_pb2

from tests.clouds.gcp.front import Front
from tests.clouds.gcp.masks import masked, parsed

SERVICE = "/google.container.v1.ClusterManager/"
Json = dict[str, Any]


class Seen(NamedTuple):
    """One request: `ListClusters` or `GET aggregated/disks`, with its parameters and the token that it showed."""

    what: str
    parameters: Json
    token: str


class Google:
    """A project's APIs; `await start()` and `await stop()` on the loop of the test."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.ports = (0, 0)
        """Of gRPC and of HTTP, behind the one that :attr:`url` names."""
        self.clusters: list[Json] = []
        self.missing_zones: list[str] = []
        self.lists: dict[str, dict[str, list[Json]]] = {}
        self.regions: list[Json] = []
        self.unreachables: dict[str, list[str]] = {}
        self.warned: dict[str, Json] = {}
        self.refused: dict[str, tuple[int, str, str]] = {}
        self.silent: set[str] = set()
        self.throttled: Callable[[int], bool] = lambda _: False
        self.retry_seconds: float | None = None
        self.page = 500
        self.breaks_after = math.inf
        self.lifetime = 3600
        self.slow_tokens = 0.0
        self.refuses_logins = False
        self.revoke_at = math.inf
        """After so many requests every token is revoked, once."""
        self.seen: list[Seen] = []
        self.answered_429 = 0
        self.minted: list[str] = []
        self.revoked: set[str] = set()
        self._numbers = itertools.count()
        self._over = asyncio.Event()
        self._grpc: Any = None
        self._http: web.AppRunner | None = None
        self._front: Front | None = None
        self._key = ""

    @property
    def url(self) -> str:
        assert self._front
        return f"http://127.0.0.1:{self._front.port}"

    async def start(self) -> None:
        self._grpc = grpc.aio.server()
        self._grpc.add_generic_rpc_handlers((_Handler(self),))
        grpc_port = self._grpc.add_insecure_port("127.0.0.1:0")
        await self._grpc.start()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._http = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._http.setup()
        site = web.TCPSite(self._http, "127.0.0.1", 0)
        await site.start()
        self.ports = grpc_port, site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self._front = Front(*self.ports)
        await self._front.start()

    async def stop(self) -> None:
        self._over.set()
        if self._front:
            await self._front.stop()
        if self._http:
            await self._http.cleanup()
        if self._grpc:
            await self._grpc.stop(None)

    def service_account(self, folder: Path) -> Path:
        """A key file of an account whose tokens come from here."""
        path = folder / "service-account.json"
        path.write_text(json.dumps({
            "type": "service_account",
            "project_id": self.project,
            "client_email": f"deepscan@{self.project}.iam.gserviceaccount.com",
            "client_id": "1",
            "private_key_id": "1",
            "private_key": _key(),
            "token_uri": f"{self.url}/token",
        }))  # fmt: skip
        return path

    def federation(self, folder: Path) -> Path:
        """A workload's own token is exchanged for one that may become a service account, which is who reads."""
        (folder / "workload.jwt").write_text("a.workload.token")
        path = folder / "federation.json"
        path.write_text(json.dumps({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/sts",
            "service_account_impersonation_url": f"{self.url}/v1/serviceAccounts/deepscan:generateAccessToken",
            "credential_source": {"file": str(folder / "workload.jwt")},
        }))  # fmt: skip
        return path

    def revoke(self) -> None:
        """Every token minted so far is good for nothing from now on."""
        self.revoked.update(self.minted)

    def accepts(self, token: str) -> bool:
        return token in self.minted and token not in self.revoked

    def _see(self, what: str, parameters: Json, token: str) -> None:
        self.seen.append(Seen(what, parameters, token))
        if len(self.seen) >= self.revoke_at:
            self.revoke_at = math.inf
            self.revoke()

    def asked(self) -> list[str]:
        """What was asked for, tokens apart, in the order of its arrival."""
        return [seen.what for seen in self.seen]

    # gRPC

    async def list_clusters(self, request: Any, context: Any) -> Any:
        """`ClusterManager.ListClusters`."""
        metadata = dict(context.invocation_metadata() or ())
        token = metadata.get("authorization", "").removeprefix("Bearer ")
        self._see("ListClusters", {"parent": request.parent}, token)
        if "ListClusters" in self.silent:
            await self._over.wait()
        if not self.accepts(token):
            await context.abort(
                grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials."
            )
        if self.throttled(next(self._numbers)):
            self.answered_429 += 1
            said = "Quota exceeded for quota metric 'Read requests'"
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, said, self._retry_info(said))
        if "ListClusters" in self.refused:
            status, _, message = self.refused["ListClusters"]
            code = {403: grpc.StatusCode.PERMISSION_DENIED, 404: grpc.StatusCode.NOT_FOUND}[status]
            await context.abort(code, message)
        clusters = [_cluster(item) for item in self.clusters]
        return container_v1.ListClustersResponse(clusters=clusters, missing_zones=self.missing_zones)

    def _retry_info(self, said: str) -> tuple[tuple[str, bytes], ...]:
        """The detail by which a server says when to come back."""
        if self.retry_seconds is None:
            return ()
        detail = error_details_pb2.RetryInfo(
            retry_delay=duration_pb2.Duration(nanos=int(self.retry_seconds * 1e9))
        )
        status = status_pb2.Status(code=8, message=said)
        status.details.add().Pack(detail)
        return (("grpc-status-details-bin", status.SerializeToString()),)

    # REST

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path in ("/token", "/sts") or request.path.endswith(":generateAccessToken"):
            return await self._token(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        prefix = f"/compute/v1/projects/{self.project}/"
        operation = request.path.removeprefix(prefix)
        self._see(f"{request.method} {operation}", dict(request.query), token)
        if operation in self.silent:
            await self._over.wait()
        if not self.accepts(token):
            return _error(401, "Request had invalid authentication credentials.", "authError")
        if self.throttled(next(self._numbers)):
            self.answered_429 += 1
            return _error(429, "Rate limit exceeded", "rateLimitExceeded", {"Retry-After": "0"})
        if operation in self.refused:
            status, reason, message = self.refused[operation]
            return _error(status, message, reason)
        if request.method != "GET" or not request.path.startswith(prefix):
            return _error(404, "not found", "notFound")
        return self._listed(operation, request)

    def _listed(self, operation: str, request: web.Request) -> web.Response:
        query = request.query
        try:
            mask = parsed(query["fields"]) if "fields" in query else {}
        except ValueError as wrong:
            return _error(400, str(wrong), "invalidParameter")
        start = int(query.get("pageToken", "0"))
        size = min(self.page, int(query.get("maxResults", "500")))
        if start >= self.breaks_after:
            return _error(500, "backend error", "backendError")
        if operation == "regions":
            body: Json = {"items": self.regions[start : start + size]}
            total = len(self.regions)
        else:
            key = operation.removeprefix("aggregated/")
            if key not in self.lists:
                return _error(404, "not found", "notFound")
            body, total = self._aggregated(key, start, size, query.get("filter", ""))
        if start + size < total:
            body["nextPageToken"] = str(start + size)
        if self.unreachables.get(operation):
            body["unreachables"] = self.unreachables[operation]
        return web.json_response(masked(body, mask))

    def _aggregated(self, key: str, start: int, size: int, wanted: str) -> tuple[Json, int]:
        """A page counts objects over all scopes; each scope that has none on it says so."""
        label = wanted.removeprefix("labels.").removesuffix(":*")
        flat = [
            (scope, item)
            for scope, items in sorted(self.lists[key].items())
            for item in items
            if not label or label in item.get("labels", {})
        ]
        body: Json = {"kind": f"compute#{key}AggregatedList", "items": {}}
        for scope in self.lists[key]:
            body["items"][scope] = {
                "warning": {"code": "NO_RESULTS_ON_PAGE", "message": f"no results for {scope}"}
            }
        for scope, item in flat[start : start + size]:
            body["items"][scope].pop("warning", None)
            body["items"][scope].setdefault(key, []).append(item)
        for scope, warning in self.warned.items():
            body["items"].setdefault(scope, {})["warning"] = warning
        return body, len(flat)

    async def _token(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.slow_tokens)
        if self.refuses_logins:
            return web.json_response({"error": "invalid_grant", "error_description": "deleted"}, status=400)
        if request.path == "/sts":
            form = await request.post()
            assert form["subject_token"] == "a.workload.token"
            return web.json_response({
                "access_token": "exchanged", "expires_in": 3600, "token_type": "Bearer",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            })  # fmt: skip
        token = f"ya29.minted-{len(self.minted)}"
        self.minted.append(token)
        if request.path != "/token":
            assert request.headers["Authorization"] == "Bearer exchanged"
            until = datetime.now(UTC) + timedelta(seconds=self.lifetime)
            return web.json_response(
                {"accessToken": token, "expireTime": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
            )
        return web.json_response({"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"})


class _Handler(grpc.GenericRpcHandler):
    """Serves the one read; whatever else is called was asked for and is told in `seen`."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def service(self, details: Any) -> Any:
        method = details.method.removeprefix(SERVICE)
        if method != "ListClusters":
            self._google.seen.append(Seen(method, {}, ""))
            return None
        return grpc.unary_unary_rpc_method_handler(
            self._google.list_clusters,
            request_deserializer=container_v1.ListClustersRequest.deserialize,
            response_serializer=container_v1.ListClustersResponse.serialize,
        )


def _cluster(item: Json) -> Any:
    cluster = container_v1.Cluster()
    ParseDict(item, container_v1.Cluster.pb(cluster))
    return cluster


def _error(status: int, message: str, reason: str, headers: dict[str, str] | None = None) -> web.Response:
    error = {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}
    return web.json_response({"error": error}, status=status, headers=headers)


def _key(kept: list[str] = []) -> str:  # noqa: B006 - one key for the whole run: making it takes a while
    if not kept:
        private = rsa.generate_private_key(65537, 2048)
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        kept.append(private.private_bytes(serialization.Encoding.PEM, *form).decode())
    return kept[0]
