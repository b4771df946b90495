"""Every write that Google's clients know is stopped before a byte leaves; what is let through is what is listed."""

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from swarm.errors import ReadOnlyViolation
from swarm.sources.gcp.calls import CALLS
from swarm.sources.gcp.compute import Compute
from swarm.sources.gcp.endpoint import doors
from swarm.sources.gcp.guard import METHODS, OPERATIONS, refuse_unless_listed, refuse_unless_read
from swarm.sources.gcp.manager import ClusterManager
from swarm.sources.gcp.tokens import Tokens
from swarm.sources.source import Counters
from tests.clouds.gcp.objects import PROJECT

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google

NAME = f"projects/{PROJECT}/locations/us-central1/clusters/train"
WRITING = ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def rpcs(client: Any) -> list[str]:
    """Each method of the client that sends a request, but the one that is allowed."""
    return [
        name
        for name, member in inspect.getmembers(type(client), inspect.iscoroutinefunction)
        if not name.startswith("_")
        and "request" in inspect.signature(member).parameters
        and name != "list_clusters"
    ]


@pytest.mark.filterwarnings("ignore:ClusterManagerAsyncClient:DeprecationWarning")
async def test_every_other_method_of_the_sdks_client_is_refused_before_a_byte_leaves(
    google: "Google",
) -> None:
    manager = ClusterManager(doors(google.url), Tokens(), counters=Counters(), patience=5)
    client = manager.client()
    methods = rpcs(client)
    assert len(methods) >= 30
    assert {"delete_cluster", "create_node_pool", "set_labels", "get_json_web_keys"} <= set(methods)
    for name in methods:
        with pytest.raises(ReadOnlyViolation):
            await getattr(client, name)(request={}, retry=None, timeout=5)
    await manager.close()
    assert google.seen == []
    print(f"{len(methods)} gRPC methods refused, requests seen: {len(google.seen)}")


@pytest.mark.parametrize("method", WRITING)
async def test_compute_is_never_written_to(google: "Google", method: str) -> None:
    compute = Compute(doors(google.url), PROJECT, Tokens(), counters=Counters(), patience=5)
    for operation in OPERATIONS:
        with pytest.raises(ReadOnlyViolation):
            await compute._send(method, operation, {}, "token", Counters())
    await compute.close()
    assert google.seen == []


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("aggregated/instances", {"requestId": "1"}),
        ("zones/us-central1-a/instances/x", {}),
        ("zones/us-central1-a/instances/x/serialPort", {}),
        ("aggregated/disks/../../x", {}),
        ("aggregated/sslCertificates", {}),
        ("", {}),
    ],
)
async def test_a_path_or_parameter_that_is_not_listed_is_refused(
    google: "Google", operation: str, parameters: Mapping[str, str]
) -> None:
    compute = Compute(doors(google.url), PROJECT, Tokens(), counters=Counters(), patience=5)
    with pytest.raises(ReadOnlyViolation):
        await compute._send("GET", operation, parameters, "token", Counters())
    await compute.close()
    assert google.seen == []


def test_a_header_that_overrides_the_method_is_refused() -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("GET", "regions", {}, ["X-HTTP-Method-Override"])
    refuse_unless_read("GET", "regions", {}, ["Authorization"])


def test_what_is_let_through_is_exactly_what_the_slices_list() -> None:
    listed = {(call.service, call.operation) for calls in CALLS.values() for call in calls}
    methods = {("container", method.rsplit("/", 1)[-1]) for method in METHODS}
    assert methods | {("compute", operation) for operation in OPERATIONS} == listed
    for _, operation in methods:
        refuse_unless_listed(f"/google.container.v1.ClusterManager/{operation}")
        with pytest.raises(ReadOnlyViolation):
            refuse_unless_listed(f"/google.container.v1beta1.ClusterManager/{operation}")
    assert all(call.permission.endswith(".list") for calls in CALLS.values() for call in calls)
