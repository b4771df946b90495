"""A benchmark is worth its figure only if the server gives each object once and misbehaves only when told."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from benchmarks.cluster.pages import LISTS
from benchmarks.cluster.population import ILL_SHARE, Sizes
from benchmarks.generate import ensure, folder_of, generate, page_bytes, read_manifest
from benchmarks.harness import Server, serving
from benchmarks.server.discovery import AGGREGATED_TYPE
from benchmarks.server.faults import Fault, Faults

SIZES = Sizes(pods=1200, nodes=60, events=250, page=100)
Objects = list[dict[str, dict[str, object]]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> dict[str, object]:
        packed = self.headers.get("Content-Encoding") == "gzip"
        document: dict[str, object] = json.loads(gzip.decompress(self.body) if packed else self.body)
        return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(SIZES, folder_of(SIZES, tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder, "--life", "120") as running:
        yield running


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> Answer:
    """One request on a connection of its own."""
    context = ssl.create_default_context(cafile=server.ca)
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=20)
    given = {"Authorization": f"Bearer {server.token}", "Accept-Encoding": "gzip", **headers}
    try:
        connection.request(method, path, headers=given)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def page_path(path: str, token: str = "", limit: int = SIZES.page) -> str:
    return f"{path}?{urlencode({'limit': limit} | ({'continue': token} if token else {}))}"


def read_all(server: Server, path: str, limit: int = SIZES.page, **headers: str) -> Objects:
    """Every object of a list, by following its continue tokens."""
    objects: Objects = []
    token = ""
    while True:
        page = ask(server, page_path(path, token, limit), **headers).json()
        items, metadata = page["items"], page["metadata"]
        assert isinstance(items, list) and isinstance(metadata, dict)
        objects += items
        token = metadata.get("continue", "")
        if not token:
            return objects
        assert metadata["remainingItemCount"] > 0


def token_to_page(server: Server, number: int) -> str:
    """The token with which the pods' page of this number is asked for, the first being 1."""
    token = ""
    for _ in range(number - 1):
        metadata = ask(server, page_path("/api/v1/pods", token)).json()["metadata"]
        assert isinstance(metadata, dict)
        token = metadata["continue"]
    return token


def test_the_same_arguments_make_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = generate(SIZES, tmp_path / "again")
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.gz"))
    assert len(files) == sum(total["pages"] for total in read_manifest(folder)["lists"].values())
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in files)
    assert read_manifest(folder) == read_manifest(again)


def test_another_seed_makes_other_objects() -> None:
    assert page_bytes(SIZES, "pods", 0) != page_bytes(Sizes(1200, 60, 250, 100, seed=8), "pods", 0)


def test_data_is_never_put_into_the_repository() -> None:
    with pytest.raises(SystemExit, match="inside the repository"):
        ensure(SIZES, Path(__file__).parent / "data")


@pytest.mark.parametrize("name", LISTS)
def test_following_the_tokens_gives_every_object_once(server: Server, folder: Path, name: str) -> None:
    objects = read_all(server, LISTS[name].path)
    assert len(objects) == read_manifest(folder)["lists"][name]["objects"]
    assert len({str(item["metadata"]["uid"]) for item in objects}) == len(objects)


def test_a_smaller_limit_gives_the_same_pods(server: Server) -> None:
    assert read_all(server, "/api/v1/pods", limit=37) == read_all(server, "/api/v1/pods")


def test_a_larger_limit_is_ignored(server: Server) -> None:
    items = ask(server, page_path("/api/v1/pods", limit=100_000)).json()["items"]
    assert isinstance(items, list) and len(items) == SIZES.page


@pytest.mark.parametrize("framing", ["page", "item"])
def test_plain_framings_carry_the_same_pods(server: Server, folder: Path, framing: str) -> None:
    with serving(folder, "--framing", framing, "--life", "60") as plain:
        assert "Content-Encoding" not in ask(plain, page_path("/api/v1/pods")).headers
        assert read_all(plain, "/api/v1/pods") == read_all(server, "/api/v1/pods")


def test_pods_stand_in_the_order_of_their_keys(server: Server) -> None:
    keys = [
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        for pod in read_all(server, "/api/v1/pods")
    ]
    assert keys == sorted(keys)


def test_owners_and_event_subjects_exist(server: Server) -> None:
    pods = read_all(server, "/api/v1/pods")
    sets = {str(item["metadata"]["uid"]): item for item in read_all(server, "/apis/apps/v1/replicasets")}
    deployments = {str(item["metadata"]["uid"]) for item in read_all(server, "/apis/apps/v1/deployments")}
    assert all(_owner(pod) in sets for pod in pods)
    assert all(_owner(replica_set) in deployments for replica_set in sets.values())
    subjects = {str(event["involvedObject"]["uid"]) for event in read_all(server, "/api/v1/events")}
    assert subjects <= {str(pod["metadata"]["uid"]) for pod in pods}


def _owner(item: dict[str, dict[str, object]]) -> str:
    owners = item["metadata"]["ownerReferences"]
    assert isinstance(owners, list)
    return str(owners[0]["uid"])


def test_few_pods_are_ill_and_their_nodes_are_known(server: Server) -> None:
    pods, nodes = read_all(server, "/api/v1/pods"), read_all(server, "/api/v1/nodes")
    ill = [pod for pod in pods if pod["status"]["phase"] != "Running" or _unready(pod) or _was_killed(pod)]
    assert len(ill) == round(ILL_SHARE * SIZES.pods)
    assert {pod["spec"].get("nodeName") for pod in pods} <= {node["metadata"]["name"] for node in nodes} | {
        None
    }
    assert any("nvidia.com/gpu" in str(node["status"]["capacity"]) for node in nodes)


def _unready(pod: dict[str, dict[str, object]]) -> bool:
    conditions = pod["status"]["conditions"]
    assert isinstance(conditions, list)
    return any(condition["type"] == "Ready" and condition["status"] == "False" for condition in conditions)


def _was_killed(pod: dict[str, dict[str, object]]) -> bool:
    return "OOMKilled" in str(pod["status"]["containerStatuses"])


def test_both_discoveries_name_the_same_resources(server: Server) -> None:
    for path, prefix in (("/api", "/api"), ("/apis", "/apis")):
        aggregated = ask(server, path, Accept=f"{AGGREGATED_TYPE},application/json")
        assert aggregated.headers["Content-Type"] == AGGREGATED_TYPE
        groups = aggregated.json()["items"]
        assert isinstance(groups, list)
        for group in groups:
            for version in group["versions"]:
                parts = [prefix, group["metadata"].get("name", ""), version["version"]]
                classic = ask(server, "/".join(filter(None, parts)), Accept="application/json").json()
                assert classic["kind"] == "APIResourceList"
                resources = classic["resources"]
                assert isinstance(resources, list)
                plain = {item["name"]: item["verbs"] for item in resources if "/" not in item["name"]}
                assert plain == {item["resource"]: item["verbs"] for item in version["resources"]}


def test_classic_discovery_lists_the_groups(server: Server) -> None:
    assert ask(server, "/api", Accept="application/json").json()["versions"] == ["v1"]
    groups = ask(server, "/apis", Accept="application/json").json()["groups"]
    assert isinstance(groups, list)
    preferred = {group["name"]: group["preferredVersion"]["groupVersion"] for group in groups}
    assert preferred["autoscaling"] == "autoscaling/v2" and preferred["policy"] == "policy/v1"


def test_what_is_not_generated_is_an_empty_list(server: Server) -> None:
    answer = ask(server, "/apis/policy/v1/poddisruptionbudgets?limit=500").json()
    assert (answer["kind"], answer["items"]) == ("PodDisruptionBudgetList", [])


def test_refusals_are_the_api_servers(server: Server) -> None:
    assert ask(server, "/api/v1/pods", Authorization="Bearer other").status == 401
    assert ask(server, "/api/v1/pods", method="DELETE").status == 405
    assert ask(server, "/apis/example.io/v1/things").json()["reason"] == "NotFound"
    of_nodes = token_to_page(server, 2)
    assert ask(server, page_path("/api/v1/nodes", of_nodes)).status == 400
    assert ask(server, page_path("/api/v1/pods", "nonsense")).status == 400


def test_faults_happen_once_where_they_were_asked_for(folder: Path) -> None:
    with serving(folder, "--inject", "410@2,reset@3,truncate@4", "--life", "60") as faulty:
        second = page_path("/api/v1/pods", token_to_page(faulty, 2))
        gone = ask(faulty, second)
        metadata = gone.json()["metadata"]
        assert (gone.status, gone.json()["reason"]) == (410, "Expired") and isinstance(metadata, dict)
        assert metadata["continue"] not in second
        resumed = ask(faulty, page_path("/api/v1/pods", metadata["continue"])).json()
        assert resumed["items"] == ask(faulty, second).json()["items"]
        third = page_path("/api/v1/pods", token_to_page(faulty, 3))
        with pytest.raises((ConnectionError, http.client.IncompleteRead, ssl.SSLError)):
            ask(faulty, third)
        fourth = page_path("/api/v1/pods", token_to_page(faulty, 4))
        with pytest.raises((EOFError, zlib.error)):
            ask(faulty, fourth).json()
        assert len(read_all(faulty, "/api/v1/pods")) == SIZES.pods
        faults = ask(faulty, "/bench/counts").json()["faults"]
        assert faults == {"410": 1, "reset": 1, "truncate": 1}


def test_too_many_requests_says_when_to_come_back(folder: Path) -> None:
    with serving(folder, "--inject", "429@0.5", "--life", "60") as busy:
        answers = [ask(busy, page_path("/api/v1/nodes")) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 429, 200, 429]
    assert answers[1].headers["Retry-After"] == "1"


def test_a_fault_may_happen_several_times() -> None:
    faults = Faults("truncate@events:1x2")
    assert [faults.of("events", 1) for _ in range(3)] == [Fault.TRUNCATE, Fault.TRUNCATE, None]
    with pytest.raises(ValueError, match="410, reset or truncate"):
        Faults("melt@3")
