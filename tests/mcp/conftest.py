"""
What the server serves in tests, and a machine without the extra.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.swarm.cli.command import deepscan


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JSON report of the demo."""
    path = tmp_path_factory.mktemp("reports") / "tonight.json"
    ended = deepscan("run", "--demo", "-q", "--format", f"json={path}")
    assert ended.status == 0, ended.err
    return path


@pytest.fixture(scope="session")
def told(report: Path) -> dict[str, Any]:
    """The same report as data."""
    return dict(json.loads(report.read_text("utf-8")))


@pytest.fixture
def hidden_extra(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which the extra is not installed: a finder in front says that there is no ``mcp``."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n_find = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'mcp' else _find(name, package)\n"
    )
    yield {"PYTHONPATH": str(tmp_path)}
