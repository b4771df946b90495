"""
Every check can be explained, and every example of the help is a command that exists.
"""

import re

import pytest

from scanners.scanner import catalogue
from swarm.cli.pages import page_of
from tests.swarm.cli.command import deepscan


@pytest.mark.parametrize("code", list(catalogue()))
def test_a_check_has_its_page(code: str) -> None:
    page = page_of(code)
    assert page.startswith(f"# {code} · ")
    assert "## What it reads" in page
    for threshold in catalogue()[code].thresholds:
        assert threshold.name in page


@pytest.mark.parametrize("command", ["run", "doctor", "capture", "permissions"])
def test_examples_of_the_help_are_real(command: str) -> None:
    text = deepscan(command, "--help").out
    assert "Examples:" in text
    examples = text.split("Examples:")[1]
    for flag in set(re.findall(r"--[a-z-]+", examples)):
        assert any(
            flag in deepscan(name, "--help").out for name in ("run", "doctor", "capture", "permissions")
        ), flag


def test_the_catalogue_lists_every_check() -> None:
    printed = deepscan("checks").out
    assert [line.split()[0] for line in printed.splitlines()] == list(catalogue())
