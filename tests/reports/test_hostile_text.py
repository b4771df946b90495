"""
Whatever a tenant writes, in every text of a report: no face runs, fetches, hides, repaints or computes it.
"""

from functools import cache

import pytest

from reports.faces import FACES
from reports.report import Report
from reports.text import one_line
from tests.hostile.inert import FACE_CHECKS, csv_text, markdown_text, unprintable
from tests.hostile.lesser import PAGES
from tests.hostile.payloads import PAYLOADS
from tests.hostile.reports import tame
from tests.hostile.slots import attacked, counterpart, slots


@cache
def under_attack(payload: str) -> Report:
    """The report with the payload in every text; made once for all faces."""
    return attacked(tame(), payload)


def test_there_are_enough_payloads_and_places() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 120
    assert slots(tame().model_dump(mode="python", by_alias=True)) > 300


def test_every_face_is_attacked() -> None:
    assert set(FACE_CHECKS) == set(FACES)


@pytest.mark.parametrize("face", FACE_CHECKS)
def test_a_face_is_inert(face: str) -> None:
    hits = {}
    for number, payload in enumerate(PAYLOADS):
        if found := FACE_CHECKS[face](under_attack(payload), counterpart(tame(), payload)):
            hits[f"{number} {payload[:60]!r}"] = found[:4]
    assert hits == {}, f"{face}: {len(hits)} of {len(PAYLOADS)} payloads"


@pytest.mark.parametrize("page", PAGES)
def test_a_lesser_page_is_inert(page: str) -> None:
    hits = {}
    for number, payload in enumerate(PAYLOADS):
        text = PAGES[page](under_attack(payload))
        found = [f"character {each}" for each in sorted(unprintable(text))]
        if page.endswith("csv"):
            found += csv_text(text)
        elif page.endswith("markdown"):
            usual = PAGES[page](counterpart(tame(), payload))
            seen = bool(
                one_line(payload)
            )  # what is cleaned away whole leaves empty lines, which are harmless
            found += [hit for hit in markdown_text(text, usual) if seen or not hit.startswith("element")]
        if found:
            hits[f"{number} {payload[:60]!r}"] = found[:4]
    assert hits == {}, f"{page}: {len(hits)} of {len(PAYLOADS)} payloads"
