"""
Clusters, users and contexts of a kubeconfig, and what they come to: an address and an identity, or a clear
refusal.
"""

import base64
import binascii
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.connection import Connection, Credential, Fixed, Identity
from swarm.sources.kubernetes.credentials import TokenFile
from swarm.sources.kubernetes.exec_plugin import VERSIONS, ExecCredential, Plugin
from swarm.sources.kubernetes.oidc import OpenIdConnect
from swarm.sources.kubernetes.proxies import proxy_for


class Context(msgspec.Struct):
    """contexts[].context."""

    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None


class Extension(msgspec.Struct):
    """clusters[].cluster.extensions[]."""

    name: str | None = None
    extension: Any = None


class Cluster(msgspec.Struct, rename="kebab"):
    """clusters[].cluster."""

    server: str | None = None
    certificate_authority: str | None = None
    certificate_authority_data: str | None = None
    insecure_skip_tls_verify: bool | None = None
    tls_server_name: str | None = None
    proxy_url: str | None = None
    extensions: list[Extension] | None = None


class Variable(msgspec.Struct):
    """exec.env[]."""

    name: str
    value: str | int | bool | None = None


class Exec(msgspec.Struct, rename="camel"):
    """users[].user.exec."""

    command: str | None = None
    args: list[str] | None = None
    env: list[Variable] | None = None
    api_version: str | None = None
    install_hint: str | None = None
    provide_cluster_info: bool | None = None


class AuthProvider(msgspec.Struct):
    """users[].user.auth-provider."""

    name: str | None = None
    config: dict[str, Any] | None = None


_USER_KEYS = {
    "exec_": "exec",
    "auth_provider": "auth-provider",
    "token_file": "tokenFile",
    "client_certificate": "client-certificate",
    "client_certificate_data": "client-certificate-data",
    "client_key": "client-key",
    "client_key_data": "client-key-data",
    "as_": "as",
    "as_uid": "as-uid",
    "as_groups": "as-groups",
    "as_user_extra": "as-user-extra",
}


class User(msgspec.Struct, rename=_USER_KEYS):
    """users[].user."""

    token: str | None = None
    token_file: str | None = None
    username: str | None = None
    password: str | None = None
    client_certificate: str | None = None
    client_certificate_data: str | None = None
    client_key: str | None = None
    client_key_data: str | None = None
    exec_: Exec | None = None
    auth_provider: AuthProvider | None = None
    as_: str | None = None
    as_uid: str | None = None
    as_groups: list[str] | None = None
    as_user_extra: dict[str, Any] | None = None


def connected(
    name: str,
    context: Context,
    cluster: tuple[Cluster, Path],
    user: tuple[User, Path],
    *,
    environment: Mapping[str, str],
) -> Connection:
    """The connection that a context, its cluster and its user (each with the file it stands in) come to."""
    entry, path = cluster
    where = f"{path} (context {name})"
    server = (entry.server or "").rstrip("/")
    if not server.startswith(("https://", "http://")):
        raise ConfigurationError(
            "the cluster has no server address", where=where, mend="set clusters[].cluster.server"
        )
    authority = _pem(entry.certificate_authority_data, entry.certificate_authority, path, where)
    proxy = entry.proxy_url or proxy_for(server, environment)
    if proxy and not proxy.startswith(("http://", "https://")):
        raise ConfigurationError(
            "the proxy is of a kind that is not spoken",
            where=where,
            cause=proxy.partition(":")[0],
            mend="use an http proxy",
        )
    return Connection(
        name=name,
        server=server,
        authority=authority.decode(errors="replace"),
        insecure=bool(entry.insecure_skip_tls_verify),
        tls_server_name=entry.tls_server_name or "",
        proxy=proxy,
        namespace=context.namespace or "default",
        where=where,
        credential=_credential(user, cluster, where, environment),
    )


def _credential(
    user: tuple[User, Path], cluster: tuple[Cluster, Path], where: str, environment: Mapping[str, str]
) -> Credential:
    entry, path = user
    _refuse(entry, where)
    certificate = _pem(entry.client_certificate_data, entry.client_certificate, path, where)
    key = _pem(entry.client_key_data, entry.client_key, path, where)
    if entry.exec_:
        return ExecCredential(_plugin(entry.exec_, path, cluster, where, environment))
    if entry.auth_provider:
        return _open_id(entry.auth_provider.config or {}, path, where)
    if entry.token_file:
        return TokenFile(path.parent / Path(entry.token_file).expanduser())
    return Fixed(Identity(token=(entry.token or "").strip(), certificate=certificate, key=key))


def _open_id(settings: Mapping[str, Any], path: Path, where: str) -> OpenIdConnect:
    data, file = settings.get("idp-certificate-authority-data"), settings.get("idp-certificate-authority")
    return OpenIdConnect(settings, _pem(data, file, path, where), where)


def _refuse(entry: User, where: str) -> None:
    if entry.as_ or entry.as_uid or entry.as_groups or entry.as_user_extra:
        raise ConfigurationError(
            f"the entry impersonates {entry.as_ or 'somebody'}",
            where=where,
            cause="deepscan never impersonates: it would scan as the stronger identity behind the entry",
            mend="use a context that authenticates as that identity itself",
        )
    if entry.username or entry.password:
        raise ConfigurationError(
            "the entry logs in with a password",
            where=where,
            cause="no API server has taken one since Kubernetes 1.19",
            mend="use a token, a client certificate or an exec plugin",
        )
    provider = entry.auth_provider.name if entry.auth_provider else "oidc"
    if provider != "oidc" and not entry.exec_:
        raise ConfigurationError(
            f"the auth-provider {provider} is gone from Kubernetes",
            where=where,
            mend="use its exec plugin (gke-gcloud-auth-plugin, kubelogin)",
        )


def _plugin(
    entry: Exec, path: Path, cluster: tuple[Cluster, Path], where: str, environment: Mapping[str, str]
) -> Plugin:
    version = entry.api_version or ""
    if version not in VERSIONS:
        raise ConfigurationError(
            f"the exec plugin speaks {version or 'no version'}",
            where=where,
            mend=f"set apiVersion: {VERSIONS[0]}",
        )
    command = entry.command or ""
    if "/" in command:
        found = str(path.parent / Path(command).expanduser())
    else:
        found = shutil.which(command, path=environment.get("PATH")) or command
    added = {each.name: "" if each.value is None else str(each.value) for each in entry.env or ()}
    return Plugin(
        command=found,
        arguments=tuple(entry.args or ()),
        environment={**environment, **added},
        api_version=version,
        install_hint=entry.install_hint or "",
        cluster=_cluster_info(*cluster, where) if entry.provide_cluster_info else None,
        where=where,
    )


def _cluster_info(entry: Cluster, path: Path, where: str) -> dict[str, Any]:
    """
    ``spec.cluster`` of the ExecCredential that a plugin is given (client.authentication.k8s.io/v1 Cluster).
    """
    authority = _pem(entry.certificate_authority_data, entry.certificate_authority, path, where)
    info: dict[str, Any] = {
        "server": entry.server,
        "tls-server-name": entry.tls_server_name,
        "insecure-skip-tls-verify": entry.insecure_skip_tls_verify,
        "certificate-authority-data": base64.b64encode(authority).decode() or None,
        "proxy-url": entry.proxy_url,
        "config": next(
            (
                each.extension
                for each in entry.extensions or ()
                if each.name == "client.authentication.k8s.io/exec"
            ),
            None,
        ),
    }
    return {key: value for key, value in info.items() if value is not None}


def _pem(data: str | None, file: str | None, path: Path, where: str) -> bytes:
    """PEM from base64 data, else from a file beside the kubeconfig, else nothing."""
    try:
        if data:
            return base64.b64decode("".join(data.split()), validate=True)
        return (path.parent / Path(file).expanduser()).read_bytes() if file else b""
    except (binascii.Error, ValueError, OSError) as error:
        raise ConfigurationError(
            "a certificate or key of the kubeconfig cannot be read",
            where=where,
            cause=str(error),
            mend="renew the entry",
        ) from error
