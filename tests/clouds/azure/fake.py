"""
An Azure on the loopback: a resource manager over http that lists what it is given, in pages, to whoever shows a token
that its Entra ID (over TLS, as the SDK demands) has minted. It keeps every request, and knows no way to
change anything.
"""

import asyncio
import base64
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import yaml
from aiohttp import web

from tests.clouds.azure.items import SUBSCRIPTION
from tests.cluster.pki import Authority

TENANT = "99999999-8888-7777-6666-555555555555"
CLIENT = "12121212-3434-5656-7878-909090909090"
SECRET = "a-secret-of-the-test"
ARM_SCOPE = "https://management.azure.com/.default"
AKS_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default"

Answer = tuple[int, dict[str, Any], dict[str, str]]
Item = dict[str, Any]


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    token: str


@dataclass
class Fault:
    """What goes wrong with requests whose path and query match: an answer, or silence of ``seconds``."""

    match: str
    status: int = 500
    code: str = "InternalServerError"
    message: str = "it failed"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    times: int = -1
    seconds: float = 0.0

    def meets(self, path: str) -> bool:
        """Whether it is this request's turn."""
        if self.times == 0 or not re.search(self.match, path, re.IGNORECASE):
            return False
        self.times -= 1
        return True

    @property
    def answer(self) -> Answer:
        """The answer as ARM words it."""
        body = self.body if self.body is not None else {"error": {"code": self.code, "message": self.message}}
        return self.status, body, self.headers


@dataclass
class Minted:
    """A token that Entra ID gave."""

    scope: str
    revoked: bool = False


class FakeAzure:
    """
    ``with FakeAzure(authority) as azure:``, whose Entra ID shows a certificate of that authority. It runs in a
    thread of its own, for this process and for others.
    """

    def __init__(self, authority: Authority) -> None:
        self.lists: dict[str, list[Item]] = {}
        self.kubeconfigs: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.token_requests: list[str] = []
        self.minted: dict[str, Minted] = {}
        self.page = 2
        self.next_host = ""
        self.authenticates = True
        self.delay: Callable[[str], float] = lambda _: 0.0
        self._pair = authority.server("entra")
        self.ca_file = authority.certificate
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="fake-azure", daemon=True)
        self._ready = threading.Event()
        self.resource_manager = ""
        self.authority = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def put(self, path: str, *items: Item) -> None:
        """What a list below the subscription holds."""
        self.lists[path.lower()] = list(items)

    def enter(self, cluster: str, server: str, authority: str, user: dict[str, Any]) -> None:
        """The kubeconfig that users of a cluster (by its id) are given."""
        data = base64.b64encode(authority.encode()).decode()
        self.kubeconfigs[cluster.lower()] = yaml.safe_dump({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority-data": data}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        })  # fmt: skip

    def revoke_all(self) -> None:
        """From now on no token that is out there is good for anything."""
        for token in self.minted.values():
            token.revoked = True

    def knows(self, token: str, scope: str) -> bool:
        """Whether a token was minted for a scope, and is good."""
        minted = self.minted.get(token)
        return minted is not None and minted.scope == scope and not minted.revoked

    def not_reads(self) -> list[Request]:
        """Requests that were neither GETs nor the one POST that reads."""
        return [
            each
            for each in self.requests
            if each.method != "GET"
            and not (each.method == "POST" and each.path.lower().endswith("/listclusterusercredential"))
        ]

    def asked(self, part: str) -> list[Request]:
        """Requests whose path has a part, in whatever case."""
        return [each for each in self.requests if part.lower() in each.path.lower()]

    def environment(self) -> dict[str, str]:
        """Variables by which the SDK's chain logs in here, and in no other way."""
        return {
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
            "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
            "SSL_CERT_FILE": str(self.ca_file),
        }

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runners = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        for runner in runners:
            self._loop.run_until_complete(runner.cleanup())

    async def _start(self) -> list[web.AppRunner]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._pair.certificate, self._pair.key)
        arm, self.resource_manager = await _site(self._arm, None)
        entra, self.authority = await _site(self._entra, context)
        return [arm, entra]

    async def _entra(self, request: web.Request) -> web.Response:
        form = await request.post()
        scope = str(form.get("scope", ""))
        self.token_requests.append(scope)
        if request.path != f"/{TENANT}/oauth2/v2.0/token" or form.get("client_secret") != SECRET:
            told = {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
            }
            return web.json_response(told, status=401)
        token = f"token-{len(self.minted)}"
        self.minted[token] = Minted(scope)
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": token})

    async def _arm(self, request: web.Request) -> web.Response:
        path = unquote(request.path)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.requests.append(Request(request.method, path, dict(request.query), token))
        await asyncio.sleep(self.delay(path))
        if self.authenticates and not self.knows(token, ARM_SCOPE):
            told = {
                "error": {"code": "InvalidAuthenticationToken", "message": "The access token is invalid."}
            }
            challenge = 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token"'
            return web.json_response(told, status=401, headers={"WWW-Authenticate": challenge})
        for fault in self.faults:
            if fault.meets(f"{path}?{request.query_string}"):
                if fault.seconds:
                    await asyncio.sleep(fault.seconds)
                return _answer(*fault.answer)
        return _answer(*self._told(request, path))

    def _told(self, request: web.Request, path: str) -> Answer:
        base = f"/subscriptions/{SUBSCRIPTION}"
        if request.method == "POST" and path.lower().endswith("/listclusterusercredential"):
            text = self.kubeconfigs.get(path.lower().removesuffix("/listclusterusercredential"), "")
            value = base64.b64encode(text.encode()).decode()
            return 200, {"kubeconfigs": [{"name": "clusterUser", "value": value}]}, {}
        if request.method != "GET":
            return 403, {"error": {"code": "AuthorizationFailed", "message": "nobody changes anything"}}, {}
        if not request.query.get("api-version"):
            told = {"error": {"code": "MissingApiVersionParameter", "message": "the api-version is required"}}
            return 400, told, {}
        if path.lower() == base:
            return (
                200,
                {"id": base, "subscriptionId": SUBSCRIPTION, "displayName": "ML", "state": "Enabled"},
                {},
            )
        items = self.lists.get(path.lower().removeprefix(f"{base}/"))
        if items is None or not path.lower().startswith(f"{base}/"):
            return (
                404,
                {"error": {"code": "SubscriptionNotFound", "message": f"{path} could not be found."}},
                {},
            )
        return 200, self._one_page(request, path, items), {}

    def _one_page(self, request: web.Request, path: str, items: list[Item]) -> dict[str, Any]:
        start = int(request.query.get("$skiptoken", "0"))
        answer: dict[str, Any] = {"value": items[start : start + self.page]}
        if start + self.page < len(items):
            host = self.next_host or f"http://{request.host}"
            query = {**request.query, "$skiptoken": str(start + self.page)}
            answer["nextLink"] = f"{host}{path}?" + "&".join(f"{key}={value}" for key, value in query.items())
        return answer


def _answer(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    text = body if isinstance(body, str) else json.dumps(body)
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)


async def _site(
    handler: Callable[[web.Request], Any], context: ssl.SSLContext | None
) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    return runner, f"{'https' if context else 'http'}://127.0.0.1:{port}"


def in_group(group: str, provider: str, *more: str) -> str:
    """The path of a list in a resource group."""
    return "/".join(["resourceGroups", group, "providers", provider, *more])


def flat(items: Iterable[Iterable[Item]]) -> list[Item]:
    """All items of several lists."""
    return [item for several in items for item in several]
