"""
Reading an account: what is there, and the truth about what was refused, silent or throttled.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import (
    ADDRESSES,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    OF_CLUSTER,
    Slice,
)
from swarm.errors import ConfigurationError, DeepscanError, Unauthorized, Unreachable
from swarm.sources.aws.calls import CALLS, LOGIN
from swarm.sources.aws.source import AwsAccount
from swarm.sources.cloud import AccountPlace, share_of
from swarm.sources.source import Read

from . import account as made
from .front import SILENCE, AwsFront, denying
from .wire import Call, refused


@asynccontextmanager
async def opened(profile: str = "", patience: float = 20) -> AsyncIterator[AwsAccount]:
    source = AwsAccount(AccountPlace("aws", profile), patience=patience)
    try:
        await source.open()
        yield source
    finally:
        await source.close()


async def read(source: AwsAccount, *slices: Slice) -> dict[Slice, Read]:
    reads: dict[Slice, Read] = {}
    for slice_ in slices:
        reads[slice_] = await source.read(slice_, {known: read.objects for known, read in reads.items()})
    return reads


def gaps(read: Read) -> list[Reading]:
    return [reading for reading in read.readings if reading.state is not SliceState.COMPLETE]


async def test_an_account_is_read_in_every_region_that_is_switched_on(aws: AwsFront) -> None:
    train = made.cluster("train")
    made.cluster("serve", "eu-west-1")
    made.node_group("train", "gpu", "g5.xlarge", (0, 4, 3))
    machine = made.machine(
        "g5.xlarge", {"kubernetes.io/cluster/train": "owned", "karpenter.sh/nodepool": "burst"}
    )
    made.machine("m5.large", {"Name": "no node of ours"})
    disk = made.disk(100, {"kubernetes.io/created-for/pvc/name": "data"}, "eu-west-1")
    made.balancer("idle")
    aws.forget()
    async with opened() as source:
        reads = await read(source, *CALLS)
    assert {(c.name, c.region) for c in reads[CLUSTERS].objects} == {
        ("train", "us-east-1"),
        ("serve", "eu-west-1"),
    }
    (pool,) = reads[NODE_POOLS].objects
    assert (pool.cluster, pool.size, pool.maximum, pool.gpus) == (train, 3, 4, 1.0)
    (instance,) = reads[INSTANCES].objects
    assert (instance.name, instance.cluster, instance.pool, instance.gpus) == (machine, train, "burst", 1.0)
    assert [(d.name, d.region) for d in reads[DISKS].objects] == [(disk, "eu-west-1")]
    assert [(b.name, b.targets) for b in reads[LOAD_BALANCERS].objects] == [("idle", 0)]
    assert all(not gaps(each) for each in reads.values())
    assert {r.scope for r in reads[DISKS].readings} == {
        "region/eu-west-1",
        "region/us-east-1",
        "region/us-west-2",
    }


async def test_requests_are_counted_as_they_leave(aws: AwsFront) -> None:
    async with opened() as source:
        reads = await read(source, *CALLS)
        assert source.counters.requests == len(aws.calls)
        assert sum(each.requests for each in reads.values()) == len(aws.calls) - 2
        assert abs(source.now() - time.time()) < 60


async def test_a_denied_region_is_a_gap_with_the_permission_to_grant_and_the_others_are_whole(
    aws: AwsFront,
) -> None:
    disk = made.disk(100, {})
    aws.rule = denying("ec2:DescribeVolumes", region="eu-west-1")
    async with opened() as source:
        read_disks = (await read(source, DISKS))[DISKS]
    (gap,) = gaps(read_disks)
    assert (gap.scope, gap.state, gap.objects) == ("region/eu-west-1", SliceState.DENIED, 0)
    assert "ec2:DescribeVolumes" in gap.mend
    assert "UnauthorizedOperation" in gap.detail
    assert [fact.name for fact in read_disks.objects] == [disk]


async def test_a_policy_of_the_organization_is_not_mended_by_a_grant(aws: AwsFront) -> None:
    aws.rule = denying(
        "eks:ListClusters",
        message="not authorized with an explicit deny in a service control policy",
        region="us-west-2",
    )
    async with opened() as source:
        (gap,) = gaps((await read(source, CLUSTERS))[CLUSTERS])
    assert (gap.scope, gap.state) == ("region/us-west-2", SliceState.DENIED)
    assert gap.mend.startswith("a service control policy of the organization denies it")


async def test_a_region_that_does_not_know_an_accepted_identity_is_switched_off(aws: AwsFront) -> None:
    def rule(call: Call) -> web.Response | None:
        return (
            refused(call, "AuthFailure", "AWS was not able to validate", 401)
            if call.region == "eu-west-1"
            else None
        )

    aws.rule = rule
    async with opened() as source:
        (gap,) = gaps((await read(source, DISKS))[DISKS])
    assert (gap.scope, gap.state) == ("region/eu-west-1", SliceState.DENIED)
    assert "switched off" in gap.detail


async def test_credentials_that_expire_on_the_way_are_a_gap_and_not_an_empty_account(aws: AwsFront) -> None:
    async with opened() as source:
        aws.rule = lambda call: refused(call, "RequestExpired", "Request has expired", 400)
        read_disks = (await read(source, DISKS))[DISKS]
    assert len(gaps(read_disks)) == 3
    assert {(gap.state, "log in again" in gap.mend) for gap in gaps(read_disks)} == {
        (SliceState.DENIED, True)
    }


async def test_a_cluster_that_may_not_be_described_is_its_own_gap(aws: AwsFront) -> None:
    made.cluster("train")
    made.cluster("secret")
    aws.rule = lambda call: (
        refused(call, "AccessDeniedException", "no") if call.path == "/clusters/secret" else None
    )
    async with opened() as source:
        reads = await read(source, CLUSTERS, NODE_POOLS)
    assert [cluster.name for cluster in reads[CLUSTERS].objects] == ["train"]
    for each in reads.values():
        (gap,) = gaps(each)
        assert (gap.scope, gap.state) == ("cluster/secret", SliceState.DENIED)
        assert "eks:DescribeCluster" in gap.mend


async def test_node_groups_denied_everywhere_are_one_gap_for_their_region_and_for_each_cluster(
    aws: AwsFront,
) -> None:
    made.cluster("train")
    made.cluster("serve")
    aws.rule = denying("eks:ListNodegroups")
    async with opened() as source:
        reads = await read(source, CLUSTERS, NODE_POOLS)
    (gap,) = gaps(reads[NODE_POOLS])
    assert (gap.scope, gap.state) == ("region/us-east-1", SliceState.DENIED)
    share = share_of(reads[CLUSTERS].objects[0], reads)
    assert [reading.state for reading in share[NODE_POOLS].readings] == [SliceState.DENIED]


async def test_what_only_enriches_makes_a_region_partial_when_it_is_denied(aws: AwsFront) -> None:
    made.cluster("train")
    made.node_group("train", "gpu", "g5.xlarge", (0, 4, 3))
    aws.rule = denying("ec2:DescribeInstanceTypes")
    async with opened() as source:
        reads = await read(source, CLUSTERS, NODE_POOLS)
    (pool,) = reads[NODE_POOLS].objects
    (gap,) = gaps(reads[NODE_POOLS])
    assert (pool.size, pool.gpus, gap.state) == (3, None, SliceState.PARTIAL)
    assert "ec2:DescribeInstanceTypes" in gap.mend


async def test_targets_that_may_not_be_read_are_unknown_and_told(aws: AwsFront) -> None:
    made.balancer("idle")
    aws.rule = denying("elasticloadbalancing:DescribeTargetGroups")
    async with opened() as source:
        balancers = (await read(source, LOAD_BALANCERS))[LOAD_BALANCERS]
    assert [balancer.targets for balancer in balancers.objects] == [None]
    assert [gap.state for gap in gaps(balancers)] == [SliceState.PARTIAL]


async def test_throttled_calls_are_made_again_and_nothing_is_lost(aws: AwsFront) -> None:
    for number in range(5):
        made.cluster(f"c{number}")
    seen: dict[str, int] = {}

    def rule(call: Call) -> web.Response | None:
        key = f"{call.permission} {call.path} {call.region}"
        seen[key] = seen.get(key, 0) + 1
        code = "RequestLimitExceeded" if call.service == "ec2" else "ThrottlingException"
        return refused(call, code, "Rate exceeded", 400) if seen[key] <= 2 else None

    async with opened() as source:
        aws.rule = rule
        reads = await read(source, CLUSTERS, DISKS)
    assert len(reads[CLUSTERS].objects) == 5
    assert all(not gaps(each) for each in reads.values())
    assert set(seen.values()) == {3}


async def test_a_server_that_says_how_long_to_wait_is_believed(aws: AwsFront) -> None:
    asked: list[float] = []

    def rule(call: Call) -> web.Response | None:
        if call.region != "us-east-1":
            return None
        asked.append(time.monotonic())
        headers = {"Retry-After": "2"}
        return refused(call, "Throttling", "Rate exceeded", 400, **headers) if len(asked) == 1 else None

    async with opened() as source:
        aws.rule = rule
        assert not gaps((await read(source, DISKS))[DISKS])
    assert 1.9 < asked[1] - asked[0] < 4


async def test_throttling_without_an_end_is_a_gap_that_says_so(aws: AwsFront) -> None:
    async with opened(patience=4) as source:
        aws.rule = lambda call: (
            refused(call, "RequestLimitExceeded", "Rate exceeded", 503)
            if call.region == "eu-west-1"
            else None
        )
        (gap,) = gaps((await read(source, DISKS))[DISKS])
    assert gap.scope == "region/eu-west-1"
    assert "throttled" in gap.detail


async def test_a_silent_region_costs_its_patience_once_and_nobody_elses_answers(aws: AwsFront) -> None:
    disk = made.disk(100, {})
    async with opened(patience=4) as source:
        aws.rule = lambda call: SILENCE if call.region == "us-west-2" else None
        began = time.monotonic()
        reads = await read(source, CLUSTERS, NODE_POOLS, INSTANCES, DISKS, ADDRESSES)
        took = time.monotonic() - began
    for each in reads.values():
        (gap,) = gaps(each)
        assert (gap.scope, gap.state) == ("region/us-west-2", SliceState.TIMED_OUT)
    assert [fact.name for fact in reads[DISKS].objects] == [disk]
    assert took < 12


async def test_a_list_that_breaks_off_keeps_its_pages_and_is_truncated(aws: AwsFront) -> None:
    volumes = [
        f"<item><volumeId>vol-{n}</volumeId><status>available</status><size>1</size></item>" for n in range(2)
    ]
    first = (
        '<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>'
        f"<volumeSet>{''.join(volumes)}</volumeSet><nextToken>more</nextToken></DescribeVolumesResponse>"
    )

    def rule(call: Call) -> web.Response | None:
        if call.region != "us-east-1" or call.operation != "DescribeVolumes":
            return None
        if "NextToken" in call.parameters:
            return refused(call, "InternalError", "An internal error has occurred", 500)
        return web.Response(text=first, content_type="text/xml")

    aws.rule = rule
    async with opened() as source:
        disks = (await read(source, DISKS))[DISKS]
    (gap,) = gaps(disks)
    assert (gap.scope, gap.state, gap.objects) == ("region/us-east-1", SliceState.TRUNCATED, 2)
    assert [disk.name for disk in disks.objects] == ["vol-0", "vol-1"]


async def test_regions_that_may_not_be_listed_are_a_gap_beside_the_one_that_is_read(aws: AwsFront) -> None:
    disk = made.disk(100, {})
    aws.rule = denying("ec2:DescribeRegions")
    async with opened() as source:
        disks = (await read(source, DISKS))[DISKS]
        assert "only us-east-1 is read" in source.warnings[0]
    assert [fact.name for fact in disks.objects] == [disk]
    assert [(r.scope, r.state) for r in disks.readings] == [
        ("region/us-east-1", SliceState.COMPLETE), ("region/*", SliceState.DENIED)
    ]  # fmt: skip


async def test_stopping_keeps_what_there_is_and_says_why(aws: AwsFront) -> None:
    async with opened() as source:
        source.stop(SliceState.TIMED_OUT, "the deadline is over", "raise --deadline")
        disks = (await read(source, DISKS))[DISKS]
    assert {(r.state, r.detail, r.mend) for r in disks.readings} == {
        (SliceState.TIMED_OUT, "the deadline is over", "raise --deadline")
    }


async def test_a_profile_that_assumes_a_role_reads_the_other_account(aws: AwsFront, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    (tmp_path / "config").write_text(
        "[profile other]\nrole_arn = arn:aws:iam::222222222222:role/reader\nsource_profile = base\nregion = eu-west-1\n"
    )
    source = AwsAccount(AccountPlace("aws", "other"), patience=20)
    target = await source.open()
    await source.close()
    assert (target.id, target.name, target.provider) == ("222222222222", "aws 222222222222 (other)", "aws")
    assert aws.counted()["sts:AssumeRole"] == 1


async def test_an_unknown_profile_is_an_error_that_names_the_known_ones(
    aws: AwsFront, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile prod]\nregion = eu-west-1\n")
    with pytest.raises(ConfigurationError) as caught:
        await AwsAccount(AccountPlace("aws", "pord"), patience=5).open()
    assert ("pord" in caught.value.what, caught.value.mend) == (True, "use one of prod")


async def test_without_credentials_nobody_is_logged_in(
    aws: AwsFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Unauthorized) as caught:
        await AwsAccount(AccountPlace("aws", ""), patience=5).open()
    assert "log in" in caught.value.mend
    assert not aws.calls


async def test_credentials_that_are_not_accepted_are_told_before_anything_is_read(aws: AwsFront) -> None:
    aws.rule = lambda call: refused(call, "InvalidClientTokenId", "The security token is invalid")
    with pytest.raises(Unauthorized) as caught:
        await AwsAccount(AccountPlace("aws", ""), patience=5).open()
    assert "not accepted" in caught.value.what


async def test_an_endpoint_that_nobody_listens_on_is_unreachable(
    aws: AwsFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        await AwsAccount(AccountPlace("aws", ""), patience=5).open()


async def test_plain_http_beyond_this_machine_is_refused(
    aws: AwsFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://aws.example")
    with pytest.raises(ConfigurationError, match="plain http"):
        await AwsAccount(AccountPlace("aws", ""), patience=5).open()


async def test_without_the_extra_the_account_cannot_be_opened_and_the_install_line_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "aiobotocore", None)
    monkeypatch.setitem(sys.modules, "aiobotocore.session", None)
    with pytest.raises(DeepscanError) as caught:
        await AwsAccount(AccountPlace("aws", ""), patience=5).open()
    assert caught.value.mend == "pip install 'deepscan-swarm[aws]'"


def test_every_call_has_a_permission_and_a_slice_of_every_sort_is_read() -> None:
    assert {*OF_CLUSTER, DISKS, ADDRESSES, LOAD_BALANCERS} == set(CALLS)
    assert all(call.permission for calls in CALLS.values() for call in calls)
    granted = {call.permission for call in LOGIN} - {""}
    assert granted == {"sts:GetCallerIdentity", "ec2:DescribeRegions"}, (
        "nobody is let into other roles by our policy"
    )
