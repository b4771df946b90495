"""A project as a source: the real client and the real login, on Google's APIs on the loopback."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from scanners.facts.gaps import SliceState, overall
from scanners.facts.slices import (
    ADDRESSES,
    CLOUD_QUOTAS,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    Slice,
)
from swarm.errors import ConfigurationError, Unauthorized, Unreachable
from swarm.sources.cloud import AccountPlace, Endpoints, open_account, share_of
from swarm.sources.gcp.refusals import UnknownProject
from swarm.sources.gcp.source import GoogleAccount
from swarm.sources.source import Read
from tests.clouds.gcp import objects
from tests.clouds.gcp.objects import PROJECT

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google

ALL = (CLUSTERS, NODE_POOLS, INSTANCES, CLOUD_QUOTAS, DISKS, ADDRESSES, LOAD_BALANCERS)
REGIONS = ("us-central1", "europe-west4")
Open = Callable[..., Any]


def furnished(google: "Google") -> None:
    """A cluster in each of two regions, and one thing of each sort in the first."""
    google.clusters = [
        objects.cluster(nodePools=[objects.pool(), objects.pool("cpu")]),
        objects.cluster("web", "europe-west4", nodePools=[objects.pool("web")]),
    ]
    zone, region = "zones/us-central1-a", "regions/us-central1"
    empty = {"zones/europe-west4-a": []}
    pool = {"selfLink": f"{objects.COMPUTE}/{region}/targetPools/a1b2c3", "instances": ["x", "y"]}
    google.lists = {
        "instances": {zone: [objects.instance(), objects.instance("vm", labels={})], **empty},
        "disks": {zone: [objects.disk()], **empty},
        "addresses": {region: [objects.address()], "regions/europe-west4": []},
        "forwardingRules": {region: [objects.rule()], "global": []},
        "targetPools": {region: [pool]},
        "backendServices": {},
        "instanceGroups": {},
        "networkEndpointGroups": {},
    }
    google.regions = [
        {"name": name, "quotas": [{"metric": "NVIDIA_L4_GPUS", "limit": 4.0, "usage": 1.0}]}
        for name in REGIONS
    ]


@pytest_asyncio.fixture
async def account(google: "Google") -> AsyncIterator[GoogleAccount]:
    furnished(google)
    source = open_account(AccountPlace("gcp", PROJECT, Endpoints(gcp=google.url)), patience=5)
    assert isinstance(source, GoogleAccount)
    yield source
    await source.close()


async def everything(account: GoogleAccount) -> dict[Slice, Read]:
    """Clusters first, the rest side by side, as the coordinator reads."""
    reads = {CLUSTERS: await account.read(CLUSTERS, {})}
    rest = await asyncio.gather(*(account.read(slice_, {}) for slice_ in ALL[1:]))
    return reads | dict(zip(ALL[1:], rest, strict=True))


def names(read: Read) -> list[str]:
    return [fact.name for fact in read.objects]


def states(read: Read) -> dict[str, SliceState]:
    return {reading.scope: reading.state for reading in read.readings}


async def test_a_whole_project_is_read_and_each_slice_says_that_it_is_whole(
    google: "Google", account: GoogleAccount
) -> None:
    target = await account.open()
    assert (target.id, target.name, target.provider) == (PROJECT, f"gcp {PROJECT}", "gcp")
    reads = await everything(account)
    assert {slice_.name: names(read) for slice_, read in reads.items()} == {
        "clusters": ["train", "web"],
        "node-pools": ["a100", "cpu", "web"],
        "instances": ["gke-train-a100-1"],
        "cloud-quotas": ["NVIDIA_L4_GPUS", "NVIDIA_L4_GPUS"],
        "disks": ["pvc-1"],
        "addresses": ["web-ip"],
        "load-balancers": ["a1b2c3"],
    }
    assert all(states(read) == {"cluster": SliceState.COMPLETE} for read in reads.values())
    train = reads[CLUSTERS].objects[0]
    assert {fact.cluster for fact in reads[NODE_POOLS].objects} == {train.uid, reads[CLUSTERS].objects[1].uid}
    assert reads[INSTANCES].objects[0].cluster == train.uid
    assert reads[DISKS].objects[0].cluster == train.uid
    assert reads[LOAD_BALANCERS].objects[0].targets == 2


async def test_what_was_sent_is_counted_by_slice_and_each_request_shows_the_token(
    google: "Google", account: GoogleAccount
) -> None:
    await account.open()
    reads = await everything(account)
    assert (
        account.counters.requests == len(google.seen) == sum(read.requests for read in reads.values()) == 10
    )
    assert {seen.token for seen in google.seen} == set(google.minted) and len(google.minted) == 1


async def test_a_cluster_gets_its_own_share(google: "Google", account: GoogleAccount) -> None:
    await account.open()
    reads = await everything(account)
    web = reads[CLUSTERS].objects[1]
    share = share_of(
        web, {slice_: reads[slice_] for slice_ in (CLUSTERS, NODE_POOLS, INSTANCES, CLOUD_QUOTAS)}
    )
    assert names(share[NODE_POOLS]) == ["web"] and names(share[INSTANCES]) == []
    assert [quota.region for quota in share[CLOUD_QUOTAS].objects] == ["europe-west4"]
    assert {overall(read.readings) for read in share.values()} == {SliceState.COMPLETE}


async def test_pages_are_followed_to_the_end(google: "Google", account: GoogleAccount) -> None:
    google.lists["disks"] = {
        f"zones/{zone}": [objects.disk(f"d-{zone}-{number}", zone) for number in range(7)]
        for zone in ("us-central1-a", "europe-west4-a")
    }
    google.page = 3
    await account.open()
    disks = await account.read(DISKS, {})
    assert len(disks.objects) == 14 and states(disks) == {"cluster": SliceState.COMPLETE}
    assert disks.requests == 5


async def test_an_instances_metadata_is_not_asked_for(google: "Google", account: GoogleAccount) -> None:
    await account.open()
    await account.read(INSTANCES, {})
    (seen,) = [seen for seen in google.seen if seen.what == "GET aggregated/instances"]
    assert "metadata" not in seen.parameters["fields"]
    assert seen.parameters["filter"] == "labels.goog-k8s-cluster-name:*"
    assert seen.parameters["returnPartialSuccess"] == "true"


async def test_a_list_that_breaks_off_keeps_what_it_had_and_says_so(
    google: "Google", account: GoogleAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarm.sources.gcp.compute.ATTEMPTS", 2)
    google.lists["disks"] = {"zones/us-central1-a": [objects.disk(f"d{number}") for number in range(5)]}
    google.page, google.breaks_after = 2, 4
    await account.open()
    disks = await account.read(DISKS, {})
    (reading,) = disks.readings
    assert (len(disks.objects), reading.state, reading.objects) == (4, SliceState.PARTIAL, 4)
    assert reading.detail.startswith("the list broke off")


async def test_missing_zones_make_their_region_partial_and_no_other(
    google: "Google", account: GoogleAccount
) -> None:
    google.missing_zones = ["us-west9-b"]
    await account.open()
    reads = await everything(account)
    for slice_ in (CLUSTERS, NODE_POOLS):
        assert states(reads[slice_]) == {
            "region/europe-west4": SliceState.COMPLETE,
            "region/us-central1": SliceState.COMPLETE,
            "region/us-west9": SliceState.PARTIAL,
        }
        assert "us-west9-b did not answer" in [reading.detail for reading in reads[slice_].readings]
        assert overall(reads[slice_].readings) is SliceState.PARTIAL


@pytest.mark.parametrize("how", ["unreachables", "warning"])
async def test_a_silent_region_is_its_own_gap(google: "Google", account: GoogleAccount, how: str) -> None:
    if how == "unreachables":
        google.unreachables["aggregated/disks"] = [f"projects/{PROJECT}/zones/europe-west4-a"]
    else:
        google.warned["zones/europe-west4-a"] = {"code": "UNREACHABLE", "message": "zone is away"}
    await account.open()
    disks = await account.read(DISKS, {})
    assert names(disks) == ["pvc-1"]
    assert states(disks) == {
        "region/us-central1": SliceState.COMPLETE,
        "region/europe-west4": SliceState.PARTIAL,
    }


async def test_a_region_whose_quotas_could_not_be_fetched_is_partial(
    google: "Google", account: GoogleAccount
) -> None:
    google.regions[1] = {
        "name": "europe-west4",
        "quotaStatusWarning": {"code": "UNREACHABLE", "message": "no"},
    }
    await account.open()
    quotas = await account.read(CLOUD_QUOTAS, {})
    assert states(quotas)["region/europe-west4"] is SliceState.PARTIAL
    assert states(quotas)["region/us-central1"] is SliceState.COMPLETE


async def test_a_denied_list_names_its_permission(google: "Google", account: GoogleAccount) -> None:
    google.refused["aggregated/disks"] = 403, "forbidden", "Required 'compute.disks.list' permission"
    await account.open()
    (reading,) = (await account.read(DISKS, {})).readings
    assert (reading.state, reading.objects) == (SliceState.DENIED, 0)
    assert reading.mend == f"grant compute.disks.list on project {PROJECT}"


async def test_denied_clusters_are_a_gap_and_the_rest_is_read(
    google: "Google", account: GoogleAccount
) -> None:
    google.refused["ListClusters"] = 403, "", 'Required "container.clusters.list" permission(s)'
    await account.open()
    reads = await everything(account)
    assert states(reads[CLUSTERS]) == states(reads[NODE_POOLS]) == {"cluster": SliceState.DENIED}
    assert "container.clusters.list" in reads[CLUSTERS].readings[0].mend
    assert names(reads[DISKS]) == ["pvc-1"]
    assert reads[DISKS].objects[0].cluster == "train"


async def test_an_api_that_is_off_is_absent_not_denied(google: "Google", account: GoogleAccount) -> None:
    google.refused["aggregated/addresses"] = (
        403,
        "accessNotConfigured",
        "Compute Engine API has not been used",
    )
    await account.open()
    assert states(await account.read(ADDRESSES, {})) == {"cluster": SliceState.ABSENT}


async def test_without_one_of_the_lists_behind_them_balancers_are_still_told(
    google: "Google", account: GoogleAccount
) -> None:
    google.refused["aggregated/targetPools"] = 403, "forbidden", "Required 'compute.targetPools.list'"
    await account.open()
    read = await account.read(LOAD_BALANCERS, {})
    assert names(read) == ["a1b2c3"] and read.objects[0].targets is None
    assert overall(read.readings) is SliceState.PARTIAL
    assert f"grant compute.targetPools.list on project {PROJECT}" in [one.mend for one in read.readings]


async def test_backends_of_a_service_are_counted_over_its_groups(
    google: "Google", account: GoogleAccount
) -> None:
    region = "regions/us-central1"
    host = "https://compute.googleapis.com/compute/v1"
    group = f"projects/{PROJECT}/zones/us-central1-a/networkEndpointGroups/neg"
    service = f"projects/{PROJECT}/{region}/backendServices/s"
    google.lists["forwardingRules"] = {
        region: [
            objects.rule("full", target=None, backendService=f"{host}/{service}"),
            objects.rule("empty", target=None, backendService=f"{host}/{service}-none"),
            objects.rule("proxy", target=f"{objects.COMPUTE}/global/targetHttpProxies/p"),
        ]
    }
    google.lists["backendServices"] = {
        region: [
            {
                "selfLink": f"https://www.googleapis.com/compute/v1/{service}",
                "backends": [{"group": f"{host}/{group}"}],
            },
            {"selfLink": f"https://www.googleapis.com/compute/v1/{service}-none"},
        ]
    }
    neg = {"selfLink": f"{host}/{group}", "size": 3, "networkEndpointType": "GCE_VM_IP_PORT"}
    google.lists["networkEndpointGroups"] = {"zones/us-central1-a": [neg]}
    await account.open()
    read = await account.read(LOAD_BALANCERS, {})
    assert {rule.name: rule.targets for rule in read.objects} == {"full": 3, "empty": 0, "proxy": None}


async def test_a_fifth_of_all_calls_throttled_costs_time_and_nothing_else(
    google: "Google", account: GoogleAccount
) -> None:
    google.lists["disks"] = {
        f"zones/r{region}-x{region}-a": [objects.disk(f"d-{region}-{number}") for number in range(20)]
        for region in range(30)
    }
    google.page = 20
    google.throttled = lambda number: number % 5 == 1
    await account.open()
    reads = await everything(account)
    assert len(reads[DISKS].objects) == 600
    assert {overall(read.readings) for read in reads.values()} == {SliceState.COMPLETE}
    assert google.answered_429 >= 8
    assert account.counters.requests == len(google.seen)


async def test_throttled_to_the_end_is_a_gap_with_its_name(
    google: "Google", account: GoogleAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarm.sources.gcp.compute.ATTEMPTS", 2)
    await account.open()
    google.throttled = lambda _: True
    (reading,) = (await account.read(DISKS, {})).readings
    assert reading.state is SliceState.FAILED
    assert "asked for patience" in reading.detail and reading.mend


async def test_a_silent_list_is_a_gap_after_patience_and_holds_up_nothing_else(google: "Google") -> None:
    furnished(google)
    google.silent = {"aggregated/disks"}
    account = open_account(AccountPlace("gcp", PROJECT, Endpoints(gcp=google.url)), patience=0.5)
    try:
        await account.open()
        began = time.monotonic()
        reads = await everything(account)  # type: ignore[arg-type]
        assert time.monotonic() - began < 3
    finally:
        await account.close()
    assert states(reads.pop(DISKS)) == {"cluster": SliceState.TIMED_OUT}
    assert {overall(read.readings) for read in reads.values()} == {SliceState.COMPLETE}


async def test_silent_clusters_are_a_gap_too(google: "Google") -> None:
    furnished(google)
    google.silent = {"ListClusters"}
    account = open_account(AccountPlace("gcp", PROJECT, Endpoints(gcp=google.url)), patience=0.5)
    try:
        await account.open()
        assert states(await account.read(CLUSTERS, {})) == {"cluster": SliceState.TIMED_OUT}
        assert names(await account.read(DISKS, {})) == ["pvc-1"]
    finally:
        await account.close()


async def test_stop_ends_soon_with_what_there_is(google: "Google", account: GoogleAccount) -> None:
    google.silent = {"aggregated/disks"}
    await account.open()
    reading = asyncio.create_task(account.read(DISKS, {}))
    await asyncio.sleep(0.2)
    account.stop(SliceState.TIMED_OUT, "the deadline passed", "raise --deadline")
    read = await asyncio.wait_for(reading, 1)
    assert states(read) == {"cluster": SliceState.TIMED_OUT}
    assert read.readings[0].detail == "the deadline passed"
    assert states(await account.read(ADDRESSES, {})) == {"cluster": SliceState.TIMED_OUT}


async def test_a_token_revoked_in_the_middle_costs_one_refresh_and_no_slice(
    google: "Google", account: GoogleAccount
) -> None:
    await account.open()
    google.revoke()
    reads = await everything(account)
    assert {overall(read.readings) for read in reads.values()} == {SliceState.COMPLETE}
    assert len(google.minted) == 2
    assert names(reads[DISKS]) == ["pvc-1"]


async def test_an_object_that_is_not_understood_is_counted_and_named(
    google: "Google", account: GoogleAccount
) -> None:
    google.lists["disks"]["zones/us-central1-a"].append(objects.disk("odd", sizeGb="much"))
    await account.open()
    read = await account.read(DISKS, {})
    assert names(read) == ["pvc-1"] and overall(read.readings) is SliceState.PARTIAL
    assert "odd" in read.readings[-1].detail


async def test_a_project_that_is_not_there_is_an_error_with_its_mend(
    google: "Google", account: GoogleAccount
) -> None:
    google.refused["ListClusters"] = 404, "", f"Not found: projects/{PROJECT}."
    with pytest.raises(UnknownProject) as refused:
        await account.open()
    assert PROJECT in refused.value.what and refused.value.mend


async def test_nobody_logged_in_is_an_error_with_its_mend(
    google: "Google", account: GoogleAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    with pytest.raises(Unauthorized) as refused:
        await account.open()
    assert "gcloud auth application-default login" in refused.value.mend
    assert google.seen == []


async def test_a_project_nobody_answers_for_is_unreachable(google: "Google") -> None:
    account = open_account(AccountPlace("gcp", PROJECT, Endpoints(gcp="http://127.0.0.1:1")), patience=2)
    with pytest.raises(Unreachable):
        await account.open()
    await account.close()


@pytest.mark.parametrize(
    "module",
    [
        "google.auth",
        "google.auth.transport.requests",
        "google.cloud.container_v1.services.cluster_manager",
        "grpc",
    ],
)
async def test_a_missing_extra_names_its_install_line(
    google: "Google", account: GoogleAccount, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError) as refused:
        await account.open()
    assert refused.value.mend == "pip install 'deepscan-swarm[gcp]'"


async def test_a_whole_planet_of_clusters_is_read_though_a_fifth_is_throttled_and_a_region_away(
    google: "Google", account: GoogleAccount
) -> None:
    """30 regions of 20 clusters each, in an answer that is larger than gRPC takes unasked."""
    regions = [f"r{number}-east1" for number in range(30)]
    google.clusters = [
        objects.cluster(f"c{number}", region, description="x" * 8000, nodePools=[objects.pool()])
        for region in regions
        for number in range(20)
    ]
    google.lists["instances"] = {
        f"zones/{region}-a": [_node_of(region, f"c{number}", f"{region}-a") for number in range(20)]
        for region in regions
    }
    google.unreachables["aggregated/instances"] = [f"zones/{regions[0]}-a"]
    google.throttled = lambda number: number % 5 == 0
    google.retry_seconds = 0.01
    google.page = 100
    began = time.monotonic()
    await account.open()
    reads = await everything(account)
    seconds = time.monotonic() - began
    assert (
        len(reads[CLUSTERS].objects) == len(reads[NODE_POOLS].objects) == len(reads[INSTANCES].objects) == 600
    )
    uids = {cluster.uid for cluster in reads[CLUSTERS].objects}
    assert {instance.cluster for instance in reads[INSTANCES].objects} == uids
    gaps = {scope for scope, state in states(reads[INSTANCES]).items() if state is not SliceState.COMPLETE}
    assert gaps == {f"region/{regions[0]}"} and len(states(reads[INSTANCES])) == 30
    assert google.answered_429 >= 3 and account.counters.requests == len(google.seen)
    assert seconds < 20
    print(f"600 clusters in 30 regions: {seconds:.1f} s, {account.counters.requests} requests, "
          f"{google.answered_429} of them throttled")  # fmt: skip


def _node_of(region: str, cluster: str, zone: str) -> dict[str, Any]:
    labels = {"goog-k8s-cluster-name": cluster, "goog-k8s-cluster-location": region}
    return objects.instance(f"gke-{cluster}-{region}", zone, labels=labels)


async def test_an_autopilot_clusters_pools_have_no_bounds_of_ours(
    google: "Google", account: GoogleAccount
) -> None:
    google.clusters = [objects.cluster(autopilot={"enabled": True}, nodePools=[objects.pool()])]
    await account.open()
    (cluster,) = (await account.read(CLUSTERS, {})).objects
    (pool,) = (await account.read(NODE_POOLS, {})).objects
    assert cluster.autopilot
    assert (pool.minimum, pool.maximum, pool.autoscaled) == (None, None, None)


async def test_the_wait_that_a_server_asks_for_is_kept(google: "Google", account: GoogleAccount) -> None:
    google.throttled = lambda number: number == 0
    google.retry_seconds = 0.9
    began = time.monotonic()
    await account.open()
    assert time.monotonic() - began >= 0.9
    assert google.asked() == ["ListClusters", "ListClusters"]
