"""A cluster is entered without Azure's programs, in whatever process, and again once its token is refused."""

import asyncio
import base64
import pickle
from typing import Any

import pytest

from scanners.facts.slices import CLUSTERS
from swarm.errors import ConfigurationError, Forbidden
from swarm.sources.azure.source import account
from swarm.sources.cloud import ClusterEntry
from swarm.sources.kubernetes.connection import Identity
from tests.clouds.azure.fake import AKS_SCOPE, FakeAzure, Fault
from tests.clouds.azure.items import CLUSTER, CLUSTER_ID, changed
from tests.clouds.azure.test_source import place
from tests.clouds.azure.worlds import EXEC, fill

LOCAL = changed(CLUSTER, properties__aadProfile=None)
AUTHORITY = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
SERVER = "https://train-abcdef.hcp.eastus.azmk8s.io:443"


def pem(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CERTIFICATE = {"client-certificate-data": pem("a certificate"), "client-key-data": pem("its key")}


async def entered(
    azure: FakeAzure, item: dict[str, Any], user: dict[str, Any]
) -> tuple[ClusterEntry, list[str]]:
    """The entry as another process gets it, and what the source warned of."""
    fill(azure, [item])
    azure.enter(CLUSTER_ID, SERVER, AUTHORITY, user)
    source = account(place(azure), patience=10)
    await source.open()
    clusters = (await source.read(CLUSTERS, {})).objects
    entry = source.entry(clusters[0])
    await source.close()
    assert entry is not None
    return pickle.loads(pickle.dumps(entry)), source.warnings


async def test_a_cluster_of_entra_is_entered_with_a_token_for_api_servers(azure: FakeAzure) -> None:
    entry, warnings = await entered(azure, CLUSTER, EXEC)
    assert (entry.cluster, entry.uid, entry.region, entry.private) == ("train", CLUSTER_ID, "eastus", False)
    connection = entry.connection()
    assert (connection.name, connection.server, connection.authority) == ("train", SERVER, AUTHORITY)
    identity = await connection.credential.identity()
    assert azure.knows(identity.token, AKS_SCOPE)
    assert not identity.certificate
    assert warnings == []


async def test_a_refused_token_is_made_anew_once_for_all_who_showed_it(azure: FakeAzure) -> None:
    entry, _ = await entered(azure, CLUSTER, EXEC)
    credential = entry.connection().credential
    first = await credential.identity()
    assert await credential.identity() == first
    azure.revoke_all()
    fresh = await asyncio.gather(*(credential.identity(stale=first) for _ in range(200)))
    assert len({identity.token for identity in fresh}) == 1
    assert azure.knows(fresh[0].token, AKS_SCOPE)
    assert azure.token_requests.count(AKS_SCOPE) == 2
    assert await credential.identity(stale=first) == fresh[0], "it is not current any more"


async def test_a_token_is_made_anew_before_it_ends(azure: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    entry, _ = await entered(azure, CLUSTER, EXEC)
    credential = entry.connection().credential
    first = await credential.identity()
    monkeypatch.setattr("swarm.sources.azure.entry.EARLY", 3601.0)
    assert await credential.identity() != first
    assert azure.token_requests.count(AKS_SCOPE) == 2


async def test_a_local_account_is_entered_with_its_certificate_and_a_warning(azure: FakeAzure) -> None:
    entry, warnings = await entered(azure, LOCAL, CERTIFICATE)
    assert b"its key" not in pickle.dumps(entry), "a private key is asked for where it is used"
    identity = await entry.connection().credential.identity()
    assert identity == Identity(certificate=b"a certificate", key=b"its key")
    assert len(warnings) == 1
    assert "all rights" in warnings[0] and "train (eastus)" in warnings[0]
    assert azure.token_requests.count(AKS_SCOPE) == 0


async def test_a_local_accounts_token_serves_too(azure: FakeAzure) -> None:
    entry, _ = await entered(azure, LOCAL, {"token": "abc"})
    assert await entry.connection().credential.identity() == Identity(token="abc")


async def test_a_program_that_a_kubeconfig_names_is_never_run(azure: FakeAzure) -> None:
    entry, _ = await entered(azure, LOCAL, EXEC)
    with pytest.raises(ConfigurationError, match="no certificate and no token"):
        await entry.connection().credential.identity()


async def test_a_way_in_that_is_denied_is_told_when_the_cluster_is_entered(azure: FakeAzure) -> None:
    azure.faults.append(Fault("listClusterUserCredential", 403, "AuthorizationFailed", "not you"))
    entry, _ = await entered(azure, CLUSTER, EXEC)
    assert entry.server == SERVER
    with pytest.raises(Forbidden, match="not you") as refused:
        await entry.connection().credential.identity()
    assert "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action" in refused.value.mend
    assert "Azure Kubernetes Service Cluster User Role" in refused.value.mend


async def test_a_throttled_credential_is_asked_for_again(azure: FakeAzure) -> None:
    azure.faults.append(
        Fault("listClusterUserCredential", 429, "TooManyRequests", headers={"Retry-After": "0"}, times=2)
    )
    entry, _ = await entered(azure, CLUSTER, EXEC)
    assert entry.connection().server == SERVER
    assert len(azure.asked("listClusterUserCredential")) == 3


async def test_a_kubeconfig_that_is_none_is_told(azure: FakeAzure) -> None:
    fill(azure, [CLUSTER])
    azure.kubeconfigs[CLUSTER_ID.lower()] = "{{{"
    source = account(place(azure), patience=10)
    await source.open()
    entry = source.entry((await source.read(CLUSTERS, {})).objects[0])
    await source.close()
    assert entry is not None
    with pytest.raises(Forbidden, match="kubeconfig cannot be read"):
        await entry.connection().credential.identity()


@pytest.mark.parametrize("state", ["Creating", "Deleting"])
async def test_a_cluster_that_is_being_made_or_deleted_has_no_way_in(azure: FakeAzure, state: str) -> None:
    fill(azure, [changed(CLUSTER, properties__provisioningState=state)])
    source = account(place(azure), patience=10)
    await source.open()
    assert source.entry((await source.read(CLUSTERS, {})).objects[0]) is None
    await source.close()


async def test_a_private_cluster_says_so(azure: FakeAzure) -> None:
    private = changed(CLUSTER, properties__apiServerAccessProfile={"enablePrivateCluster": True})
    entry, _ = await entered(azure, private, EXEC)
    assert entry.private
