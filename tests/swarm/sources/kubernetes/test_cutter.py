"""However a list is chopped up on the wire, the same items come out as from decoding it whole."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarm.sources.kubernetes.cutter import Cutter

HOSTILE = [
    '"}],"items":[ },{"metadata":{"name":"fake',
    '},{"metadata":{',
    "]}",
    "\\",
    "‹é\n",
    '"items":[',
    '"managedFields":[',
    ',"managedFields":[{"manager":"x"}]},"spec":{',
    ']},"spec":{',
    "plain",
]


def read(body: bytes, chunks: list[int], size: int) -> tuple[list[Any], str]:
    taken: list[Any] = []

    def take(text: bytes) -> None:
        taken.extend(msgspec.json.decode(text, type=list[dict[str, Any]]))

    cutter = Cutter(take, size)
    at = 0
    for chunk in chunks:
        cutter.feed(body[at : at + chunk])
        at += chunk
    cutter.feed(body[at:])
    cutter.finish()
    return taken, cutter.token


items = st.builds(
    lambda name, notes, nested: {
        "metadata": {"name": name, "annotations": {"a": notes}},
        "spec": [{"metadata": {"name": "inner"}}] * nested,
    },
    st.text(max_size=8),
    st.sampled_from(HOSTILE),
    st.integers(0, 3),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(items, max_size=30),
    st.booleans(),
    st.sampled_from([None, None, None, 1]),
    st.lists(st.integers(1, 400), max_size=40),
    st.sampled_from([1, 50, 200, 5000]),
    st.sampled_from(["", "token=="]),
)
def test_any_list_in_any_pieces(
    given_items: list[Any], custom: bool, indent: int | None, chunks: list[int], size: int, token: str
) -> None:
    metadata = {"resourceVersion": "5", **({"continue": token} if token else {})}
    if custom:
        listed = [{"apiVersion": "x/v1", "kind": "X", **item} for item in given_items]
        whole = {"apiVersion": "x/v1", "items": listed, "kind": "XList", "metadata": metadata}
    else:
        listed = given_items
        whole = {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": listed}
    separators = None if indent else (",", ":")
    body = json.dumps(whole, indent=indent, separators=separators).encode() + b"\n"
    assert read(body, chunks, size) == (listed, token)


@pytest.mark.parametrize("items", ["null", "[]", "[ ]"])
def test_a_list_without_items(items: str) -> None:
    body = f'{{"kind":"PodList","metadata":{{"continue":"t"}},"items":{items}}}'.encode()
    assert read(body, [3, 7], 50) == ([], "t")


@pytest.mark.parametrize("missing", [1, 3, 20, 90, 120])
def test_a_body_that_breaks_off_is_an_error_but_whole_items_stay(missing: int) -> None:
    body = json.dumps(
        {"metadata": {}, "items": [{"metadata": {"name": f"n{i}"}} for i in range(8)]}, separators=(",", ":")
    ).encode()
    taken: list[Any] = []
    cutter = Cutter(lambda text: taken.extend(msgspec.json.decode(text, type=list[dict[str, Any]])), 10_000)
    cutter.feed(body[:-missing])
    with pytest.raises(msgspec.DecodeError):
        cutter.finish()
    cutter.salvage()
    assert [item["metadata"]["name"] for item in taken] == [f"n{i}" for i in range(len(taken))]
    assert 3 <= len(taken) <= 8


entries = st.lists(
    st.builds(
        lambda manager, key, deep: {
            "manager": manager,
            "fieldsV1": {
                "f:metadata": {f'k:{{"name":"{key}"}}': {".": {}, "f:spec": {"f:x": {}} if deep else {}}}
            },
        },
        st.sampled_from(["kubelet", "a]b", "]", *HOSTILE]),
        st.sampled_from(["main", "a]b", ']},"spec":{', "}]}"]),
        st.booleans(),
    ),
    max_size=3,
)
"""managedFields as an API server writes them, with every sign that could be taken for their end in their strings."""

managed = st.builds(
    lambda name, own, inner, notes: {
        "metadata": {
            "name": name,
            "annotations": {"a": notes},
            **({} if own is None else {"managedFields": own}),
        },
        "spec": {
            "notes": notes,
            "volumes": [] if inner is None else [{"metadata": {"managedFields": inner}, "spec": {"x": [1]}}],
        },
        "status": {"conditions": [{"message": notes}]},
    },
    st.text(max_size=8),
    st.none() | entries,
    st.none() | entries,
    st.sampled_from(HOSTILE),
)


def without(value: Any) -> Any:
    """A copy with no managedFields at any depth."""
    if isinstance(value, dict):
        return {key: without(each) for key, each in value.items() if key != "managedFields"}
    return [without(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=300, deadline=None)
@given(
    st.lists(managed, max_size=30),
    st.lists(st.integers(1, 3000), max_size=20),
    st.sampled_from([50, 200, 5000]),
)
def test_nothing_but_managed_fields_is_left_out(given_items: list[Any], chunks: list[int], size: int) -> None:
    body = json.dumps({"metadata": {}, "items": given_items}, separators=(",", ":")).encode()
    taken, _ = read(body, chunks, size)
    assert without(taken) == without(given_items)


def test_managed_fields_are_left_out_of_siblings() -> None:
    fields = [{"manager": "kubelet", "fieldsV1": {"f:status": {}}}]
    items = [
        {"metadata": {"name": f"p{i}", "managedFields": fields}, "spec": {"nodeName": "n" * (i % 7)}}
        for i in range(400)
    ]
    body = json.dumps({"metadata": {}, "items": items}, separators=(",", ":")).encode()
    taken, _ = read(body, [700] * 100, 5000)
    left = sum("managedFields" in item["metadata"] for item in taken)
    assert [item["spec"] for item in taken] == [item["spec"] for item in items]
    assert left < len(items) / 4  # those that lie across two pieces stay
