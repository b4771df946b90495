"""An API server for tests: real TLS, real paging, and every kind of bad day on demand."""

import asyncio
import gzip
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.cluster.pki import Authority

Json = dict[str, Any]
TOKEN = "good-token"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("v1", (
        "pods", "nodes", "events", "namespaces", "services", "persistentvolumeclaims", "persistentvolumes",
        "resourcequotas",
    )),
    "apps": ("v1", ("deployments", "replicasets", "statefulsets", "daemonsets")),
    "batch": ("v1", ("jobs", "cronjobs")),
    "policy": ("v1", ("poddisruptionbudgets",)),
}  # fmt: skip


class FakeApi:
    """
    Objects by plural; ``denied`` plurals (``pods`` or ``pods@ml`` or ``pods@``) get a 403; ``before`` may
    answer first; ``powers`` (``delete pods``) are what the identity may do beside reading.
    """

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.objects: dict[str, list[Json]] = {"namespaces": [item("kube-system", uid="cluster-uid")]}
        self.denied: set[str] = set()
        self.powers: set[str] = set()
        self.tokens = {TOKEN}
        self.requests: list[web.Request] = []
        self.before: Callable[[web.Request], web.StreamResponse | None] = lambda _: None
        self.aggregated = True
        self.truncate: Callable[[web.Request], int] = lambda _: 0
        self.delay = 0.0
        self.in_flight = self.most_in_flight = 0
        self.logs: dict[tuple[str, str, bool], str] = {}
        self.client_authority = False
        self.peers: list[Any] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        pair = self.authority.server("api")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        if self.client_authority:
            context.load_verify_locations(self.authority.certificate)
            context.verify_mode = ssl.CERT_REQUIRED
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.delay)
            return await self._answer(request)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        self.peers.append(request.transport.get_extra_info("peercert"))
        early = self.before(request)
        if early is not None:
            return early
        if request.method != "GET" and request.path != REVIEW:
            return status(405, "only reads are expected here")
        if not self.client_authority and request.headers.get("Authorization") not in {
            f"Bearer {t}" for t in self.tokens
        }:
            return status(401, "Unauthorized")
        if request.path == REVIEW:
            return await self._review(request)
        parts = request.path.strip("/").split("/")
        if request.path == "/version":
            return web.json_response({"gitVersion": "v1.35.4"})
        if (
            len(parts) == 1
            or (len(parts) == 2 and parts[0] == "api")
            or (len(parts) == 3 and parts[0] == "apis")
        ):
            return self._discovery(request, parts)
        return await self._resource(request, parts)

    async def _review(self, request: web.Request) -> web.Response:
        """As an authorizer that lets everybody read what is not denied, and do what stands in ``powers``."""
        if "reviews" in self.denied:
            return status(403, "selfsubjectaccessreviews is forbidden")
        question = await request.json()
        asked = question["spec"]["resourceAttributes"]
        resource, namespace = asked["resource"], asked.get("namespace", "")
        if asked["verb"] == "list" and resource != "secrets":
            allowed = not {resource, f"{resource}@{namespace}"} & self.denied
        elif asked.get("subresource") == "log":
            allowed = f"log@{namespace}" not in self.denied
        else:
            right = f"{asked['verb']} {'/'.join(filter(None, [resource, asked.get('subresource')]))}"
            allowed = bool({right, f"{right}@{namespace}"} & self.powers)
        told = {"allowed": True} if allowed else {"allowed": False, "reason": "no rule for jane"}
        return web.json_response({**question, "status": told}, status=201)

    def _discovery(self, request: web.Request, parts: list[str]) -> web.Response:
        if "discovery" in self.denied:
            return status(403, "discovery is forbidden")
        core = parts[0] == "api"
        groups = {name: found for name, found in GROUPS.items() if (name == "") == core}
        if len(parts) > 1:
            name, version = ("", parts[1]) if core else (parts[1], parts[2])
            found = groups.get(name)
            if found is None or found[0] != version:
                return status(404, "no such group")
            return web.json_response(
                {"kind": "APIResourceList", "resources": [{"name": each} for each in found[1]]}
            )
        if self.aggregated and "APIGroupDiscoveryList" in request.headers["Accept"]:
            return web.json_response(
                {"kind": "APIGroupDiscoveryList", "items": [_group(*each) for each in groups.items()]}
            )
        if core:
            return web.json_response({"kind": "APIVersions", "versions": ["v1"]})
        listed = [
            {
                "name": name,
                "versions": [{"version": "v0"}, {"version": found[0]}],
                "preferredVersion": {"version": found[0]},
            }
            for name, found in groups.items()
        ]
        return web.json_response({"kind": "APIGroupList", "groups": listed})

    async def _resource(self, request: web.Request, parts: list[str]) -> web.StreamResponse:
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        if rest[-1] == "log":
            return self._log(request, namespace, rest[1])
        plural = rest[0]
        if {plural, f"{plural}@{namespace}"} & self.denied:
            where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            return status(403, f'{plural} is forbidden: User "jane" cannot list resource "{plural}" {where}')
        found = [
            o
            for o in self.objects.get(plural, [])
            if not namespace or o["metadata"].get("namespace") == namespace
        ]
        if len(rest) == 2:
            named = [each for each in found if each["metadata"]["name"] == rest[1]]
            return web.json_response(named[0]) if named else status(404, "not found")
        return await self._list(request, found)

    def _log(self, request: web.Request, namespace: str, pod: str) -> web.Response:
        if f"log@{namespace}" in self.denied:
            return status(403, "pods/log is forbidden")
        text = self.logs.get((pod, request.query["container"], request.query.get("previous") == "true"))
        return (
            status(400, "previous terminated container not found")
            if text is None
            else web.Response(text=text)
        )

    async def _list(self, request: web.Request, found: list[Json]) -> web.StreamResponse:
        start, limit = int(request.query.get("continue", "0")), int(request.query["limit"])
        left = len(found) - start - limit
        more = {"continue": str(start + limit), "remainingItemCount": left} if left > 0 else {}
        page = {"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "9", **more},
                "items": found[start : start + limit]}  # fmt: skip
        body = json.dumps(page, separators=(",", ":")).encode() + b"\n"
        response = web.StreamResponse()
        if request.headers["Accept-Encoding"] == "gzip" and len(body) > 2000:
            body = gzip.compress(body, 1)
            response.headers["Content-Encoding"] = "gzip"
        missing = self.truncate(request)
        await response.prepare(request)
        for at in range(0, len(body) - missing, 5000):
            await response.write(body[at : min(at + 5000, len(body) - missing)])
        await response.write_eof()
        return response


def item(name: str, namespace: str = "", uid: str = "", **rest: Any) -> Json:
    metadata = {
        "name": name,
        "uid": uid or f"uid-{namespace}-{name}",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return {"metadata": {**metadata, **({"namespace": namespace} if namespace else {})}, **rest}


def status(code: int, message: str, headers: dict[str, str] | None = None, resume: str = "") -> web.Response:
    metadata = {"continue": resume} if resume else {}
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": metadata,
        "status": "Failure",
        "message": message,
        "code": code,
    }
    return web.json_response(body, status=code, headers=headers)


def kubeconfig(folder: Path, api: FakeApi, user: Json | None = None, cluster: Json | None = None) -> Path:
    """A kubeconfig with one context ``here``."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"server": api.url, "certificate-authority": str(api.authority.certificate), **(cluster or {})}
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "ml"}}],
        "clusters": [{"name": "c", "cluster": {k: v for k, v in given.items() if v is not None}}],
        "users": [{"name": "u", "user": user if user is not None else {"token": TOKEN}}],
    }  # fmt: skip
    path = folder / "config"
    path.write_text(json.dumps(config))
    return path


def _group(name: str, found: tuple[str, tuple[str, ...]]) -> Json:
    resources = [{"resource": each, "verbs": ["get", "list"]} for each in found[1]]
    return {
        "metadata": {"name": name} if name else {},
        "versions": [{"version": found[0], "resources": resources}],
    }
