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
