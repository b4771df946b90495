"""
Entering an EKS cluster: a real API server whose webhook recomputes the signature of every token.
"""

import asyncio
import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scanners.facts.cloud import CloudCluster
from scanners.facts.gaps import SliceState
from scanners.facts.slices import EVENTS, NODES, PERSISTENTVOLUMES, PODS, SERVICES
from swarm.errors import Unauthorized
from swarm.sources.aws.entry import FRESH_SECONDS, EksToken
from swarm.sources.aws.source import AwsAccount
from swarm.sources.cloud import AccountPlace, ClusterEntry
from swarm.sources.kubernetes.source import KubernetesSource
from tests.clouds.api_server import READER, REMEMBERED_SECONDS, ApiServer, User
from tests.cluster.build import Programs

from .front import AwsFront
from .sigv4 import key_of

KINDS = (PODS, NODES, EVENTS, SERVICES, PERSISTENTVOLUMES)
ARN = "arn:aws:eks:us-east-1:123456789012:cluster/train"


class Webhook:
    """Recomputes the signature for one cluster; ``revoked`` tokens are good for nothing any more."""

    def __init__(self, front: AwsFront, cluster: str) -> None:
        self.front = front
        self.cluster = cluster
        self.good: list[str] = []
        self.revoked: set[str] = set()

    def __call__(self, token: str) -> User | None:
        host = urlsplit(self.front.url).netloc
        if token in self.revoked or key_of(token, self.cluster, self.front.secrets, host) is None:
            return None
        if token not in self.good:
            self.good.append(token)
        return READER


@pytest.fixture(scope="module", name="webhook")
def _webhook(front_of_the_run: AwsFront) -> Webhook:
    return Webhook(front_of_the_run, "train")


@pytest.fixture(scope="module", name="server")
def _server(api_server_programs: Programs, webhook: Webhook) -> Iterator[ApiServer]:
    with ApiServer(api_server_programs, webhook) as server:
        yield server


def entry(server: ApiServer, cluster: str = "train", profile: str = "") -> ClusterEntry:
    return ClusterEntry(
        place=AccountPlace("aws", profile), cluster=cluster, uid=ARN, region="us-east-1", server=server.url,
        authority=server.authority,
    )  # fmt: skip


async def test_a_cluster_is_entered_by_a_signed_question_that_costs_no_call(
    aws: AwsFront, server: ApiServer, webhook: Webhook
) -> None:
    source = KubernetesSource(entry(server).connection())
    target = await source.open()
    pods = await source.read(PODS, {})
    await source.close()
    assert target.cluster_uid == server.uid()
    assert [reading.state for reading in pods.readings] == [SliceState.COMPLETE]
    assert webhook.good
    assert aws.calls == []


async def test_an_entry_works_in_another_process(aws: AwsFront, server: ApiServer) -> None:
    again: ClusterEntry = pickle.loads(pickle.dumps(entry(server)))
    source = KubernetesSource(again.connection())
    assert (await source.open()).cluster_uid == server.uid()
    await source.close()


async def test_a_token_for_another_cluster_is_refused(aws: AwsFront, server: ApiServer) -> None:
    source = KubernetesSource(entry(server, cluster="serve").connection())
    with pytest.raises(Unauthorized) as caught:
        await source.open()
    await source.close()
    assert "create-access-entry --region us-east-1 --cluster-name serve" in caught.value.mend


async def test_an_assumed_role_signs_with_what_it_was_lent(
    aws: AwsFront, server: ApiServer, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    role = "arn:aws:iam::222222222222:role/reader"
    (tmp_path / "config").write_text(
        f"[profile other]\nrole_arn = {role}\nsource_profile = base\nregion = us-east-1\n"
    )
    source = KubernetesSource(entry(server, profile="other").connection())
    assert (await source.open()).cluster_uid == server.uid()
    await source.close()
    assert [call.permission for call in aws.calls] == ["sts:AssumeRole"]


async def test_all_who_hold_a_refused_token_get_one_new_one(aws: AwsFront, server: ApiServer) -> None:
    credential = EksToken(entry(server))
    first = await credential.identity()
    assert await credential.identity() == first
    await asyncio.sleep(1.1)  # a signature tells seconds: within the same one the new token would be the old
    renewed = await asyncio.gather(*(credential.identity(stale=first) for _ in range(200)))
    assert set(renewed) == {renewed[0]} != {first}
    assert await credential.identity(stale=first) == renewed[0]


async def test_a_token_is_renewed_before_it_grows_old(
    aws: AwsFront, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = EksToken(entry(server))
    first = await credential.identity()
    await asyncio.sleep(1.1)
    later = time.monotonic() + FRESH_SECONDS
    monkeypatch.setattr("swarm.sources.aws.entry.time.monotonic", lambda: later)
    assert await credential.identity() != first


async def test_tokens_revoked_in_the_middle_cost_one_new_token_and_nothing_is_lost(
    aws: AwsFront, server: ApiServer, webhook: Webhook
) -> None:
    source = KubernetesSource(entry(server).connection())
    await source.open()
    before = list(webhook.good)
    webhook.revoked.update(before)
    await asyncio.sleep(REMEMBERED_SECONDS + 0.5)
    refused = len(server.webhook.refused)
    reads = await asyncio.gather(*(source.read(kind, {}) for kind in KINDS))
    await source.close()
    assert {reading.state for read in reads for reading in read.readings} == {SliceState.COMPLETE}
    assert len(webhook.good) - len(before) == 1
    assert len(server.webhook.refused) > refused


def test_a_cluster_without_an_endpoint_cannot_be_entered() -> None:
    source = AwsAccount(AccountPlace("aws", ""), patience=5)
    made = {"provider": "aws", "kind": "Cluster", "name": "train", "region": "us-east-1"}
    assert source.entry(CloudCluster(**made, status="CREATING")) is None
    assert source.entry(CloudCluster(**made, status="FAILED", endpoint="https://x")) is None
    entered = source.entry(CloudCluster(**made, status="UPDATING", endpoint="https://x", private=True))
    assert entered is not None
    assert (entered.server, entered.private) == ("https://x", True)


async def test_an_assumed_role_is_known_to_a_cluster_as_the_role_itself(
    aws: AwsFront, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    role = "arn:aws:iam::222222222222:role/reader"
    (tmp_path / "config").write_text(
        f"[profile other]\nrole_arn = {role}\nsource_profile = base\nregion = us-east-1\n"
    )
    source = AwsAccount(AccountPlace("aws", "other"), patience=60)
    await source.open()
    await source.close()
    made = CloudCluster(provider="aws", kind="Cluster", name="train", status="ACTIVE", endpoint="https://x")
    entered = source.entry(made)
    assert entered is not None
    assert entered.details == {"principal": role}
