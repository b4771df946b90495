"""
A kubeconfig is written by ten different tools, merged from several files, and decides which cluster is
scanned as whom.

The rules are kubectl's (k8s.io/client-go/tools/clientcmd): of several files the first that sets a value wins,
and relative paths belong to the file in which they stand. An entry that impersonates is refused: scanning as
the identity behind it would be scanning as a stronger one.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec
import yaml

from scanners.semantics.split_secrets import redact_text
from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.connection import Connection
from swarm.sources.kubernetes.credentials import TokenFile
from swarm.sources.kubernetes.kubeconfig_entries import Cluster, Context, User, connected

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where every pod finds its token, its CA and its namespace."""


class _NamedContext(msgspec.Struct):
    name: str
    context: Context | None = None


class _NamedCluster(msgspec.Struct):
    name: str
    cluster: Cluster | None = None


class _NamedUser(msgspec.Struct):
    name: str
    user: User | None = None


class _File(msgspec.Struct, rename="kebab"):
    current_context: str | None = None
    contexts: list[_NamedContext] | None = None
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None


class Kubeconfig:
    """Merged kubeconfig files. ``environment`` is where proxies and the plugins' variables come from."""

    def __init__(self, paths: list[Path], environment: Mapping[str, str]) -> None:
        self.paths = paths
        self._environment = environment
        self._contexts: dict[str, Context] = {}
        self._clusters: dict[str, tuple[Cluster, Path]] = {}
        self._users: dict[str, tuple[User, Path]] = {}
        self._current = ""
        for path in paths:
            self._merge(_parsed(path), path)

    @classmethod
    def of(cls, text: str, where: str, environment: Mapping[str, str]) -> Self:
        """A kubeconfig that somebody gave as text; ``where`` says who. ConfigurationError if it is none."""
        made = cls([], environment)
        made.paths = [Path(where)]
        made._merge(_decoded(text, where), Path(where))
        return made

    @property
    def context_names(self) -> tuple[str, ...]:
        """All contexts, sorted."""
        return tuple(sorted(self._contexts))

    @property
    def where(self) -> str:
        """The files, for error messages."""
        return ":".join(map(str, self.paths))

    @property
    def current_context(self) -> str:
        """The context in force. ConfigurationError if none is set."""
        if not self._current:
            raise ConfigurationError(
                "the kubeconfig has no current context",
                where=self.where,
                mend=f"name one with --context ({', '.join(self.context_names[:5]) or 'it has none'})",
            )
        return self._current

    def connection(self, context: str = "") -> Connection:
        """
        How to reach the cluster of a context (the current one for ``""``). Nothing is run and nobody is
        called yet.

        ConfigurationError for an unknown context, an entry that is missing, impersonates or cannot be used.
        """
        name = context or self.current_context
        entry = self._contexts.get(name)
        if entry is None:
            raise ConfigurationError(
                f"there is no context named {name}", where=self.where, mend=_nearest(name, self.context_names)
            )
        cluster, cluster_path = self._entry(self._clusters, "cluster", entry.cluster or "", name)
        if entry.user:
            user, user_path = self._entry(self._users, "user", entry.user, name)
        else:
            user, user_path = User(), cluster_path
        return connected(
            name, entry, (cluster, cluster_path), (user, user_path), environment=self._environment
        )

    def _entry(self, entries: Mapping[str, Any], kind: str, name: str, context: str) -> Any:
        if name not in entries:
            raise ConfigurationError(
                f"the context {context} names a {kind} that is not there: {name or '(none)'}",
                where=self.where,
                mend=_nearest(name, entries),
            )
        return entries[name]

    def _merge(self, file: _File, path: Path) -> None:
        self._current = self._current or file.current_context or ""
        for context in file.contexts or ():
            self._contexts.setdefault(context.name, context.context or Context())
        for cluster in file.clusters or ():
            self._clusters.setdefault(cluster.name, (cluster.cluster or Cluster(), path))
        for user in file.users or ():
            self._users.setdefault(user.name, (user.user or User(), path))


def load_kubeconfig(path: Path | None, environment: Mapping[str, str]) -> Kubeconfig:
    """
    The kubeconfig at ``path``, else the files of ``KUBECONFIG``, else ``~/.kube/config``.

    ConfigurationError if there is none or one cannot be read. Files that ``KUBECONFIG`` lists may be absent,
    as in kubectl.
    """
    if path is not None:
        paths = [path.expanduser()]
    else:
        listed = [Path(part).expanduser() for part in environment.get("KUBECONFIG", "").split(":") if part]
        default = Path(environment.get("HOME") or str(Path.home())) / ".kube" / "config"
        paths = [part for part in listed if part.exists()] if listed else [default]
    if not paths or not paths[0].exists():
        where = str(paths[0]) if paths else f"KUBECONFIG={environment.get('KUBECONFIG', '')}"
        raise ConfigurationError(
            "there is no kubeconfig",
            where=where,
            mend="name one with --kubeconfig, a recording with --from, or look at --demo",
        )
    return Kubeconfig(paths, environment)


def in_cluster(environment: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> Connection:
    """
    The API server of the cluster in which this process runs, as its service account; the token is read again
    as it rotates.

    ConfigurationError outside a cluster.
    """
    host, port = (
        environment.get("KUBERNETES_SERVICE_HOST", ""),
        environment.get("KUBERNETES_SERVICE_PORT", "443"),
    )
    if not host or not (folder / "token").exists():
        raise ConfigurationError(
            "this process does not run in a cluster",
            where=str(folder),
            cause="KUBERNETES_SERVICE_HOST is not set" if not host else "there is no service account token",
            mend="leave --in-cluster out, or mount the service account's token",
        )
    authority, namespace = folder / "ca.crt", folder / "namespace"
    return Connection(
        name="in-cluster",
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        authority=authority.read_text() if authority.exists() else "",
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
        where=str(folder),
        credential=TokenFile(folder / "token"),
    )


def _parsed(path: Path) -> _File:
    try:
        return _decoded(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(error, str(path)) from error


def _decoded(text: str, where: str) -> _File:
    try:
        return msgspec.convert(yaml.safe_load(text) or {}, type=_File)
    except (yaml.YAMLError, msgspec.ValidationError, RecursionError) as error:
        raise _unreadable(error, where) from error


def _unreadable(error: Exception, where: str) -> ConfigurationError:
    return ConfigurationError(
        "the kubeconfig cannot be read",
        where=where,
        cause=_cause(error),
        mend="compare it with `kubectl config view --kubeconfig`",
    )


def _cause(error: Exception) -> str:
    """What is wrong and where; YAML's own text would quote the line, token and all."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem or 'broken YAML'}, line {error.problem_mark.line + 1}"
    return " ".join(redact_text(str(error)).split())[:300]


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    if near:
        return f"did you mean {near[0]}?"
    return f"it has {', '.join(sorted(known)[:5])}" if known else "it has none"
