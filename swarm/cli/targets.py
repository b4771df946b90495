"""
What the user points at, turned into targets, with the nearest name where it does not exist.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import swarm
from scanners.facts.slices import Slice
from swarm.errors import ConfigurationError
from swarm.settings import Settings
from swarm.sources.source import Source
from swarm.target import TargetSpec

if TYPE_CHECKING:
    from swarm.cli.scan import Request
    from swarm.sources.kubernetes.connection import Connection


def targets(request: "Request", settings: Settings) -> list[TargetSpec]:
    """
    The targets that were asked for: recordings, the demo, contexts; else the current context.

    ConfigurationError where there is none at all, a path or a context does not exist, or an entry impersonates.
    """
    found = [_recorded(path, settings) for path in request.recordings]
    if request.demo:
        found.append(_recorded(demo_path(), settings, name="demo"))
    contexts = request.contexts or (() if found else tuple(settings.context))
    if contexts or request.in_cluster or not found:
        found += _clusters(request, settings, contexts)
    return found


def demo_path() -> Path:
    """Where the demo cluster lies: in the wheel beside the package, in a checkout under ``fixtures``."""
    package = Path(swarm.__file__).parent
    carried = package / "demo"
    return carried if carried.is_dir() else package.parent / "fixtures" / "demo"


def night_before() -> Path:
    """The report of the demo cluster's night before, beside the demo."""
    return demo_path().with_name("demo_night_before.json")


def _recorded(path: Path, settings: Settings, name: str = "") -> TargetSpec:
    if not path.exists():
        raise ConfigurationError(
            "there is nothing to read", where=str(path), mend="check the path given to --from"
        )

    called = name or os.fsencode(path.name or path.resolve().name).decode(errors="replace")

    def open_source() -> Source:
        from swarm.sources.recorded.source import RecordedSource

        return RecordedSource(path, namespaces=tuple(settings.namespace), name=called)

    return TargetSpec(called, "recorded", open_source)


def cluster_source(request: "Request", settings: Settings, tap: Callable[[Slice, bytes], None]) -> Source:
    """The one cluster that a capture reads; ``tap`` is shown what is read. ConfigurationError as :func:`targets`."""
    return _source(_connections(request, settings, request.contexts)[0], settings, tap)


def _clusters(request: "Request", settings: Settings, contexts: tuple[str, ...]) -> list[TargetSpec]:
    return [
        TargetSpec(connection.name, "kubernetes", partial(_source, connection, settings))
        for connection in _connections(request, settings, contexts)
    ]


def _connections(request: "Request", settings: Settings, contexts: tuple[str, ...]) -> "list[Connection]":
    from swarm.sources.kubernetes.kubeconfig import in_cluster, load_kubeconfig

    if request.in_cluster:
        return [in_cluster(os.environ)]
    path = request.kubeconfig or (Path(settings.kubeconfig).expanduser() if settings.kubeconfig else None)
    kubeconfig = load_kubeconfig(path, os.environ)
    names = kubeconfig.context_names if contexts == ("all",) else contexts or (kubeconfig.current_context,)
    return [kubeconfig.connection(name) for name in names]


def _source(
    connection: "Connection", settings: Settings, tap: Callable[[Slice, bytes], None] | None = None
) -> Source:
    from swarm.sources.kubernetes.source import KubernetesSource

    return KubernetesSource(
        connection,
        namespaces=settings.namespace,
        budget=settings.max_requests,
        requests_per_second=settings.max_requests_per_second,
        tap=tap,
    )
