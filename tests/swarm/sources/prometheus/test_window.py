"""
What is asked for at once, and how the pieces become one answer again.
"""

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from swarm.sources.prometheus.window import MOST_POINTS, joined, pieces


@settings(max_examples=40, deadline=None)
@given(st.integers(300, 90 * 86400), st.sampled_from([150.0, 300.0]))
def test_pieces_cover_the_window_on_one_grid_that_ends_now(window: int, step: float) -> None:
    now = 1_790_000_000.0
    found = pieces(now, window, step)
    assert all(1 <= piece.points <= MOST_POINTS for piece in found)
    moments = [piece.start + at * step for piece in found for at in range(piece.points)]
    assert moments[-1] == now and moments[0] >= now - window > moments[0] - step
    assert [b - a for a, b in pairwise(moments)] == [step] * (len(moments) - 1)


@given(st.integers(24, MOST_POINTS))
def test_halves_are_the_whole(points: int) -> None:
    [piece] = pieces(1_790_000_000.0, (points - 1) * 300.0, 300.0)
    halves = piece.halves()
    assert halves is not None
    first, second = halves
    assert (first.start, second.end) == (piece.start, piece.end)
    assert first.points + second.points == piece.points and second.start == first.end + 300


def test_a_short_piece_is_not_halved() -> None:
    assert pieces(1_790_000_000.0, 3600.0, 300.0)[0].halves() is None


def body(series: dict[str, list[list[object]]], *warnings: str) -> bytes:
    result = [{"metric": {"pod": pod}, "values": values} for pod, values in series.items()]
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data, "warnings": list(warnings)}).encode()


def test_pieces_become_one_body() -> None:
    """A series that is only in some of them keeps its hole; warnings are told once."""
    whole = json.loads(joined([
        body({"a": [[1, "0.5"], [2, "0.25"]], "b": [[1, "1"]]}, "w"),
        body({"c": [], "a": []}, "w"),
        body({"c": [[5, "NaN"]], "a": [[5, "+Inf"]]}),
    ]))  # fmt: skip
    assert whole["warnings"] == ["w"]
    assert {one["metric"]["pod"]: one["values"] for one in whole["data"]["result"]} == {
        "a": [[1, "0.5"], [2, "0.25"], [5, "+Inf"]],
        "b": [[1, "1"]],
        "c": [[5, "NaN"]],
    }
