"""
What controllers, the scheduler and admission really write is not to be guessed, so tests run the real ones.

`ControlPlane` is a whole cluster's brain on the loopback: etcd, API server, controller manager, scheduler,
and kwok in the place of the nodes. It takes about four seconds to start and leaves nothing behind.
"""

import json
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from . import commands, kubeconfig
from .build import Programs
from .client import ApiError, Client, Json, wait_until
from .logserver import LogServer
from .pki import Authority, KeyPair
from .process import Process, free_ports

ADMINISTRATORS = "system:masters"


class ControlPlane:
    """A real control plane; `with ControlPlane(programs()) as plane:` starts and ends it."""

    def __init__(self, programs: Programs, node_grace_seconds: int = 16) -> None:
        """A node whose lease is `node_grace_seconds` old becomes Unknown (50 s on real clusters)."""
        self._programs = programs
        self._node_grace_seconds = node_grace_seconds
        self._processes: list[Process] = []
        self.folder = Path(tempfile.mkdtemp(prefix="deepscan-cluster-"))
        self.audit_log = self.folder / "audit.log"
        self._pki = Authority(self.folder / "pki")
        self.ca = self._pki.certificate
        self._serving = self._pki.server("server")
        self.logs = LogServer(self._serving)
        etcd, peer, api, kwok = free_ports(4)
        self._ports = commands.Ports(etcd, peer, api, kwok, self.logs.port)
        self.url = f"https://127.0.0.1:{self._ports.api_server}"
        self._endpoint = kubeconfig.Endpoint(self.url, self.ca)
        self.admin_kubeconfig = self.kubeconfig_for("admin", (ADMINISTRATORS,))
        self.client = self.client_for("admin", (ADMINISTRATORS,))

    @property
    def kubelet_port(self) -> int:
        return self._ports.kubelet

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
        """Starts all servers and returns once a pod could be created."""
        programs, folder = self._programs, self.folder
        identity = commands.Identity(
            self.ca, self._serving, self._admin("kubelet-client"), self._pki.signing_key("service-accounts")
        )
        self.logs.start()
        self._run("etcd", commands.etcd(programs, folder, self._ports))
        api_server = commands.api_server(programs, folder, self._ports, identity, self.audit_log)
        self._run("kube-apiserver", api_server)
        wait_until(self._ready, "the API server is ready", seconds=60, pause=0.05)
        manager = self._part_kubeconfig("kube-controller-manager")
        scheduler = self._part_kubeconfig("kube-scheduler")
        grace = self._node_grace_seconds
        self._run("kube-controller-manager", commands.controller_manager(programs, manager, identity, grace))
        self._run("kube-scheduler", commands.scheduler(programs, folder, scheduler))
        kwok = self._part_kubeconfig("kwok")
        self._run("kwok", commands.kwok(programs, folder, self._ports, kwok, grace))
        wait_until(lambda: self.has_service_account("default"), "controllers are at work", seconds=60)

    def stop(self) -> None:
        """Ends all servers and removes their folder; may be called twice."""
        for process in reversed(self._processes):
            process.kill()
        self._processes.clear()
        self.logs.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def check(self) -> None:
        """Raises ProcessEnded if any server has ended by itself."""
        for process in self._processes:
            process.check()

    def client_for(self, user: str, groups: tuple[str, ...] = ()) -> Client:
        pair = self._pki.client(user, groups)
        context = ssl.create_default_context(cafile=str(self.ca))
        context.load_cert_chain(pair.certificate, pair.key)
        return Client(self.url, context)

    def kubeconfig_for(self, user: str, groups: tuple[str, ...] = ()) -> Path:
        """A kubeconfig with a client certificate; the user has only the rights that a test binds to it."""
        path = self.folder / f"{'-'.join((user, *groups)).replace(':', '-')}.kubeconfig"
        return kubeconfig.with_certificate(path, self._endpoint, user, self._pki.client(user, groups))

    def service_account_kubeconfig(self, namespace: str, name: str, seconds: int = 3600) -> Path:
        """A kubeconfig with a token of an existing service account, asked for by TokenRequest."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        token = json.loads(self.client.request("POST", path, request))["status"]["token"]
        target = self.folder / f"{namespace}-{name}.kubeconfig"
        return kubeconfig.with_token(target, self._endpoint, f"{namespace}-{name}", token)

    def audit_events(self, user: str | None = None) -> Iterator[Json]:
        """Every finished request that the API server logged, oldest first; of one user if asked."""
        with self.audit_log.open(encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return  # still being written
                event: Json = json.loads(line)
                if user is None or event["user"].get("username") == user:
                    yield event

    def create_namespace(self, name: str, **labels: str) -> Json:
        """Creates a namespace and waits until pods can be created in it."""
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        created = self.client.apply(namespace)
        wait_until(lambda: self.has_service_account(name), f"namespace {name} has its service account")
        return created

    def has_service_account(self, namespace: str) -> bool:
        self.check()
        try:
            self.client.get("v1", "ServiceAccount", "default", namespace)
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def _run(self, name: str, command: list[str]) -> None:
        self._processes.append(Process(name, command, self.folder / f"{name}.log"))

    def _ready(self) -> bool:
        self.check()
        try:
            return self.client.text("/readyz") == "ok"
        except (OSError, ApiError):
            return False

    def _admin(self, name: str) -> KeyPair:
        return self._pki.client(name, (ADMINISTRATORS,))

    def _part_kubeconfig(self, name: str) -> Path:
        """Parts act under their own names with all rights: waiting for their roles would slow each start."""
        return self.kubeconfig_for(f"system:{name}", (ADMINISTRATORS,))
