"""List pages and the opaque tokens that join them: written by the generator, read back by the server."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.cluster.events import event_text
from benchmarks.cluster.identity import RESOURCE_VERSION
from benchmarks.cluster.nodes import node_text
from benchmarks.cluster.owners import deployment_text, namespace_text, replica_set_text
from benchmarks.cluster.pods import pod_text
from benchmarks.cluster.population import Population

# Nested templates start with labels, and a string cannot hold a bare quote: only items begin like this.
ITEM_BORDER = b'},{"metadata":{"name":'


@dataclass(frozen=True)
class ListKind:
    """One list of the API: where it is served and how its items are made."""

    name: str
    path: str
    api_version: str
    kind: str
    text: Callable[[Population, int], str]
    count: Callable[[Population], int]


def _pods(population: Population) -> int:
    return population.sizes.pods


def _nodes(population: Population) -> int:
    return population.sizes.nodes


def _events(population: Population) -> int:
    return population.sizes.events


def _namespaces(population: Population) -> int:
    return len(population.namespaces)


def _workloads(population: Population) -> int:
    return len(population.workloads)


_ALL = (
    ListKind("pods", "/api/v1/pods", "v1", "PodList", pod_text, _pods),
    ListKind("nodes", "/api/v1/nodes", "v1", "NodeList", node_text, _nodes),
    ListKind("events", "/api/v1/events", "v1", "EventList", event_text, _events),
    ListKind("namespaces", "/api/v1/namespaces", "v1", "NamespaceList", namespace_text, _namespaces),
    ListKind(
        "replicasets", "/apis/apps/v1/replicasets", "apps/v1", "ReplicaSetList", replica_set_text, _workloads
    ),
    ListKind(
        "deployments", "/apis/apps/v1/deployments", "apps/v1", "DeploymentList", deployment_text, _workloads
    ),
)
LISTS = {item.name: item for item in _ALL}


class BadToken(ValueError):
    """A continue token that this server did not give out."""


def continue_token(name: str, start: int, resource_version: str = RESOURCE_VERSION) -> str:
    """The token for the page that starts with this item; -1 as version marks one that resumes after a 410."""
    state = {"v": "meta.k8s.io/v1", "rv": resource_version, "start": f"{name}/{start:07d}"}
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def start_of(name: str, token: str) -> int:
    """The first item that a token asks for."""
    try:
        state = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        owner, start = state["start"].split("/")
        if owner != name:
            raise BadToken(token)
        return int(start)
    except (
        binascii.Error,
        UnicodeDecodeError,
        json.JSONDecodeError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise BadToken(token) from error


def page_body(kind: ListKind, items: Iterable[str], following: int, total: int) -> bytes:
    """One page; `following` is the index of the first item after it."""
    metadata: dict[str, object] = {"resourceVersion": RESOURCE_VERSION}
    if following < total:
        metadata["continue"] = continue_token(kind.name, following)
        metadata["remainingItemCount"] = total - following
    head = f'{{"kind":"{kind.kind}","apiVersion":"{kind.api_version}","metadata":'
    return f'{head}{json.dumps(metadata, separators=(",", ":"))},"items":[{",".join(items)}]}}\n'.encode()


def split_items(body: bytes) -> list[bytes]:
    """The items of a generated page, each as its own bytes."""
    start = body.index(b'"items":[') + len(b'"items":[')
    inner = body[start : body.rindex(b"]")]
    if not inner:
        return []
    whole = inner.split(ITEM_BORDER)
    opening, closing = ITEM_BORDER[2:], b"}"
    last = len(whole) - 1
    return [
        (opening if place else b"") + part + (closing if place < last else b"")
        for place, part in enumerate(whole)
    ]
