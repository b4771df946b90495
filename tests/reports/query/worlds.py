"""
Reports to put questions to: the demo's, the demo's with slices denied, healthy clusters that were read whole.

All are scanned from recordings by the product itself.
"""

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import yaml

from reports.assemble import assemble
from reports.query.answer import Answer, Table
from reports.query.asking import ask
from reports.query.grammar import understood
from reports.query.understanding import Understood
from reports.report import Report
from scanners.facts.slices import KUBERNETES
from scanners.scanner import catalogue
from swarm.cli.scan import plan_for, run_of
from swarm.cli.targets import demo_path
from swarm.coordinator import scan
from swarm.progress import Quiet
from swarm.settings import Settings
from swarm.spec import TargetSpec

FIXTURES = demo_path().parent
REFUSED = '["{plural} is forbidden: User \\"system:serviceaccount:default:default\\" cannot list it"]'


def report_of(path: Path, settings: Settings | None = None) -> Report:
    """The report of a full scan of a recording."""
    settings = settings or Settings()
    spec = TargetSpec(name=path.name, provider="recorded", settings=settings, recording=path, alone=True)
    found = asyncio.run(scan([spec], plan_for(settings), Quiet()))
    run = run_of(settings, found, datetime.now(UTC), "test")
    return assemble(run, [one.result for one in found], catalogue())


@cache
def demo() -> Report:
    """The demo cluster's report."""
    return report_of(demo_path())


def bundle_without(folder: Path, *plurals: str) -> Path:
    """The demo as a support bundle whose collector was refused some kinds."""
    shutil.copytree(demo_path(), folder)
    for path in (folder / "cluster-resources").glob("*.json"):
        items = json.loads(path.read_text()).get("items") or [{}]
        kinds = {slice_.plural: slice_.kind for slice_ in KUBERNETES}
        if any(items[0].get("kind") == kinds[plural] for plural in plurals):
            path.unlink()
    for plural in plurals:
        said = REFUSED.replace("{plural}", plural)
        (folder / "cluster-resources" / f"{plural}-errors.json").write_text(said)
    return folder


@cache
def demo_without(*plurals: str) -> Report:
    """The report of such a bundle."""
    with tempfile.TemporaryDirectory() as folder:
        return report_of(bundle_without(Path(folder) / "bundle", *plurals))


@cache
def healthy(check: str) -> Report:
    """The healthy case of a check (``concern/name``) in a cluster where every other kind was read and is empty."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "healthy"
        root.mkdir()
        first, *documents = yaml.safe_load_all((FIXTURES / check / "healthy.yaml").read_text())
        places = {one["metadata"]["namespace"] for one in documents if "namespace" in one["metadata"]}
        if not any(one["kind"] == "Namespace" for one in documents):
            documents += [
                {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}
                for name in sorted(places)
            ]
        counts = Counter(one["kind"] for one in documents)
        read = [
            {"slice": one.name, "state": "complete", "scope": "cluster", "objects": counts[one.kind]}
            for one in KUBERNETES
        ]
        (root / "objects.yaml").write_text(yaml.safe_dump_all(documents))
        (root / "deepscan.json").write_text(json.dumps({"captured_at": first["now"], "readings": read}))
        return report_of(root)


def answer(question: str, report: Report) -> Answer:
    """What the grammar and the report say to a question; it has to be understood."""
    found = understood(question)
    assert isinstance(found, Understood), found
    return ask(report, found.query)


def the_table(question: str, report: Report) -> Table:
    """The one table of an answer."""
    (table,) = answer(question, report).tables
    return table


def rows(table: Table, *keys: str) -> list[tuple[object, ...]]:
    """Some columns of a table, row by row; lists as tuples."""
    places = [[column.key for column in table.columns].index(key) for key in keys]
    cells = [[row.cells[place] for place in places] for row in table.rows]
    return [tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in cells]
