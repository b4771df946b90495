"""Whoever the kubeconfig says we are, we get in as that; and where not, the error says what to do."""

import asyncio
import base64
import json
import os
import socket
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from scanners.facts import slices
from scanners.facts.gaps import SliceState
from swarm.errors import (
    CertificateRejected,
    ConfigurationError,
    CredentialPluginFailed,
    Unauthorized,
    Unreachable,
)
from swarm.sources.kubernetes import exec_plugin
from swarm.sources.kubernetes.connection import Connection, Fixed, Identity
from swarm.sources.kubernetes.kubeconfig import in_cluster, load_kubeconfig
from swarm.sources.kubernetes.source import KubernetesSource
from tests.cluster.pki import Authority
from tests.swarm.sources.kubernetes.conftest import Opened
from tests.swarm.sources.kubernetes.server import TOKEN, FakeApi, kubeconfig

V1 = "client.authentication.k8s.io/v1"


def credential(token: str = TOKEN, version: str = V1, **rest: Any) -> str:
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": token, **rest}})


def plugin(folder: Path, body: str, name: str = "plugin") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def user(path: Path | str, **rest: Any) -> dict[str, Any]:
    return {"exec": {"apiVersion": V1, "command": str(path), **rest}}


async def test_a_plugin_is_asked_once_for_many_requests(api: FakeApi, source: Opened, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    path = plugin(tmp_path, f"echo x >> {asked}; echo '{credential()}'")
    cluster = source(user(path))
    await cluster.open()
    await asyncio.gather(*(cluster.read(slice_, {}) for slice_ in (slices.PODS, slices.NODES, slices.JOBS)))
    assert asked.read_text() == "x\n"


async def test_a_401_mints_once_for_all_who_wait(api: FakeApi, source: Opened, tmp_path: Path) -> None:
    asked, token = tmp_path / "asked", tmp_path / "token"
    token.write_text(credential())
    cluster = source(user(plugin(tmp_path, f"echo x >> {asked}; cat {token}")))
    await cluster.open()
    api.tokens = {"second"}
    token.write_text(credential("second"))
    reads = await asyncio.gather(
        *(cluster.read(slice_, {}) for slice_ in (slices.PODS, slices.NODES, slices.JOBS))
    )
    assert {read.readings[0].state for read in reads} == {SliceState.COMPLETE}
    assert asked.read_text() == "x\nx\n"


async def test_a_credential_is_made_anew_before_it_ends(api: FakeApi, source: Opened, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    soon = (datetime.now(UTC) + timedelta(seconds=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    cluster = source(
        user(plugin(tmp_path, f"echo x >> {asked}; echo '{credential(expirationTimestamp=soon)}'"))
    )
    await cluster.open()
    assert len(asked.read_text().split()) > 1


async def test_a_plugin_gets_its_arguments_its_environment_and_the_cluster(
    api: FakeApi, source: Opened, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    body = f"echo \"$1 $GREETING $KUBERNETES_EXEC_INFO\" > {seen}; cat; echo '{credential()}'"
    given = user(
        plugin(tmp_path, body).name, args=["get-token"], env=[{"name": "GREETING", "value": "hello"}],
        provideClusterInfo=True,
    )  # fmt: skip
    path = kubeconfig(tmp_path, api, given)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    cluster = KubernetesSource(load_kubeconfig(path, environment).connection())
    await cluster.open()
    await cluster.close()
    words, _, info = seen.read_text().partition(" {")
    assert words == "get-token hello"
    told = json.loads("{" + info)
    assert told["spec"]["cluster"]["server"] == api.url
    assert base64.b64decode(told["spec"]["cluster"]["certificate-authority-data"]).startswith(b"-----BEGIN")
    assert told["spec"]["interactive"] is False


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("echo 'please log in: aws sso login' >&2; exit 3", "please log in"),
        ("echo not json", "no ExecCredential"),
        ("true", "no ExecCredential"),
        (f"echo '{credential(version='client.authentication.k8s.io/v1beta1')}'", "another version"),
        ('echo \'{"apiVersion":"' + V1 + '","kind":"ExecCredential","status":{}}\'', "neither a token"),
    ],
)
async def test_plugins_that_fail(api: FakeApi, source: Opened, tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(CredentialPluginFailed) as caught:
        await source(user(plugin(tmp_path, body), installHint="brew install it")).open()
    assert says in caught.value.sentence
    assert caught.value.mend == "brew install it"


async def test_a_plugin_that_floods_stderr(api: FakeApi, source: Opened, tmp_path: Path) -> None:
    flood = f"head -c 3000000 /dev/zero | tr '\\0' x >&2; echo '{credential()}'"
    await source(user(plugin(tmp_path, flood))).open()


async def test_a_plugin_that_hangs_is_killed_with_its_children(
    api: FakeApi, source: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    monkeypatch.setattr(exec_plugin.ExecCredential.__init__, "__defaults__", (0.3,))
    path = plugin(tmp_path, f"sleep 60 & echo $$ $! > {pids}; wait")
    began = time.monotonic()
    with pytest.raises(CredentialPluginFailed, match="no answer within"):
        await source(user(path)).open()
    assert time.monotonic() - began < 3
    await asyncio.sleep(0.1)
    assert not any(_alive(int(pid)) for pid in pids.read_text().split())


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


async def test_a_plugin_that_is_not_installed(api: FakeApi, source: Opened) -> None:
    with pytest.raises(CredentialPluginFailed, match="cannot be started"):
        await source(user("no-such-plugin-anywhere")).open()


async def test_a_token_that_has_expired_for_good(api: FakeApi, source: Opened) -> None:
    with pytest.raises(Unauthorized) as caught:
        await source({"token": "old"}).open()
    assert "log in again" in caught.value.mend
    assert "old" not in caught.value.sentence


async def test_a_token_file_is_read_again_after_a_401(api: FakeApi, source: Opened, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    cluster = source({"tokenFile": "token"})
    await cluster.open()
    api.tokens = {"rotated"}
    (tmp_path / "token").write_text("rotated")
    assert (await cluster.read(slices.PODS, {})).readings[0].state is SliceState.COMPLETE


async def test_another_clusters_authority_is_rejected(api: FakeApi, source: Opened, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with pytest.raises(CertificateRejected) as caught:
        await source(cluster={"certificate-authority": str(other.certificate)}).open()
    assert "certificate-authority" in caught.value.mend
    assert not api.requests


async def test_verification_may_be_left_out_on_purpose(api: FakeApi, source: Opened) -> None:
    await source(cluster={"certificate-authority": None, "insecure-skip-tls-verify": True}).open()


async def test_the_server_may_have_another_name(api: FakeApi, source: Opened) -> None:
    with pytest.raises(CertificateRejected):
        await source(cluster={"tls-server-name": "elsewhere"}).open()
    await source(cluster={"tls-server-name": "kubernetes.default.svc"}).open()


async def test_a_client_certificate_as_data_leaves_no_file(authority: Authority, tmp_path: Path) -> None:
    api = FakeApi(authority)
    api.client_authority = True
    await api.start()
    pair = authority.client("jane")
    before = set(Path("/tmp").glob("deepscan-*"))
    data = {"client-certificate-data": pair.certificate, "client-key-data": pair.key}
    shown = {key: base64.b64encode(path.read_bytes()).decode() for key, path in data.items()}
    cluster = KubernetesSource(load_kubeconfig(kubeconfig(tmp_path, api, shown), {}).connection())
    await cluster.open()
    assert dict(part[0] for part in api.peers[0]["subject"])["commonName"] == "jane"
    assert set(Path("/tmp").glob("deepscan-*")) == before
    await cluster.close()
    nobody = KubernetesSource(load_kubeconfig(kubeconfig(tmp_path, api, {}), {}).connection())
    with pytest.raises((CertificateRejected, Unreachable)):
        await nobody.open()
    await nobody.close()
    await api.stop()


async def test_nobody_listens(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swarm.sources.kubernetes.transport._patience", lambda *_: 0.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = KubernetesSource(
        Connection("x", f"https://127.0.0.1:{port}", credential=Fixed(Identity(token="t")))
    )
    with pytest.raises(Unreachable) as caught:
        await cluster.open()
    assert str(port) in caught.value.where
    await cluster.close()


async def test_the_kubeconfigs_proxy_is_asked(api: FakeApi, source: Opened) -> None:
    lines: list[str] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines.append(head.split("\r\n")[0])
        host, port = head.split()[1].split(":")
        there_in, there_out = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pump(reader, there_out), _pump(there_in, writer))

    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    cluster = source(cluster={"proxy-url": f"http://127.0.0.1:{port}"})
    await cluster.open()
    assert lines == [f"CONNECT {api.url.removeprefix('https://')} HTTP/1.1"]
    assert "Authorization" not in lines[0]
    await cluster.close()
    server.close()


async def test_a_pods_own_service_account(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "namespace").write_text("scan")
    (tmp_path / "ca.crt").write_bytes(api.authority.certificate.read_bytes())
    port = api.url.rpartition(":")[2]
    found = in_cluster({"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": port}, tmp_path)
    cluster = KubernetesSource(found)
    await cluster.open()
    await cluster.close()
    assert found.namespace == "scan"
    with pytest.raises(ConfigurationError):
        in_cluster({}, tmp_path)


async def test_a_redirect_is_not_followed(api: FakeApi, source: Opened) -> None:
    api.before = lambda r: web.HTTPFound("https://elsewhere.invalid/") if r.path == "/api/v1/pods" else None
    cluster = source()
    await cluster.open()
    assert (await cluster.read(slices.PODS, {})).readings[0].state is SliceState.FAILED
