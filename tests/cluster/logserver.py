"""
`pods/log` is answered by the kubelet, and there is no kubelet: the API server is sent here instead.

Every simulated node's address is `InternalDNS: localhost` and its daemon port is this server's, so one server
speaks for all nodes. It serves what a test has set for a container, and nothing where nothing was set.
"""

import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from .pki import KeyPair


@dataclass(frozen=True)
class LogKey:
    """Which log: a container of a pod, of this run or of the one before."""

    namespace: str
    pod: str
    container: str
    previous: bool = False


class LogServer:
    """The kubelet's `containerLogs` endpoint for every node; texts are lines, optionally with their times."""

    def __init__(self, pair: KeyPair) -> None:
        self._texts: dict[LogKey, str] = {}
        handler = type("Handler", (_Handler,), {"texts": self._texts})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="log-server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()

    def set(self, namespace: str, pod: str, container: str, text: str, previous: bool = False) -> None:
        """
        Sets what a container wrote. A line may start with an RFC 3339 time and a space, as the container
        runtime keeps it: it is shown when the caller asks for timestamps and taken away when not.
        """
        self._texts[LogKey(namespace, pod, container, previous)] = text


class _Handler(BaseHTTPRequestHandler):
    texts: dict[LogKey, str]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        parts = [unquote(part) for part in address.path.strip("/").split("/")]
        if len(parts) != 4 or parts[0] != "containerLogs":
            self._answer(404, "404 page not found\n")
            return
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        key = LogKey(parts[1], parts[2], parts[3], query.get("previous") == "true")
        text = self.texts.get(key)
        if text is None and key.previous:
            message = f'previous terminated container "{key.container}" in pod "{key.pod}" not found'
            self._answer(400, message)
        else:
            self._answer(200, _select(text or "", query))

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: a test's output is not the place for access lines."""


def _select(text: str, query: dict[str, str]) -> str:
    """The part of a log that `tailLines`, `limitBytes` and `timestamps` ask for."""
    lines = text.splitlines(keepends=True)
    if (tail := query.get("tailLines")) is not None:
        lines = lines[-int(tail) :] if int(tail) else []
    if query.get("timestamps") != "true":
        lines = [_without_time(line) for line in lines]
    selected = "".join(lines)
    limit = query.get("limitBytes")
    return selected if limit is None else selected.encode()[: int(limit)].decode(errors="ignore")


def _without_time(line: str) -> str:
    first, space, rest = line.partition(" ")
    timed = space and len(first) >= 20 and first[4] == "-" and first[10] == "T" and first.endswith("Z")
    return rest if timed else line
