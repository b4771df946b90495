"""
Eight clusters are read by several processes, and a socket or a closure cannot travel from one to another.

A target is therefore plain data until its turn comes: a name, and where it is found. Credentials stay in the
kubeconfig: whoever opens the target reads them there, by path and context.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scanners.facts.slices import Slice
from swarm.errors import ConfigurationError
from swarm.settings import Settings
from swarm.sources.cloud import AccountPlace, ClusterEntry
from swarm.sources.source import Read, Source

if TYPE_CHECKING:
    from swarm.sources.kubernetes.connection import Connection
    from swarm.sources.kubernetes.kubeconfig import Kubeconfig


@dataclass(frozen=True)
class Share:
    """
    What an account told of one of its clusters before anybody entered it: its slices, as of a ``moment`` in epoch
    seconds.
    """

    reads: Mapping[Slice, Read] = field(default_factory=dict)
    moment: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TargetSpec:
    """
    A name for people and where the target is found: the ``recording``'s path, a cloud ``account``, the ``entry`` to a
    cluster that an account told of (with its ``share`` of what was read there), else a ``context`` of the
    ``kubeconfig`` (None for kubectl's own choice of files), else the cluster that this process runs in.

    ``prometheus`` is the address of its metrics as a fleet file names it, ``""`` where the settings speak for it; a
    recording is measured by its own. A target that is scanned ``alone`` goes by the name that its recording states,
    where it states one.
    """

    name: str
    provider: Literal["kubernetes", "recorded", "aws", "gcp", "azure"]
    settings: Settings
    recording: Path | None = None
    account: AccountPlace | None = None
    entry: ClusterEntry | None = None
    share: Share | None = None
    kubeconfig: Path | None = None
    context: str = ""
    prometheus: str = ""
    alone: bool = False

    def open_source(
        self,
        tap: Callable[[Slice, bytes], None] | None = None,
        measured: Callable[[str, bytes], None] | None = None,
        moment: float | None = None,
    ) -> Source:
        """
        What reads the target; nobody is called yet. ``tap`` is shown what is read of a live cluster, ``measured`` the
        answers of its Prometheus, which is asked of a ``moment`` (epoch seconds; None for the cluster's own).

        ConfigurationError where the context cannot be used.
        """
        if self.recording is not None:
            from swarm.sources.recorded.source import RecordedSource

            namespaces = tuple(self.settings.namespace)
            source = RecordedSource(self.recording, namespaces=namespaces, name=self.name)
            if self.prometheus:
                what = (
                    f"--prometheus {self.prometheus} is for live clusters; a recording is measured by its own"
                )
                source.warnings.append(what)
            return source
        from swarm.measured import named_endpoint, with_metrics
        from swarm.sources.kubernetes.source import KubernetesSource

        connection, settings = self.connection(), self.settings
        if self.prometheus:
            settings = settings.model_copy(update={"prometheus": self.prometheus})
        cluster = KubernetesSource(
            connection,
            namespaces=self.settings.namespace,
            budget=self.settings.max_requests,
            requests_per_second=self.settings.max_requests_per_second,
            tap=tap,
        )
        endpoint = named_endpoint(settings, 1)
        return with_metrics(cluster, connection, settings, endpoint, moment=moment, tap=measured)

    def connection(self) -> "Connection":
        """How the cluster is reached. ConfigurationError where its context is unknown, incomplete or impersonates."""
        from swarm.sources.kubernetes.kubeconfig import in_cluster

        if self.account is not None:
            what = f"{self.name} is an account and no cluster"
            raise ConfigurationError(what, where=self.name, mend="name a cluster of it with --context")
        if self.entry is not None:
            return self.entry.connection()
        if self.context:
            return kubeconfig_at(self.kubeconfig).connection(self.context)
        return in_cluster(os.environ)


def kubeconfig_at(path: Path | None) -> "Kubeconfig":
    """The kubeconfig, parsed once a process: it may hold a hundred contexts. ConfigurationError if there is none."""
    return _kubeconfig(path, os.environ.get("KUBECONFIG", ""), os.environ.get("HOME", ""))


@cache
def _kubeconfig(path: Path | None, _files: str, _home: str) -> "Kubeconfig":
    from swarm.sources.kubernetes.kubeconfig import load_kubeconfig

    return load_kubeconfig(path, os.environ)
