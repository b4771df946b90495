"""A subscription is read whole, or says what of it was not; the SDK's own client and credentials do the asking."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest

from scanners.facts.cloud import CloudCluster, Disk, Instance, LoadBalancer
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import (
    ADDRESSES,
    CLOUD_QUOTAS,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    PODS,
)
from swarm.errors import ConfigurationError, NotServed, Unauthorized, Unreachable
from swarm.sources.azure.calls import CALLS
from swarm.sources.azure.source import AzureSource, account
from swarm.sources.cloud import AccountPlace, Endpoints, share_of
from swarm.sources.source import Read
from tests.clouds.azure.fake import ARM_SCOPE, FakeAzure, Fault
from tests.clouds.azure.items import ADDRESS, CLUSTER, CLUSTER_ID, DISK, SUBSCRIPTION
from tests.clouds.azure.worlds import cluster_id, fill, one_cluster
from tests.cluster.pki import Authority


def place(azure: FakeAzure, name: str = SUBSCRIPTION) -> AccountPlace:
    endpoints = Endpoints(azure_resource_manager=azure.resource_manager, azure_authority=azure.authority)
    return AccountPlace("azure", name, endpoints)


async def opened(azure: FakeAzure, patience: float = 20.0) -> AzureSource:
    source = account(place(azure), patience=patience)
    await source.open()
    return source


async def read_all(source: AzureSource) -> dict[Any, Read]:
    try:
        reads = await asyncio.gather(*(source.read(slice_, {}) for slice_ in CALLS))
        return dict(zip(CALLS, reads, strict=True))
    finally:
        await source.close()


def states(read: Read) -> dict[str, SliceState]:
    return {reading.scope: reading.state for reading in read.readings}


def the(read: Read, scope: str) -> Reading:
    return next(reading for reading in read.readings if reading.scope == scope)


async def test_a_subscription_is_found_by_its_id_and_called_by_its_name(azure: FakeAzure) -> None:
    source = account(place(azure, SUBSCRIPTION.upper()), patience=20)
    target = await source.open()
    await source.close()
    assert (target.id, target.name, target.provider) == (SUBSCRIPTION, f"azure {SUBSCRIPTION} (ML)", "azure")
    assert azure.token_requests == [ARM_SCOPE]


async def test_everything_of_a_subscription_is_read_in_pages(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    azure.put("providers/Microsoft.Compute/disks", *(
        {**DISK, "id": f"{DISK['id']}{n}", "name": f"pvc-{n}"} for n in range(5)
    ))  # fmt: skip
    reads = await read_all(await opened(azure))
    assert {slice_.name: len(read.objects) for slice_, read in reads.items()} == {
        "clusters": 1, "node-pools": 1, "instances": 2, "cloud-quotas": 1, "disks": 5, "addresses": 2,
        "load-balancers": 1,
    }  # fmt: skip
    assert all(reading.state is SliceState.COMPLETE for read in reads.values() for reading in read.readings)
    assert all(read.readings for read in reads.values())
    assert states(reads[NODE_POOLS]) == {"region/eastus": SliceState.COMPLETE}
    assert states(reads[DISKS]) == {"cluster": SliceState.COMPLETE}
    assert len(azure.asked("/disks")) == 3
    assert azure.not_reads() == []


async def test_what_was_sent_is_counted_once_and_for_the_slice_that_asked(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    source = await opened(azure)
    reads = await read_all(source)
    assert source.counters.requests == len(azure.requests)
    assert sum(read.requests for read in reads.values()) == len(azure.requests) - 1, "all but the opening's"


async def test_a_disk_belongs_to_the_cluster_whose_node_resource_group_it_lies_in(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    elsewhere = {**DISK, "id": DISK["id"].replace("MC_ML-RG_TRAIN_EASTUS", "old-rg"), "name": "old"}
    azure.put("providers/Microsoft.Compute/disks", DISK, elsewhere)
    disks: list[Disk] = (await read_all(await opened(azure)))[DISKS].objects
    assert {disk.name: disk.cluster for disk in disks} == {"pvc-0a1b": CLUSTER_ID, "old": ""}


async def test_machines_carry_what_their_scale_set_says_of_them(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    machines: list[Instance] = (await read_all(await opened(azure)))[INSTANCES].objects
    assert {(each.name, each.pool, each.capacity_type, each.cluster) for each in machines} == {
        ("aks-gpu-12345678-vmss_0", "gpu", "spot", CLUSTER_ID),
        ("aks-single-1", "single", "on-demand", CLUSTER_ID),
    }


async def test_a_balancer_learns_its_public_addresses_and_they_are_listed_once(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    balancers: list[LoadBalancer] = (await read_all(await opened(azure)))[LOAD_BALANCERS].objects
    assert balancers[0].addresses == ("20.1.2.3", "10.224.0.9")
    assert len(azure.asked("/publicIPAddresses")) == 1


async def test_a_subscription_without_clusters_is_empty_and_whole(azure: FakeAzure) -> None:
    fill(azure, [])
    reads = await read_all(await opened(azure))
    for slice_ in (CLUSTERS, NODE_POOLS, INSTANCES, CLOUD_QUOTAS):
        assert reads[slice_].objects == []
        assert states(reads[slice_]) == {"cluster": SliceState.COMPLETE}


async def test_a_slice_of_the_clusters_own_is_not_answered_for(azure: FakeAzure) -> None:
    source = await opened(azure)
    assert await source.read(PODS, {}) == Read(objects=[], readings=[])
    await source.close()


async def test_what_is_no_subscription_id_is_refused_before_anybody_is_asked(azure: FakeAzure) -> None:
    with pytest.raises(ConfigurationError, match="ml-production is not the id of a subscription") as refused:
        await account(place(azure, "ml-production"), patience=5).open()
    assert "az account list" in refused.value.mend
    assert azure.requests == []


async def test_an_unknown_subscription_is_told_as_such(azure: FakeAzure) -> None:
    source = account(place(azure, "00000000-0000-0000-0000-000000000000"), patience=5)
    with pytest.raises(NotServed, match="there is no such subscription"):
        await source.open()
    await source.close()


async def test_whoever_is_not_logged_in_is_told_how(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    source = account(place(azure), patience=5)
    with pytest.raises(Unauthorized, match="nobody is logged in") as refused:
        await source.open()
    await source.close()
    assert "az login" in refused.value.mend
    assert azure.requests == []


async def test_a_wrong_secret_is_told_in_entras_words(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "another")
    source = account(place(azure), patience=5)
    with pytest.raises(Unauthorized, match="AADSTS7000215"):
        await source.open()
    await source.close()


async def test_a_resource_manager_that_is_not_there_is_unreachable(azure: FakeAzure) -> None:
    nowhere = Endpoints(azure_resource_manager="http://127.0.0.1:9", azure_authority=azure.authority)
    source = account(AccountPlace("azure", SUBSCRIPTION, nowhere), patience=20)
    with pytest.raises(Unreachable, match="Azure Resource Manager cannot be reached"):
        await source.open()
    await source.close()


async def test_what_is_denied_names_the_right_that_is_missing_and_costs_nothing_else(
    azure: FakeAzure,
) -> None:
    fill(azure, one_cluster())
    azure.faults.append(
        Fault(
            "/disks", 403, "AuthorizationFailed", "The client 'x' does not have authorization to read disks"
        )
    )
    reads = await read_all(await opened(azure))
    reading = the(reads[DISKS], "cluster")
    assert reading.state is SliceState.DENIED
    assert "does not have authorization" in reading.detail
    assert "Microsoft.Compute/disks/read" in reading.mend
    assert states(reads[ADDRESSES]) == {"cluster": SliceState.COMPLETE}


async def test_pools_denied_for_one_cluster_are_its_own_gap(azure: FakeAzure) -> None:
    fill(azure, one_cluster(), [{**CLUSTER, "id": cluster_id("second"), "name": "second"}])
    azure.put("resourceGroups/ml-rg/providers/Microsoft.ContainerService/managedClusters/second/agentPools")
    azure.faults.append(Fault("/second/agentPools", 403, "AuthorizationFailed", "no"))
    reads = await read_all(await opened(azure))
    assert states(reads[NODE_POOLS]) == {
        "region/eastus": SliceState.COMPLETE, "cluster/second": SliceState.DENIED,
    }  # fmt: skip
    clusters: list[CloudCluster] = reads[CLUSTERS].objects
    shares = {each.name: share_of(each, {NODE_POOLS: reads[NODE_POOLS]})[NODE_POOLS] for each in clusters}
    assert [reading.state for reading in shares["train"].readings] == [SliceState.COMPLETE]
    assert SliceState.DENIED in [reading.state for reading in shares["second"].readings]


async def test_a_list_whose_second_page_fails_is_not_taken_for_whole(azure: FakeAzure) -> None:
    fill(azure, [])
    azure.put("providers/Microsoft.Compute/disks", *({**DISK, "name": f"d{n}"} for n in range(3)))
    azure.faults.append(Fault("skiptoken", 403, "AuthorizationFailed", "no more"))
    read = (await read_all(await opened(azure)))[DISKS]
    assert (len(read.objects), states(read)) == (2, {"cluster": SliceState.PARTIAL})


async def test_a_page_that_is_no_json_breaks_the_list_off(azure: FakeAzure) -> None:
    fill(azure, [])
    azure.put("providers/Microsoft.Compute/disks", *({**DISK, "name": f"d{n}"} for n in range(3)))
    azure.faults.append(Fault("skiptoken", 200, body='{"value": [{"na'))
    read = (await read_all(await opened(azure)))[DISKS]
    assert (len(read.objects), states(read)) == (2, {"cluster": SliceState.TRUNCATED})


@pytest.mark.parametrize(
    "path", ["providers/Microsoft.Compute/disks", "providers/Microsoft.ContainerService/managedClusters"]
)
async def test_a_next_page_on_another_host_is_not_followed_and_no_token_goes_there(
    azure: FakeAzure, path: str, authority: Authority
) -> None:
    fill(azure, [])
    items = [{**DISK, "name": f"d{n}"} for n in range(3)]
    azure.put(path, *items)
    with FakeAzure(authority) as stranger:
        stranger.authenticates = False
        azure.next_host = stranger.resource_manager
        reads = await read_all(await opened(azure))
        assert stranger.requests == []
    read = reads[DISKS if "disks" in path else CLUSTERS]
    assert len(read.objects) == 2
    assert the(read, "cluster").state is SliceState.TRUNCATED
    assert "not where Azure answers" in the(read, "cluster").detail


async def test_a_list_that_goes_in_circles_ends(azure: FakeAzure) -> None:
    fill(azure, [])
    url = f"{azure.resource_manager}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/disks?api-version=1"
    azure.faults.append(Fault("Microsoft.Compute/disks", 200, body={"value": [DISK], "nextLink": url}))
    read = (await read_all(await opened(azure)))[DISKS]
    assert the(read, "cluster").state is SliceState.TRUNCATED
    assert "circles" in the(read, "cluster").detail


async def test_a_provider_that_is_not_registered_is_absent_and_is_not_registered_by_us(
    azure: FakeAzure,
) -> None:
    fill(azure, [])
    azure.faults.append(
        Fault(
            "managedClusters", 409, "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'Microsoft.ContainerService'",
        )
    )  # fmt: skip
    reads = await read_all(await opened(azure))
    reading = the(reads[CLUSTERS], "cluster")
    assert reading.state is SliceState.ABSENT
    assert "az provider register --namespace Microsoft.ContainerService" in reading.mend
    assert states(reads[NODE_POOLS]) == {"cluster": SliceState.ABSENT}
    assert azure.not_reads() == []
    assert azure.asked("register") == []


async def test_throttling_is_waited_out_as_long_as_it_asks_and_loses_nothing(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    azure.faults.append(Fault("Compute/disks", 429, "TooManyRequests", headers={"Retry-After": "1"}, times=2))
    began = time.monotonic()
    reads = await read_all(await opened(azure))
    assert time.monotonic() - began >= 2
    assert states(reads[DISKS]) == {"cluster": SliceState.COMPLETE}
    assert len(azure.asked("Compute/disks")) == 3


async def test_a_fifth_of_all_answers_throttled_is_slower_and_whole(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    seen: Counter[str] = Counter()

    class Fifth(Fault):
        def meets(self, path: str) -> bool:
            seen["all"] += 1
            return seen["all"] % 5 == 0

    azure.faults.append(Fifth("", 429, "TooManyRequests", headers={"Retry-After": "0"}))
    reads = await read_all(await opened(azure))
    assert seen["all"] >= 10
    assert all(reading.state is SliceState.COMPLETE for read in reads.values() for reading in read.readings)
    assert sum(len(read.objects) for read in reads.values()) == 9


async def test_a_wait_beyond_all_patience_is_a_gap_at_once(azure: FakeAzure) -> None:
    fill(azure, [])
    azure.faults.append(Fault("Compute/disks", 429, "TooManyRequests", headers={"Retry-After": "3600"}))
    began = time.monotonic()
    read = (await read_all(await opened(azure)))[DISKS]
    assert time.monotonic() - began < 5
    assert the(read, "cluster").state is SliceState.FAILED
    assert "3600 s" in the(read, "cluster").detail


async def test_a_silent_location_costs_its_own_answers_only(azure: FakeAzure) -> None:
    far = {**CLUSTER, "id": cluster_id("far"), "name": "far", "location": "westeurope"}
    fill(azure, one_cluster(), [far])
    azure.faults.append(Fault("/far/|locations/westeurope", seconds=60))
    began = time.monotonic()
    reads = await read_all(await opened(azure, patience=1.0))
    assert time.monotonic() - began < 8
    assert states(reads[NODE_POOLS]) == {
        "region/eastus": SliceState.COMPLETE, "cluster/far": SliceState.TIMED_OUT,
    }  # fmt: skip
    assert states(reads[CLOUD_QUOTAS]) == {
        "region/eastus": SliceState.COMPLETE, "region/westeurope": SliceState.TIMED_OUT,
    }  # fmt: skip
    assert len(reads[CLUSTERS].objects) == 2


async def test_a_reading_that_is_ended_keeps_what_it_has(azure: FakeAzure) -> None:
    fill(azure, [])
    azure.put("providers/Microsoft.Compute/disks", *({**DISK, "name": f"d{n}"} for n in range(3)))
    azure.faults.append(Fault("skiptoken", seconds=60))
    source = await opened(azure)
    reading = asyncio.create_task(source.read(DISKS, {}))
    while not any("$skiptoken" in each.query for each in azure.requests):
        await asyncio.sleep(0.02)
    source.stop(SliceState.TIMED_OUT, "not read within the deadline", "raise --deadline")
    read = await asyncio.wait_for(reading, 5)
    await source.close()
    assert len(read.objects) == 2
    assert [(r.state, r.detail, r.mend) for r in read.readings] == [
        (SliceState.TIMED_OUT, "not read within the deadline", "raise --deadline")
    ]
    again = account(place(azure), patience=5)
    again.stop(SliceState.TRUNCATED, "interrupted")
    assert states(await again.read(DISKS, {})) == {"cluster": SliceState.TRUNCATED}
    await again.close()


async def test_a_token_that_is_revoked_in_the_middle_is_made_anew_once(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    azure.put("providers/Microsoft.Compute/disks", *({**DISK, "name": f"d{n}"} for n in range(40)))
    azure.delay = lambda _: 0.05
    source = await opened(azure)
    reading = asyncio.create_task(read_all(source))
    await asyncio.sleep(0.3)
    azure.revoke_all()
    reads = await reading
    assert len(reads[DISKS].objects) == 40
    assert all(reading.state is SliceState.COMPLETE for read in reads.values() for reading in read.readings)
    assert azure.token_requests == [ARM_SCOPE, ARM_SCOPE]


async def test_a_stopped_cluster_is_told_is_whole_and_cannot_be_entered(azure: FakeAzure) -> None:
    stopped = {**CLUSTER, "properties": {**CLUSTER["properties"], "powerState": {"code": "Stopped"}}}
    fill(azure, [stopped])
    source = await opened(azure)
    read = await source.read(CLUSTERS, {})
    assert source.entry(read.objects[0]) is None
    await source.close()
    reading = the(read, "cluster/train")
    assert reading.state is SliceState.COMPLETE
    assert "stopped" in reading.detail and "az aks start" in reading.mend
    assert azure.asked("listClusterUserCredential") == []


async def test_a_subscription_whose_own_object_may_not_be_read_is_read_without_its_name(
    azure: FakeAzure,
) -> None:
    fill(azure, one_cluster())
    azure.faults.append(Fault(f"^/subscriptions/{SUBSCRIPTION}\\?", 403, "AuthorizationFailed", "no"))
    source = account(place(azure), patience=20)
    target = await source.open()
    assert target.name == f"azure {SUBSCRIPTION}"
    assert "Microsoft.Resources/subscriptions/read" in source.warnings[0]
    assert len((await source.read(CLUSTERS, {})).objects) == 1
    await source.close()


async def test_plain_http_to_another_machine_is_refused_before_anybody_logs_in(azure: FakeAzure) -> None:
    endpoints = Endpoints(azure_resource_manager="http://arm.example.com", azure_authority=azure.authority)
    with pytest.raises(ConfigurationError, match="not safe to send a token to"):
        account(AccountPlace("azure", SUBSCRIPTION, endpoints), patience=5)
    assert azure.token_requests == []


async def test_what_is_no_object_in_a_list_makes_it_partial(azure: FakeAzure) -> None:
    fill(azure, [])
    body = {"value": [DISK, "nonsense", {"nameless": 1}]}
    azure.faults.append(Fault("Compute/disks", 200, body=body))
    read = (await read_all(await opened(azure)))[DISKS]
    assert (len(read.objects), states(read)) == (1, {"cluster": SliceState.PARTIAL})
    assert "2 objects could not be decoded" in the(read, "cluster").detail


async def test_addresses_that_cannot_be_read_leave_the_gateways(azure: FakeAzure) -> None:
    fill(azure, one_cluster())
    azure.faults.append(Fault("publicIPAddresses", 403, "AuthorizationFailed", "no addresses"))
    reads = await read_all(await opened(azure))
    assert [fact.kind for fact in reads[ADDRESSES].objects] == ["natGateways"]
    assert states(reads[ADDRESSES]) == {"cluster": SliceState.PARTIAL}
    assert states(reads[LOAD_BALANCERS]) == {"cluster": SliceState.PARTIAL}
    assert ADDRESS["name"] not in [fact.name for fact in reads[ADDRESSES].objects]
