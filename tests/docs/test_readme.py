"""
The README's words are run: its commands exist, its excerpt is what the demo prints, its table is whole.
"""

import re
import shlex
from pathlib import Path

import pytest

from tests.swarm.cli.command import deepscan

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def lines_of(language: str) -> list[str]:
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_excerpt_is_what_the_demo_prints() -> None:
    excerpt = README.split("```text\n")[1].split("```")[0].rstrip().splitlines()
    printed = [line.rstrip() for line in deepscan("run", "--demo", "--quiet").out.splitlines()]
    start = next(at for at, line in enumerate(printed) if line.lstrip().startswith("# severity"))
    missing = [line for line in excerpt if line.rstrip() not in printed[start:]]
    assert missing == []


def test_every_command_and_flag_exists() -> None:
    for line in lines_of("sh"):
        for part in re.split(r"&&|\|", line):
            words = shlex.split(part)
            if not words or Path(words[0]).name != "deepscan":
                continue
            told = deepscan(words[1], "--help").out
            for word in words[2:]:
                if word.startswith("--"):
                    assert word in told, line


def test_the_table_names_every_command() -> None:
    told = deepscan("--help").out
    commands = re.findall(r"^│ (\w+) ", told.split("Commands")[1], re.MULTILINE)
    assert commands
    for command in commands:
        assert f"deepscan {command}" in README, command


@pytest.mark.parametrize(
    "name", ["LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/decisions"]
)
def test_what_it_links_to_is_there(name: str) -> None:
    assert (ROOT / name).exists()
    assert name in README
