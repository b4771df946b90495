"""Entering a cluster that a project told of."""

import asyncio
import base64
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from scanners.facts.slices import CLUSTERS, PODS
from swarm.sources.cloud import AccountPlace, ClusterEntry, Endpoints, open_account
from swarm.sources.kubernetes.source import KubernetesSource
from tests.clouds.api_server import READER, REMEMBERED_SECONDS, ApiServer
from tests.clouds.gcp import objects
from tests.clouds.gcp.objects import PROJECT
from tests.cluster.build import Programs

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google


async def entries(google: "Google", *clusters: dict[str, Any]) -> list[ClusterEntry | None]:
    google.clusters = list(clusters)
    account = open_account(AccountPlace("gcp", PROJECT, Endpoints(gcp=google.url)), patience=5)
    await account.open()
    read = await account.read(CLUSTERS, {})
    await account.close()
    return [account.entry(cluster) for cluster in read.objects]


async def test_a_cluster_is_entered_by_its_address_and_its_own_authority(google: "Google") -> None:
    (entry,) = await entries(google, objects.cluster())
    assert entry is not None
    assert (entry.server, entry.private, entry.region) == ("https://203.0.113.7", False, "us-central1")
    assert entry.authority == base64.b64decode(objects.CA).decode()
    connection = pickle.loads(pickle.dumps(entry)).connection()
    assert (connection.server, connection.authority) == (entry.server, entry.authority)
    assert (await connection.credential.identity()).token == google.minted[-1]


async def test_a_dns_endpoint_is_trusted_by_the_systems_authorities(google: "Google") -> None:
    config = {
        "dnsEndpointConfig": {"endpoint": "gke-1.us-central1.gke.goog", "allowExternalTraffic": True},
        "ipEndpointsConfig": {"enabled": False},
    }
    (entry,) = await entries(google, objects.cluster(controlPlaneEndpointsConfig=config))
    assert entry is not None
    assert (entry.server, entry.authority) == ("https://gke-1.us-central1.gke.goog", "")


async def test_a_private_endpoint_says_so(google: "Google") -> None:
    hidden = objects.cluster(endpoint="10.0.0.2", privateClusterConfig={"enablePrivateEndpoint": True})
    (entry,) = await entries(google, hidden)
    assert entry is not None and entry.private


@pytest.mark.parametrize("changes", [{"status": "PROVISIONING"}, {"status": "STOPPING"}, {"endpoint": ""}])
async def test_a_cluster_that_is_made_or_taken_away_is_not_entered(
    google: "Google", changes: dict[str, Any]
) -> None:
    assert await entries(google, objects.cluster(**changes)) == [None]


async def test_a_real_api_server_lets_the_minted_token_in_and_a_revoked_one_costs_one_more(
    google: "Google", api_server_programs: Programs
) -> None:
    with ApiServer(api_server_programs, lambda token: READER if google.accepts(token) else None) as server:
        server.apply_all([{
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "train-0", "namespace": "ml"},
            "spec": {"containers": [{"name": "main", "image": "registry.example/x"}]},
        }])  # fmt: skip
        authority = base64.b64encode(server.authority.encode()).decode()
        (entry,) = await entries(
            google,
            objects.cluster(
                endpoint=f"127.0.0.1:{server.port}", masterAuth={"clusterCaCertificate": authority}
            ),
        )
        assert entry is not None
        source = KubernetesSource(entry.connection())
        target = await source.open()
        assert target.cluster_uid == server.uid()
        google.revoke()
        await asyncio.sleep(REMEMBERED_SECONDS + 0.5)
        pods = await source.read(PODS, {})
        await source.close()
        assert [pod.name for pod in pods.objects] == ["train-0"]
        assert len(google.minted) == 2
        assert server.webhook.refused == [google.minted[0]]
        assert google.minted[1] in server.webhook.accepted
