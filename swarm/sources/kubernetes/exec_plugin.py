"""
Most people's kubeconfig says "run this program for a token": it may hang, chatter, prompt, or print nothing
of use.

The program is the user's own (client-go credential plugins, client.authentication.k8s.io v1 and v1beta1). It
gets no stdin, twenty seconds, a drained and capped stderr; on timeout it is killed with everything that it
started.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from scanners.semantics.split_secrets import redact_lines, redact_text
from scanners.semantics.times import instant
from swarm.errors import CredentialPluginFailed
from swarm.sources.kubernetes.connection import Identity

TIMEOUT = 20.0
"""Seconds a plugin may take."""

OUTPUT_LIMIT = 1 << 20
STDERR_KEPT = 2000
EARLY = 60.0
"""Seconds before its end at which a credential is made anew."""

VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


class _Status(msgspec.Struct, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: str | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    kind: str = ""
    api_version: str = ""
    status: _Status | None = None


@dataclass(frozen=True)
class Plugin:
    """
    An ``exec`` entry: ``command`` is absolute, or looked up on the PATH; ``cluster`` goes to it if it asks
    for it.
    """

    command: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    api_version: str = VERSIONS[0]
    install_hint: str = ""
    cluster: Mapping[str, Any] | None = None
    where: str = ""


class ExecCredential:
    """
    Identities from a plugin: kept until shortly before they expire, made anew once the server refuses one.
    """

    def __init__(self, plugin: Plugin, timeout: float = TIMEOUT) -> None:
        self._plugin = plugin
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._current: Identity | None = None
        self._expires: float | None = None

    async def identity(self, stale: Identity | None = None) -> Identity:
        """The current identity; CredentialPluginFailed if the plugin gives none."""
        async with self._lock:
            late = self._expires is not None and self._expires - time.time() < EARLY
            if self._current is None or late or self._current == stale:
                self._current, self._expires = await _mint(self._plugin, self._timeout)
            return self._current


async def _mint(plugin: Plugin, seconds: float) -> tuple[Identity, float | None]:
    output = await _run(plugin, seconds)
    try:
        read = msgspec.json.decode(output, type=_ExecCredential)
    except msgspec.DecodeError as error:
        raise _failure(plugin, "printed something that is no ExecCredential", str(error)) from error
    if read.kind != "ExecCredential" or read.api_version != plugin.api_version:
        told = f"it printed {read.kind or 'no kind'} {read.api_version}, asked for {plugin.api_version}"
        raise _failure(plugin, "answered in another version", told)
    status = read.status or _Status()
    identity = Identity(
        token=(status.token or "").strip(),
        certificate=(status.client_certificate_data or "").encode(),
        key=(status.client_key_data or "").encode(),
    )
    if not identity.token and not (identity.certificate and identity.key):
        raise _failure(plugin, "gave neither a token nor a certificate", "")
    return identity, instant(status.expiration_timestamp or "")


async def _run(plugin: Plugin, seconds: float) -> bytes:
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(plugin),
            start_new_session=True,
        )
    except OSError as error:
        raise _failure(plugin, "cannot be started", error.strerror or str(error)) from error
    assert process.stdout and process.stderr
    try:
        async with asyncio.timeout(seconds):
            output, told = await asyncio.gather(
                _drain(process.stdout, OUTPUT_LIMIT), _drain(process.stderr, STDERR_KEPT)
            )
            status = await process.wait()
    except TimeoutError as error:
        raise _failure(plugin, f"gave no answer within {seconds:g} s", "it may wait for a login") from error
    finally:
        _kill(process)
        await process.wait()
    if status != 0:
        raise _failure(plugin, f"ended with status {status}", told.decode(errors="replace"))
    return output


async def _drain(stream: asyncio.StreamReader, keep: int) -> bytes:
    """Read to the end, so that the program never blocks on a full pipe; keep the last bytes."""
    kept = b""
    while piece := await stream.read(1 << 16):
        kept = (kept + piece)[-keep:]
    return kept


def _kill(process: asyncio.subprocess.Process) -> None:
    """End the program and what it started: they are a process group of their own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment(plugin: Plugin) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.cluster is not None:
        spec["cluster"] = plugin.cluster
    info = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    return {**plugin.environment, "KUBERNETES_EXEC_INFO": msgspec.json.encode(info).decode()}


def _failure(plugin: Plugin, what: str, cause: str) -> CredentialPluginFailed:
    lines = [line.strip() for line in redact_lines(cause.splitlines())]
    told = " · ".join([line for line in lines if line][-4:])[:500]
    hint = " ".join(redact_text(plugin.install_hint).split())
    name = Path(plugin.command).name
    return CredentialPluginFailed(
        f"the credential plugin {name} {what}",
        where=plugin.where,
        cause=told,
        mend=hint
        or f"run `{name}` by hand, or `kubectl get --raw /version`, until it works without a question",
    )
