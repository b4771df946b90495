"""
Where use is measured is one word on the command line: a URL, ``none``, or ``auto``.

Turns it into what stands beside a live cluster. ``auto`` looks only from inside the cluster that is scanned: elsewhere
the name of a Service leads nowhere, or into another cluster.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scanners.facts.gaps import SliceState
from scanners.facts.slices import SERVICES
from swarm.errors import ConfigurationError
from swarm.settings import Settings
from swarm.sources.joined import JoinedSource
from swarm.sources.source import Source

if TYPE_CHECKING:
    from swarm.sources.kubernetes.connection import Connection
    from swarm.sources.prometheus.endpoint import Endpoint

AUTO, NONE = "auto", "none"
SERVICE_CA = "service-ca.crt"
"""Beside the service account's token on OpenShift: the authority of the Services' certificates."""


def named_endpoint(settings: Settings, clusters: int) -> "Endpoint | None":
    """
    The Prometheus that the settings name by URL; None for ``auto`` and ``none``.

    ConfigurationError if it cannot be used, or if one server is to tell of several ``clusters``: their pods would be
    taken for one another.
    """
    from swarm.sources.prometheus.endpoint import named

    if settings.prometheus in (AUTO, NONE):
        return None
    endpoint = named(
        settings.prometheus,
        os.environ,
        token_file=settings.prometheus_token_file,
        ca_file=settings.prometheus_ca_file,
        seconds=settings.prometheus_timeout,
    )
    if clusters > 1:
        what = f"one Prometheus is named for {clusters} clusters, and their pods cannot be told apart in it"
        raise ConfigurationError(
            what, where=f"--prometheus {endpoint.url}", mend="scan them one by one, or say --prometheus none"
        )
    return endpoint


def with_metrics(
    cluster: Source,
    connection: "Connection",
    settings: Settings,
    endpoint: "Endpoint | None",
    *,
    moment: float | None = None,
    tap: Callable[[str, bytes], None] | None = None,
) -> Source:
    """The cluster with its Prometheus beside it, if there is one or one is to be looked for."""
    from swarm.sources.prometheus.source import PrometheusSource

    folder = _service_account(connection, os.environ)
    if endpoint is None and (settings.prometheus != AUTO or folder is None):
        return cluster

    async def locate() -> "Endpoint | None":
        return endpoint or await _look(joined, settings, folder)

    if endpoint is not None and _unsealed(endpoint):
        cluster.warnings.append(f"the credential for {endpoint.url} is sent unencrypted: use https")
    metrics = PrometheusSource(
        locate,
        counters=cluster.counters,
        window=settings.since,
        budget=settings.max_requests,
        requests_per_second=settings.max_requests_per_second,
        tap=tap,
    )
    joined = JoinedSource(cluster, {"prometheus": metrics}, moment)
    return joined


async def _look(joined: JoinedSource, settings: Settings, folder: Path | None) -> "Endpoint | None":
    """Look for the Prometheus of the cluster among its Services; what is not found is not configured."""
    from swarm.sources.prometheus.found import endpoint_of, prometheus_of

    read = await joined.services()
    service, doubt = prometheus_of(read.objects)
    if service is None:
        whole = all(reading.state is SliceState.COMPLETE for reading in read.readings)
        unseen = (
            "" if whole else f"{SERVICES.name} could not all be listed: name Prometheus with --prometheus URL"
        )
        joined.warnings += [f"no Prometheus was chosen: {why}" for why in (doubt or unseen,) if why]
        return None
    own = folder / SERVICE_CA if folder else None
    ca_file = settings.prometheus_ca_file or (str(own) if own and own.is_file() else "")
    return endpoint_of(service, ca_file, settings.prometheus_timeout)


def _service_account(connection: "Connection", environment: Mapping[str, str]) -> Path | None:
    """The folder of this pod's service account, if the cluster of the connection is the one it runs in."""
    from swarm.sources.kubernetes.kubeconfig import SERVICE_ACCOUNT, in_cluster

    try:
        own = in_cluster(environment, SERVICE_ACCOUNT)
    except ConfigurationError:
        return None
    host = urlsplit(connection.server).hostname
    same = connection.server == own.server or host in ("kubernetes.default.svc", "kubernetes.default")
    return SERVICE_ACCOUNT if same else None


def _unsealed(endpoint: "Endpoint") -> bool:
    address = urlsplit(endpoint.url)
    loopback = address.hostname in ("localhost", "127.0.0.1", "::1")
    return address.scheme == "http" and not loopback and endpoint.shows
