"""
A managed cluster trusts its cloud to say who a token is, so behind each test account stand API servers that ask it.

`ApiServer` is a real kube-apiserver on the loopback with an etcd of its own. It authenticates bearer tokens by a
webhook of the test, which is handed each token and names its user, or nobody. No controllers and no scheduler run:
what stands in it was applied as it is, statuses too.
"""

import json
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from swarm.cli.roles import cluster_role
from tests.cluster import commands
from tests.cluster.build import Programs
from tests.cluster.client import MERGE_PATCH, ApiError, Client, Json, wait_until
from tests.cluster.pki import Authority
from tests.cluster.process import Process, free_ports

ADMINISTRATORS = "system:masters"
REMEMBERED_SECONDS = 10.0
"""How long the API server takes a token for good without asking again; it cannot be told otherwise."""

NO_ADMISSION = "ServiceAccount,TaintNodesByCondition"
"""The two would ask for what controllers make, or change nodes that nobody would ever make ready."""


@dataclass(frozen=True)
class User:
    """Whom a token is, in the eyes of the cluster."""

    name: str
    groups: tuple[str, ...] = ()


Authenticate = Callable[[str], User | None]
"""The user of a bearer token; None for a token that is good for nothing."""

READER = User("deepscan", ("deepscan:readers",))
"""Who may read what deepscan's own ClusterRole lets it."""


@dataclass
class Webhook:
    """Answers the API server's TokenReviews by `authenticate`; `accepted` and `refused` keep the tokens it saw."""

    authenticate: Authenticate
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        handler = type("Handler", (_Review,), {"webhook": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="token-webhook", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/authenticate"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()

    def answer(self, review: dict[str, Any]) -> dict[str, Any]:
        """The TokenReview with its status."""
        token = review["spec"]["token"]
        user = self.authenticate(token)
        (self.refused if user is None else self.accepted).append(token)
        status: dict[str, Any] = {"authenticated": user is not None}
        if user is not None:
            status["user"] = {"username": user.name, "uid": user.name, "groups": list(user.groups)}
        return {"apiVersion": review["apiVersion"], "kind": "TokenReview", "status": status}


class ApiServer:
    """A cluster's API; `with ApiServer(programs, authenticate) as server:` starts and ends it."""

    def __init__(self, programs: Programs, authenticate: Authenticate) -> None:
        self._programs = programs
        self._processes: list[Process] = []
        self._folder = Path(tempfile.mkdtemp(prefix="deepscan-cloud-"))
        self._pki = Authority(self._folder / "pki")
        self._audit_log = self._folder / "audit.log"
        etcd, peer, port = free_ports(3)
        self._ports = commands.Ports(etcd, peer, port, 0, 0)
        self.webhook = Webhook(authenticate)
        self.port = port
        self.url = f"https://127.0.0.1:{port}"
        self.authority = self._pki.certificate.read_text()
        """Its CA as PEM, as a cloud tells it of a cluster."""
        self.client = self._client("admin", (ADMINISTRATORS,))

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts etcd and the API server, and lets the group of `READER` read what deepscan reads."""
        self.webhook.start()
        etcd = commands.etcd(self._programs, self._folder, self._ports)
        self._run("etcd", etcd)
        keys = commands.Identity(
            self._pki.certificate,
            self._pki.server("server"),
            self._pki.client("kubelet-client", (ADMINISTRATORS,)),
            self._pki.signing_key("service-accounts"),
        )
        command = commands.api_server(self._programs, self._folder, self._ports, keys, self._audit_log)
        self._run("kube-apiserver", [
            *command,
            f"--authentication-token-webhook-config-file={self._webhook_file()}",
            "--authentication-token-webhook-version=v1",
            "--authentication-token-webhook-cache-ttl=0s",
            f"--disable-admission-plugins={NO_ADMISSION}",
        ])  # fmt: skip
        wait_until(self._ready, "the API server is ready", seconds=60, pause=0.05)
        self._let_read(READER.groups[0])

    def stop(self) -> None:
        """Ends both servers and removes their folder; may be called twice."""
        for process in reversed(self._processes):
            process.kill()
        self._processes.clear()
        self.webhook.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def apply_all(self, objects: Iterable[Json]) -> None:
        """Makes the objects as given, each with its status; namespaces that they name are made first."""
        for item in objects:
            namespace = item["metadata"].get("namespace")
            if namespace:
                self.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
            self.client.apply({key: value for key, value in item.items() if key != "status"})
            if "status" in item:
                self.client.patch_status(item, item["status"], MERGE_PATCH)

    def uid(self) -> str:
        """The uid of kube-system, by which deepscan knows a cluster."""
        return str(self.client.get("v1", "Namespace", "kube-system")["metadata"]["uid"])

    def requests_of(self, user: str) -> list[tuple[str, str]]:
        """Verb and path of every finished request of a user, oldest first."""
        events = [json.loads(line) for line in self._audit_log.read_text().splitlines() if line.endswith("}")]
        return [
            (event["verb"], event["requestURI"]) for event in events if event["user"].get("username") == user
        ]

    def _let_read(self, group: str) -> None:
        role = yaml.safe_load(cluster_role("deepscan", {}))
        self.client.apply(role)
        self.client.apply({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "deepscan"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "deepscan"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}],
        })  # fmt: skip

    def _webhook_file(self) -> Path:
        path = self._folder / "webhook.yaml"
        path.write_text(yaml.safe_dump({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": {"server": self.webhook.url}}],
            "users": [{"name": "api-server", "user": {}}],
            "contexts": [{"name": "webhook", "context": {"cluster": "test", "user": "api-server"}}],
            "current-context": "webhook",
        }))  # fmt: skip
        return path

    def _client(self, user: str, groups: tuple[str, ...]) -> Client:
        pair = self._pki.client(user, groups)
        context = ssl.create_default_context(cafile=str(self._pki.certificate))
        context.load_cert_chain(pair.certificate, pair.key)
        return Client(self.url, context)

    def _run(self, name: str, command: list[str]) -> None:
        self._processes.append(Process(name, command, self._folder / f"{name}.log"))

    def _ready(self) -> bool:
        for process in self._processes:
            process.check()
        try:
            return self.client.text("/readyz") == "ok"
        except (OSError, ApiError):
            return False


class _Review(BaseHTTPRequestHandler):
    webhook: Webhook
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.webhook.answer(review)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what was asked stands in the webhook."""
