"""
Every rule fires in a world where it must, and is silent in one that looks alike.
"""

import re
from pathlib import Path

import pytest

import scanners
from correlate import correlate
from correlate.rules import RULES
from correlate.rules.rule import Rule
from scanners.kinds import Kind
from scanners.scanner import catalogue
from tests.correlate.rule_worlds import WORLDS, World


def fired(found: World) -> set[str]:
    inventory_, sighted = found
    return {link.rule for problem in correlate(inventory_, sighted).problems for link in problem.chain}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_fires_where_it_must(rule: Rule) -> None:
    assert fired(WORLDS[rule.id][0]) == {rule.id}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_is_silent_where_it_must(rule: Rule) -> None:
    assert fired(WORLDS[rule.id][1]) == set()


def test_rules_are_sorted_unique_and_of_known_strength() -> None:
    assert [rule.id for rule in RULES] == sorted({rule.id for rule in RULES})
    assert set(WORLDS) == {rule.id for rule in RULES}
    strengths = {0.99, 0.98, 0.97, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7}
    assert {rule.strength for rule in RULES} <= strengths


CODES = frozenset(
    [
        "JOB101",
        "JOB102",
        "JOB104",
        "JOB111",
        "JOB112",
        "OOM101",
        "OOM102",
        "OOM105",
        "GPU101",
        "GPU102",
        "GPU104",
        "GPU109",
        "GPU111",
        "GPU114",
        "GPU119",
        "GPU120",
        "PVC101",
        "PVC104",
        "PVC105",
        "PVC106",
        "QTA101",
        "QTA102",
        "NET101",
        "NET102",
        "NOD101",
        "NOD102",
        "WRK101",
        "WRK102",
        "WRK103",
        "WRK104",
        "WRK106",
        "WRK114",
        "CTL101",
        "CTL104",
        "CST104",
    ]
)
"""Checks of this version."""

PLANNED = {Kind.MEMORY_HOG}
"""Kinds whose check comes in a later wave; the worked example of the design needs them now."""


def test_every_kind_of_a_rule_is_emitted_by_some_check() -> None:
    assert CODES - set(catalogue()) == set()
    folder = Path(scanners.__file__).parent
    sources = [path.read_text() for path in sorted(folder.rglob("*.py")) if path.name != "kinds.py"]
    emitted = {Kind[name] for text in sources for name in re.findall(r"Kind\.([A-Z_]+)", text)}
    spoken_of = {kind for rule in RULES for kind in (*rule.causes, *rule.effects)}
    assert spoken_of - emitted <= PLANNED
