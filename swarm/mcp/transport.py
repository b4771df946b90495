"""
A server on loopback is open to every program of the machine and to every page in its browser, unless it asks who comes.

How clients reach the server: by the pipes of the process that started it, or by HTTP on 127.0.0.1 with a token that is
made anew at every start. A request that names another host (a rebound name), comes from a page of another origin, or
has no token is refused before anything of it is read.
"""

import hmac
import secrets
import socket
import sys
from typing import Any

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from swarm.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
PATH = "/mcp"
LARGEST_BODY = 64 * 1024


async def over_pipes(server: Server[Any]) -> None:
    """Serve the process that started this one, until it closes our stdin."""
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def over_http(server: Server[Any], port: int) -> None:
    """
    Serve on loopback until interrupted; port 0 takes a free one. Address and token go to stderr, once.

    ConfigurationError where the port is taken.
    """
    with _listening(port) as listener:
        port = listener.getsockname()[1]
        token = secrets.token_urlsafe(32)
        app = gated(server, port, token)
        sys.stderr.write(f"deepscan mcp listens on http://{LOOPBACK}:{port}{PATH}\n")
        sys.stderr.write(
            f"authorization: Bearer {token}\n  (it is shown once, and void when this process ends)\n"
        )
        sys.stderr.flush()
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, log_config=None
        )
        await uvicorn.Server(config).serve(sockets=[listener])


def gated(server: Server[Any], port: int, token: str) -> ASGIApp:
    """The server's application behind the checks of host, origin and token."""
    hosts = [f"{name}:{port}" for name in (LOOPBACK, "localhost")]
    origins = [f"http://{host}" for host in hosts]
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=LARGEST_BODY,
        transport_security=TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins),
        host=LOOPBACK,
    )
    return Gate(inner, hosts, origins, token)


class Gate:
    """Lets in who names this host, comes from no foreign page, and has the token; each header exactly once."""

    def __init__(self, app: ASGIApp, hosts: list[str], origins: list[str], token: str) -> None:
        self._app = app
        self._hosts = {host.encode() for host in hosts}
        self._origins = {origin.encode() for origin in origins}
        self._token = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say why not."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            status, why = refusal
            headers = {"www-authenticate": "Bearer"} if status == 401 else {}
            await PlainTextResponse(f"{why}\n", status, headers)(scope, receive, send)
        elif scope["type"] in ("http", "lifespan"):
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        sent: dict[bytes, list[bytes]] = {b"host": [], b"origin": [], b"authorization": []}
        for name, value in scope["headers"]:
            if name in sent:
                sent[name].append(value)
        hosts, origins, tokens = sent.values()
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, "this server is not that host"
        if origins and (len(origins) > 1 or origins[0] not in self._origins):
            return 403, "pages of another origin may not ask"
        if len(tokens) != 1 or not hmac.compare_digest(tokens[0], self._token):
            return 401, "the token that stands on the server's stderr is needed: Authorization: Bearer TOKEN"
        return None


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            "the server cannot listen",
            where=f"{LOOPBACK}:{port}",
            cause=error.strerror or "",
            mend="choose another port, or 0 for a free one",
        ) from None
    return listener
