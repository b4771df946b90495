"""A figure is only as good as its data: 150,000 distinct pods, shaped and sized as kube-apiserver sends them.

    python -m benchmarks.generate [--pods N] [--nodes N] [--events N] [--page N] [--seed N] [--data FOLDER]

Pages are kept as gzip level 1, as they go over the wire. The same arguments make the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TypedDict

import platformdirs

from benchmarks.cluster.identity import ago
from benchmarks.cluster.owners import namespace_text
from benchmarks.cluster.pages import LISTS, page_body
from benchmarks.cluster.population import Population, Sizes, populate

REPOSITORY = Path(__file__).resolve().parent.parent
LARGE = Sizes()
SMALL = Sizes(pods=15_000, nodes=500, events=6_000)


class ListTotals(TypedDict):
    """What was written of one list."""

    objects: int
    pages: int
    json_bytes: int
    gzip_bytes: int


class Manifest(TypedDict):
    """`manifest.json`: the moment of the data and its totals."""

    now: str
    sizes: dict[str, int]
    revision: str
    cluster_uid: str
    lists: dict[str, ListTotals]
    workloads: int
    unhealthy_pods: dict[str, int]
    unwell_nodes: dict[str, int]


def default_folder() -> Path:
    return platformdirs.user_cache_path("deepscan") / "benchmarks"


def revision() -> str:
    """Data made by other code than this is made again."""
    sources = sorted((REPOSITORY / "benchmarks" / "cluster").glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def folder_of(sizes: Sizes, data: Path) -> Path:
    return data / "-".join(f"{name}{value}" for name, value in asdict(sizes).items())


def read_manifest(folder: Path) -> Manifest:
    manifest: Manifest = json.loads((folder / "manifest.json").read_text())
    return manifest


def ensure(sizes: Sizes, data: Path) -> Path:
    """The folder with this data; generated when it is not there or was made by other code."""
    if data.resolve().is_relative_to(REPOSITORY):
        raise SystemExit(f"error: {data} lies inside the repository\n  help: name another folder with --data")
    folder = folder_of(sizes, data)
    return folder if is_current(folder) else generate(sizes, folder)


def is_current(folder: Path) -> bool:
    return (folder / "manifest.json").exists() and read_manifest(folder)["revision"] == revision()


def generate(sizes: Sizes, folder: Path) -> Path:
    """Write all pages beside the folder, then put them in its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
    try:
        manifest = _write(sizes, fresh)
        (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _write(sizes: Sizes, folder: Path) -> Manifest:
    population = populate(sizes)
    tasks = []
    for name, kind in LISTS.items():
        (folder / name).mkdir()
        tasks += [
            (sizes, name, page, folder) for page in range(max(1, -(-kind.count(population) // sizes.page)))
        ]
    workers = min(os.cpu_count() or 1, 1 + len(tasks) // 20)
    totals: dict[str, ListTotals] = {
        name: ListTotals(objects=0, pages=0, json_bytes=0, gzip_bytes=0) for name in LISTS
    }
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for name, objects, plain, packed in pool.map(_write_page, *zip(*tasks, strict=True), chunksize=5):
            total = totals[name]
            total["objects"] += objects
            total["pages"] += 1
            total["json_bytes"] += plain
            total["gzip_bytes"] += packed
    return _manifest(population, totals, folder)


def _manifest(population: Population, totals: dict[str, ListTotals], folder: Path) -> Manifest:
    kube_system = namespace_text(population, population.namespaces.index("kube-system"))
    typed = {"kind": "Namespace", "apiVersion": "v1", **json.loads(kube_system)}
    (folder / "kube-system.json").write_text(json.dumps(typed, separators=(",", ":")) + "\n")
    return Manifest(
        now=ago(0),
        sizes=asdict(population.sizes),
        revision=revision(),
        cluster_uid=typed["metadata"]["uid"],
        lists=totals,
        workloads=len(population.workloads),
        unhealthy_pods=dict(sorted(Counter(population.pod_faults.values()).items())),
        unwell_nodes=dict(sorted(Counter(population.node_faults.values()).items())),
    )


def page_bytes(sizes: Sizes, name: str, page: int) -> tuple[bytes, int]:
    """The JSON of one page and how many objects it holds."""
    population, kind = populate(sizes), LISTS[name]
    total = kind.count(population)
    places = range(page * sizes.page, min(total, (page + 1) * sizes.page))
    items = [kind.text(population, place) for place in places]
    return page_body(kind, items, places.stop, total), len(items)


def _write_page(sizes: Sizes, name: str, page: int, folder: Path) -> tuple[str, int, int, int]:
    body, objects = page_bytes(sizes, name, page)
    packed = gzip.compress(body, 1, mtime=0)
    (folder / name / f"{page:04d}.json.gz").write_bytes(packed)
    return name, objects, len(body), len(packed)


def add_size_options(parser: argparse.ArgumentParser) -> None:
    for name, value in asdict(LARGE).items():
        parser.add_argument(f"--{name}", type=int, default=value)


def sizes_of(options: argparse.Namespace) -> Sizes:
    return Sizes(options.pods, options.nodes, options.events, options.page, options.seed)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.generate", description=__doc__.splitlines()[0]
    )
    add_size_options(parser)
    parser.add_argument("--data", type=Path, default=default_folder())
    options = parser.parse_args()
    started, sizes = time.monotonic(), sizes_of(options)
    if is_current(folder_of(sizes, options.data)):
        return
    folder = ensure(sizes, options.data)
    for name, total in read_manifest(folder)["lists"].items():
        each = total["json_bytes"] / max(1, total["objects"])
        counts = f"{name:12} {total['objects']:>8,} objects {total['pages']:>4} pages"
        plain, packed = total["json_bytes"] / 1e6, total["gzip_bytes"] / 1e6
        print(f"{counts} {plain:8.1f} MB, gzip {packed:6.1f} MB, {each:7.0f} B each", file=sys.stderr)
    print(f"{folder} ({time.monotonic() - started:.1f} s)", file=sys.stderr)


if __name__ == "__main__":
    main()
