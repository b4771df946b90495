"""
Every check against every case of its fixture folder, and what can be derived from them without writing it down.
"""

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Inventory
from scanners.facts.ref import key_of
from scanners.facts.slices import Slice
from scanners.finding import Confidence, Sighting
from scanners.scanner import CheckState, Scanner, catalogue
from scanners.semantics.times import instant
from tests.scanners.cases import FIXTURES, Case, load, whole
from tests.scanners.metrics import shown_by
from tests.scanners.paths import resolve


def folder_of(check: Scanner) -> str:
    return check.look.__module__.removeprefix("scanners.").replace(".", "/")


CASES = [
    (check, path)
    for check in catalogue().values()
    for path in sorted((FIXTURES / folder_of(check)).glob("*.yaml"))
]
IDS = [f"{check.code}-{path.stem}" for check, path in CASES]


loaded = cache(load)
"""Each case once: no test here changes one."""


@pytest.fixture(name="case")
def _case(request: pytest.FixtureRequest) -> tuple[Scanner, Case]:
    check, path = request.param
    return check, loaded(path, check.code)


every_case = pytest.mark.parametrize("case", CASES, indirect=True, ids=IDS)


def look(check: Scanner, inventory: Inventory) -> list[Sighting]:
    verdict = check.verdict(inventory)
    spoke = verdict.state in (CheckState.RAN, CheckState.PARTIAL)
    return check.sightings(inventory) if spoke else check.hinted(inventory)


def told(check: Scanner, sightings: Sequence[Sighting]) -> list[dict[str, Any]]:
    return [
        {
            "subject": str(key_of(sighting.subject)),
            "severity": str(sighting.severity or check.severity),
            "class": sighting.cause_class,
            "message": sighting.message,
            "facts": sighting.facts,
            "kind": str(sighting.kind),
            "state": str(sighting.state),
        }
        for sighting in sorted(sightings, key=lambda s: (str(key_of(s.subject)), s.discriminator, s.message))
    ]


def identity(sightings: Sequence[Sighting]) -> set[tuple[str, str, str]]:
    return {(str(key_of(s.subject)), s.discriminator, str(s.kind)) for s in sightings}


@every_case
def test_a_case_is_told_as_written(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    seen = told(check, look(check, fixture.inventory()))
    assert len(seen) == len(fixture.expect), seen
    for row, expected in zip(seen, sorted(fixture.expect, key=lambda e: e["subject"]), strict=True):
        for word, value in expected.items():
            if word == "facts":
                assert value.items() <= row["facts"].items(), row["facts"]
            else:
                assert row[word] == value, row


@every_case
def test_evidence_resolves_in_the_recorded_object(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    for sighting in look(check, fixture.inventory()):
        assert sighting.evidence, f"{sighting.message}: no evidence"
        for row in sighting.evidence:
            if row.source in ("api", "event", "cloud"):
                assert resolve(fixture.raw, row.subject, row.path) == row.value, (row.path, row.value)
            if row.source == "metric":
                moment = instant(row.observed_at)
                assert moment is not None, row.path
                assert row.value in shown_by(fixture.metrics, row.path, moment), (row.path, row.value)


@every_case
def test_order_of_objects_does_not_matter(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    shuffler = random.Random(7)
    shuffled = {slice_: shuffler.sample(list(facts), len(facts)) for slice_, facts in fixture.objects.items()}
    plain = told(check, look(check, fixture.inventory()))
    assert told(check, look(check, fixture.inventory(objects=shuffled))) == plain


@every_case
def test_an_empty_cluster_is_silent(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    assert look(check, fixture.inventory(objects={})) == []


def reread(fixture: Case, slice_: Slice, state: SliceState, keep: int) -> Inventory:
    objects = {**fixture.objects, slice_: list(fixture.objects.get(slice_, ()))[:keep]}
    others = [reading for reading in whole(objects) if reading.slice != slice_.name]
    return fixture.inventory(objects, [*others, Reading(slice_.name, state, objects=keep)])


@every_case
def test_a_denied_slice_is_never_health(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    for slice_ in check.needs:
        denied = reread(fixture, slice_, SliceState.DENIED, 0)
        assert check.verdict(denied).state is CheckState.NOT_MEASURED, slice_.name


@every_case
def test_a_source_that_nobody_configured_is_no_gap_of_the_cluster(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    for slice_ in check.needs:
        if slice_.origin != "kubernetes":
            bare = reread(fixture, slice_, SliceState.NOT_COLLECTED, 0)
            assert check.verdict(bare).state is CheckState.NOT_CONFIGURED, slice_.name


@every_case
def test_a_denied_extra_slice_invents_nothing(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    full = identity(look(check, fixture.inventory()))
    for slice_ in check.sharpened_by:
        without = identity(look(check, reread(fixture, slice_, SliceState.DENIED, 0)))
        invented = {found for found in without - full if not _same_place(found, full)}
        assert not invented, (slice_.name, invented)


def _same_place(found: tuple[str, str, str], full: set[tuple[str, str, str]]) -> bool:
    return any(found[2] == other[2] for other in full)


@every_case
def test_half_a_slice_proves_no_absence(case: tuple[Scanner, Case]) -> None:
    check, fixture = case
    full = identity(look(check, fixture.inventory()))
    for slice_ in check.slices:
        facts = fixture.objects.get(slice_, ())
        for keep in {0, len(facts) // 2}:
            halved = reread(fixture, slice_, SliceState.TRUNCATED, keep)
            claimed = [s for s in look(check, halved) if s.confidence is not Confidence.POSSIBLE]
            invented = {found for found in identity(claimed) - full if not _same_place(found, full)}
            assert not invented, (slice_.name, keep, invented)


@pytest.mark.parametrize("check", catalogue().values(), ids=list(catalogue()))
def test_a_check_is_one_file_with_a_page_and_cases(check: Scanner) -> None:
    for heading in ("## Why it matters", "## What to do", "## When it is wrong"):
        assert heading in check.page, f"{check.code} has no {heading}"
    cases = {path.stem for path in (FIXTURES / folder_of(check)).glob("*.yaml")}
    assert {"faulty", "healthy"} <= cases, f"{check.code}: {sorted(cases)}"
