"""The ledger as people and scripts get it."""

import io
import json
from fractions import Fraction

from rich.console import Console

from reports.faces import FACES, html
from reports.faces.ledger_text import print_ledger, text
from reports.ledger import GpuCell, Ledger, hours_of, joined, target_ledger, thousandths
from reports.ledger_view import SIGNS, ledger_view, segments, strips
from reports.load import load
from scanners.semantics.gpu_ledger import LedgerPool, NodePrice
from scanners.semantics.gpu_parts import Cell, Part
from tests.reports.sample import sample

F = Fraction
NAMES = {"t-1": "prod", "t-2": "dev"}


def pool(name: str = "a100", nodes: int = 2, **more: object) -> LedgerPool:
    standing = {Cell.LOST: F(1), Cell.IDLE_NODE: F(2), Cell.HELD: F(5)}
    parts = {Part.LOST: F(nodes), Part.IDLE_NODE: F(2 * nodes), Part.NOT_MEASURED: F(5 * nodes)}
    given = {
        "name": name, "product": "NVIDIA-A100-SXM4-80GB", "unsized": 0, "gpus": F(8 * nodes), "units": 8 * nodes,
        "nodes": [(f"{name}-{number:03}", standing) for number in range(nodes)],
        "requested": F(5 * nodes), "provisioned": F(8 * nodes), "parts": parts, "window_hours": F(1),
        "basis": "status", "effective_basis": None, "prices": (),
    }  # fmt: skip
    return LedgerPool(**given | more)  # type: ignore[arg-type]


def ledger(*pools: LedgerPool) -> Ledger:
    found = joined([target_ledger("t-1", pools or [pool()])])
    assert found is not None
    return found


def test_rounded_parts_sum_to_what_was_provisioned() -> None:
    thirds = {part: F(1, 3) for part in Part}
    hours = hours_of(sum(thirds.values(), F(0)), thirds)
    assert hours.provisioned == 3.333
    assert sum(thousandths(getattr(hours, part.value)) for part in Part) == 3333
    assert {getattr(hours, part.value) for part in Part} == {0.333, 0.334}


def test_pools_of_several_targets_sum_to_the_whole() -> None:
    third = pool(provisioned=F(1, 3), parts={Part.FREE: F(1, 3)})
    both = joined([target_ledger("t-1", [third, third]), None, target_ledger("t-2", [third])])
    assert both is not None
    assert [row.target for row in both.pools] == ["t-1", "t-1", "t-2"]
    assert both.gpu_hours.provisioned == both.gpu_hours.free == 0.999


def test_no_accelerators_anywhere_is_null() -> None:
    assert joined([None, target_ledger("t", None)]) is None


def test_a_cell_stands_for_every_gpu_in_the_order_of_the_rows() -> None:
    (row,) = ledger(pool(nodes=1)).pools
    assert [cell.state for cell in row.cells] == [Cell.LOST, *[Cell.IDLE_NODE] * 2, *[Cell.HELD] * 5]
    assert [cell.gpu for cell in row.cells] == list(range(8))


def test_a_gpu_that_stands_in_parts_shows_the_largest() -> None:
    cut = {Cell.HELD: F(3, 7), Cell.FRAGMENTED: F(1, 7), Cell.FREE: F(10, 7)}
    (row,) = ledger(pool(nodes=1)._replace(nodes=[("n", cut)])).pools
    assert [cell.state for cell in row.cells] == [Cell.HELD, Cell.FREE]


def test_an_unknown_price_is_null_and_says_so() -> None:
    told = ledger()
    assert told.pools[0].usd_per_hour is None
    assert (told.prices.source, told.prices.as_of, told.prices.basis) == (
        None,
        None,
        "no price is known for any pool",
    )


def test_a_pool_costs_what_its_nodes_cost_together() -> None:
    price = NodePrice(F("32.7726"), "public list", "2026-07-01", "list price, aws us-east-1")
    told = ledger(pool(prices=[price, price]))
    assert told.pools[0].usd_per_hour == 65.5452
    assert (told.prices.source, told.prices.as_of) == ("public list", "2026-07-01")


def test_percents_of_a_bar_sum_to_a_hundred() -> None:
    hours = hours_of(F(3), {Part.LOST: F(1), Part.FREE: F(1), Part.EFFECTIVE: F(1)})
    assert [part.share for part in segments(hours)] == ["34%", "33%", "33%"]
    small = segments(hours_of(F(1000), {Part.LOST: F(1), Part.EFFECTIVE: F(999)}))
    assert [part.share for part in small] == ["<1%", "100%"]


def test_every_state_has_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(Cell)
    assert len({sign for sign, _ in SIGNS.values()}) == len(Cell)
    assert all(len(sign) == 1 and sign.isascii() for sign, _ in SIGNS.values())


def test_hundreds_of_nodes_fold_and_none_is_lost_from_sight() -> None:
    cells = [
        GpuCell(node=f"n-{number:03}", gpu=gpu, state=Cell.FREE if gpu < number % 40 else Cell.HELD)
        for number in range(400)
        for gpu in range(40)
    ]
    shown, rest = strips(cells, 16)
    assert len(shown) == 16
    assert sum(strip.nodes for strip in shown) == 160
    assert rest.startswith("and 240 nodes more with GPUs: ")


def test_nodes_that_stand_alike_are_one_strip() -> None:
    view = ledger_view(ledger(pool(nodes=300)), NAMES)
    assert [(strip.name, strip.signs) for strip in view.pools[0].strips] == [
        ("a100-000 and 299 more", "x--=====")
    ]


def test_the_terminal_fits_eighty_columns_without_colour() -> None:
    page = text(ledger_view(ledger(pool("a-pool-with-a-name-of-forty-two-letters-in-it", 40), pool()), NAMES))
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page
    assert "[idle node 25%]" in page and "x--=====" in page and "x lost" in page
    assert "+39" in page


def test_colour_is_only_for_terminals_that_have_it() -> None:
    page = io.StringIO()
    print_ledger(
        ledger_view(ledger(), NAMES),
        Console(file=page, force_terminal=True, color_system="standard", _environ={}),
    )
    assert "\x1b[" in page.getvalue()


def test_a_name_cannot_paint_a_terminal() -> None:
    assert "\x1b" not in text(ledger_view(ledger(pool("evil\x1b[31m")), NAMES))


def test_every_face_tells_the_ledger_and_the_json_comes_back_whole() -> None:
    report = sample().model_copy(update={"ledger": ledger()})
    again = load(report.to_json())
    assert again.ledger == report.ledger
    assert json.loads(report.to_json())["ledger"]["pools"][0]["cells"][0] == {
        "node": "a100-000", "gpu": 0, "state": "lost",
    }  # fmt: skip
    for face in ("terminal", "markdown", "html"):
        page = FACES[face](report)
        assert "GPU pools" in page and "idle node 25%" in page, face


def test_a_report_without_gpus_says_nothing_of_them() -> None:
    report = sample()
    assert report.ledger is None and json.loads(report.to_json())["ledger"] is None
    for face in ("terminal", "markdown", "html"):
        assert "GPU pools" not in FACES[face](report), face
    assert '<figure class="ledger">' not in html.text(report)
