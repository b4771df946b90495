"""What is recognised and not decoded must be read as if it had been."""

import contextlib
import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.facts import slices
from scanners.facts.pod import Pod
from swarm.sources.kubernetes.objects import facts_of
from swarm.sources.kubernetes.reduce import kin as reading
from tests.swarm.sources.kubernetes.samples import pod
from tests.swarm.sources.kubernetes.test_pods import CHANGES

Json = dict[str, Any]


def read(objects: list[Json]) -> dict[str, Pod]:
    found, _, broken = facts_of(objects)
    assert not broken
    return {each.name: each for each in found[slices.PODS]}


def said(fact: Pod) -> Any:
    """Everything that a pod says, however it is kept."""
    fields = ("namespace", "name", "uid", "created", "node", "phase", "template", "labels", "owners", "claims",
              "annotations", "state", "deleted", "finalizers")  # fmt: skip
    return msgspec.to_builtins({field: getattr(fact, field) for field in fields})


def replica(name: str, token: str, node: str, **_: Any) -> Json:
    """A pod of a Deployment, as the API server orders its spec: no claim and no host name are its own."""
    made = pod(name, token, node)
    spec = made["spec"]
    first = {key: spec.pop(key) for key in ("volumes", "initContainers", "containers")}
    first["volumes"] = [volume for volume in first["volumes"] if volume["name"] not in ("data", "scratch")]
    spec.pop("hostname")
    made["spec"] = {**first, **spec}
    return made


def agent(name: str, token: str, node: str) -> Json:
    """A pod of a DaemonSet, pinned to its node."""
    made = replica(name, token, node)
    made["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "u-ds", "controller": True}
    ]
    pin = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [pin]}}
    made["spec"]["affinity"] = {"nodeAffinity": required}
    return made


def beside_its_twin(name: str, token: str, node: str) -> Json:
    """A pod that names its own node in what is kept of it."""
    made = replica(name, token, node)
    made["spec"]["nodeSelector"] = {"kubernetes.io/hostname": node}
    return made


def named_after_its_token(name: str, token: str, node: str) -> Json:
    """A pod with a container of its token volume's name: nobody does it, anybody may."""
    made = replica(name, token, node)
    made["spec"]["containers"][0]["name"] = f"kube-api-access-{token}"
    return made


def claims_what_its_node_is_called(name: str, token: str, node: str) -> Json:
    """A pod of a local volume that is called like the node, its spec in another order."""
    made = replica(name, token, node)
    volumes = made["spec"].pop("volumes")
    made["spec"]["volumes"] = [*volumes, {"name": "local", "persistentVolumeClaim": {"claimName": node}}]
    return made


KINDS_OF_POD = [claims_what_its_node_is_called, pod, replica, agent, beside_its_twin, named_after_its_token]
TOKENS = st.sampled_from(["abcde", "fghij", 'x"y\\z', "zzzzz"])
NODES = st.sampled_from(["gpu-1", "gpu-2", "n", "", "gpu", "8080", "knöten", 'a"b', "pool"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS_OF_POD), TOKENS, NODES, st.one_of(st.none(), st.sampled_from(CHANGES))
        ),
        min_size=1,
        max_size=14,
    )
)
def test_pods_read_together_say_what_each_says_alone(drawn: list[tuple[Any, str, str, Any]]) -> None:
    objects = []
    for number, (make, token, node, change) in enumerate(drawn):
        objects.append(make(f"train-{number:02d}", token, node))
        if change:
            with contextlib.suppress(KeyError, IndexError):
                change(objects[-1])
    together = read(copy.deepcopy(objects))
    for each in objects:
        name = each["metadata"]["name"]
        (alone,) = read([copy.deepcopy(each)]).values()
        assert said(together[name]) == said(alone)


@pytest.mark.parametrize("make", [replica, agent])
def test_of_replicas_only_the_first_is_decoded(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    decode = reading._spec

    def noted(text: bytes) -> Any:
        decoded.append(text)
        return decode(text)

    monkeypatch.setattr(reading, "_spec", noted)
    found = read([make(f"train-{n}", f"abc{n:02d}", f"gpu-{n}") for n in range(20)])
    assert [found[f"train-{n}"].node for n in (0, 19)] == ["gpu-0", "gpu-19"]
    assert len({id(each.kin) for each in found.values()}) == 1
    assert len(decoded) == 1
