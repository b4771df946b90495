"""Nothing but reads leaves for Azure: whatever is asked of the SDK's client, the guard below it decides."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from azure.core.rest import HttpRequest
from azure.mgmt.containerservice.aio import ContainerServiceClient

from swarm.errors import ReadOnlyViolation
from swarm.sources.azure.calls import CALLS, LOGIN
from swarm.sources.azure.guard import ReadOnly, refuse_unless_read
from swarm.sources.azure.lanes import LANE, Lane, Lanes
from swarm.sources.azure.login import Login
from swarm.sources.azure.pipeline import Bearer, LoopbackBearer, client_of
from tests.clouds.azure.fake import FakeAzure, Fault
from tests.clouds.azure.items import SUBSCRIPTION
from tests.clouds.azure.worlds import fill, one_cluster

Asked = Callable[[ContainerServiceClient], Awaitable[Any]]
BASE = f"https://management.azure.com/subscriptions/{SUBSCRIPTION}"
CLUSTER = f"{BASE}/resourceGroups/ml-rg/providers/Microsoft.ContainerService/managedClusters/train"


def send(method: str, below: str) -> Asked:
    url = f"{{endpoint}}/subscriptions/{SUBSCRIPTION}/{below}?api-version=2026-08-01"
    return lambda client: client.send_request(HttpRequest(method, url))


WRITES: dict[str, Asked] = {
    "delete a cluster": lambda c: c.managed_clusters.begin_delete("ml-rg", "train"),
    "stop a cluster": lambda c: c.managed_clusters.begin_stop("ml-rg", "train"),
    "start a cluster": lambda c: c.managed_clusters.begin_start("ml-rg", "train"),
    "run a command in it": lambda c: c.managed_clusters.begin_run_command(
        "ml-rg", "train", {"command": "id"}
    ),
    "rotate its certificates": lambda c: c.managed_clusters.begin_rotate_cluster_certificates(
        "ml-rg", "train"
    ),
    "be its administrator": lambda c: c.managed_clusters.list_cluster_admin_credentials("ml-rg", "train"),
    "make a cluster": lambda c: c.managed_clusters.begin_create_or_update(
        "ml-rg", "new", {"location": "eastus"}
    ),
    "tag a cluster": lambda c: c.managed_clusters.begin_update_tags("ml-rg", "train", {"tags": {}}),
    "delete a pool": lambda c: c.agent_pools.begin_delete("ml-rg", "train", "gpu"),
    "grow a pool": lambda c: c.agent_pools.begin_create_or_update(
        "ml-rg", "train", "gpu", {"properties": {}}
    ),
    "PUT a disk": send("PUT", "resourceGroups/ml-rg/providers/Microsoft.Compute/disks/d"),
    "PATCH a disk": send("PATCH", "resourceGroups/ml-rg/providers/Microsoft.Compute/disks/d"),
    "DELETE a disk": send("DELETE", "resourceGroups/ml-rg/providers/Microsoft.Compute/disks/d"),
    "open a disk": send("POST", "resourceGroups/ml-rg/providers/Microsoft.Compute/disks/d/beginGetAccess"),
    "register a provider": send("POST", "providers/Microsoft.ContainerService/register"),
    "power a machine off": send(
        "POST", "resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m/powerOff"
    ),
    "HEAD a cluster": send(
        "HEAD", "resourceGroups/ml-rg/providers/Microsoft.ContainerService/managedClusters/train"
    ),
    "GET keys": send("GET", "resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/listKeys"),
    "GET what no slice needs": send("GET", "providers/Microsoft.KeyVault/vaults"),
}


async def client(azure: FakeAzure) -> tuple[ContainerServiceClient, Login, list[int]]:
    sent: list[int] = []
    login = Login(azure.authority)
    LANE.set(Lane(""))
    made = client_of(
        SUBSCRIPTION,
        azure.resource_manager,
        login,
        Lanes(20.0),
        ReadOnly(azure.resource_manager, lambda: sent.append(1)),
    )
    return made, login, sent


@pytest.mark.parametrize("name", WRITES)
async def test_what_is_no_read_is_refused_before_a_byte_left(azure: FakeAzure, name: str) -> None:
    made, login, sent = await client(azure)
    with pytest.raises(ReadOnlyViolation, match="not a plain read"):
        await WRITES[name](made)
    await made.close()
    await login.close()
    assert (azure.requests, sent) == ([], [])


async def test_reads_and_the_one_post_that_reads_pass(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    made, login, sent = await client(azure)
    assert [each.name async for each in made.managed_clusters.list()] == ["train"]
    assert [each.name async for each in made.agent_pools.list("ml-rg", "train")] == ["gpu"]
    given = await made.managed_clusters.list_cluster_user_credentials("ml-rg", "train")
    assert given.kubeconfigs
    await made.close()
    await login.close()
    assert [each.method for each in azure.requests] == ["GET", "GET", "POST"]
    assert len(sent) == 3


async def test_the_sdks_own_pipeline_would_have_registered_a_provider_and_ours_does_not(
    azure: FakeAzure,
) -> None:
    azure.faults.append(
        Fault(
            "managedClusters", 409, "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'Microsoft.ContainerService'",
        )
    )  # fmt: skip
    login = Login(azure.authority)
    bearer = LoopbackBearer(login, "https://management.azure.com/.default")
    theirs = ContainerServiceClient(
        login, SUBSCRIPTION, base_url=azure.resource_manager, authentication_policy=bearer, retry_total=0
    )  # type: ignore[arg-type]
    ours, own_login, _ = await client(azure)
    for each in (theirs, ours):
        before = len(azure.requests)
        with pytest.raises(Exception, match="not registered"):
            [one async for one in each.managed_clusters.list()]
        sent = [request.method for request in azure.requests[before:]]
        assert sent == (["GET", "POST"] if each is theirs else ["GET"])
        await each.close()
    await login.close()
    await own_login.close()


async def test_two_hundred_calls_side_by_side_ask_for_one_token(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    made, login, sent = await client(azure)
    await asyncio.gather(
        *(made.managed_clusters.list_cluster_user_credentials("ml-rg", "train") for _ in range(200))
    )
    await made.close()
    await login.close()
    assert len(sent) == 200
    assert len(azure.token_requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/providers/Microsoft.Compute/disks?api-version=1",
        f"{BASE}/resourcegroups/a%20b/providers/microsoft.compute/virtualmachinescalesets/x/virtualMachines",
        BASE,
        f"{CLUSTER}/agentPools",
    ],
)
def test_a_path_is_known_in_whatever_case(url: str) -> None:
    refuse_unless_read("GET", url, "https://management.azure.com")


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "https://evil.example.com/subscriptions/x/providers/Microsoft.Compute/disks"),
        ("GET", "http://management.azure.com/subscriptions/x/providers/Microsoft.Compute/disks"),
        ("GET", "https://management.azure.com:444/subscriptions/x/providers/Microsoft.Compute/disks"),
        (
            "GET",
            "https://management.azure.com@evil.example.com/subscriptions/x/providers/Microsoft.Compute/disks",
        ),
        ("GET", f"{BASE}/providers/Microsoft.Compute/disks/../../Microsoft.KeyVault/vaults"),
        ("GET", f"{BASE}/providers/Microsoft.Compute/disks/one"),
        ("GET", f"{BASE}/providers"),
        ("GET", "https://management.azure.com/subscriptions"),
        ("GET", CLUSTER),
        ("GET", f"{CLUSTER}/listClusterUserCredential"),
        ("POST", f"{CLUSTER}/listClusterAdminCredential"),
        ("POST", f"{BASE}/providers/Microsoft.Compute/disks"),
        ("POST", f"{CLUSTER}/agentPools/x/listClusterUserCredential"),
        ("get", f"{BASE}/providers/Microsoft.Compute/disks"),
    ],
)
def test_another_host_another_path_or_another_method_is_refused(method: str, url: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read(method, url, "https://management.azure.com")


def test_the_allow_list_is_what_the_slices_and_the_login_cost_and_nothing_else() -> None:
    allowed = {call for calls in (*CALLS.values(), LOGIN) for call in calls}
    assert len(allowed) == 13
    posts = [call for call in allowed if call.permission.endswith("/action")]
    assert [call.operation.rpartition("/")[2] for call in posts] == ["listClusterUserCredential"]
    assert all(call.permission.endswith("/read") for call in allowed - set(posts))


def test_only_an_endpoint_on_the_loopback_gets_its_token_over_plain_http(azure: FakeAzure) -> None:
    def policies(endpoint: str) -> list[type]:
        made = client_of(SUBSCRIPTION, endpoint, Login(), Lanes(1.0), ReadOnly(endpoint, lambda: None))
        return [type(policy) for policy in made._client._pipeline._impl_policies]

    public, local = policies("https://management.azure.com"), policies(azure.resource_manager)
    assert Bearer in public and LoopbackBearer not in public
    assert LoopbackBearer in local
    for listed in (public, local):
        assert listed[-1] is ReadOnly
        assert not any("Registration" in policy.__name__ for policy in listed)


async def test_a_token_is_not_shown_over_plain_http_even_if_the_endpoint_says_so() -> None:
    endpoint = "http://arm.example.com"
    made = client_of(SUBSCRIPTION, endpoint, Login(), Lanes(1.0), ReadOnly(endpoint, lambda: None))
    LANE.set(Lane(""))
    with pytest.raises(Exception, match="non-TLS"):
        await made.send_request(HttpRequest("GET", f"{endpoint}/subscriptions/x"), retry_total=0)
    await made.close()
