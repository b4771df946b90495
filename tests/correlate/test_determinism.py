"""
Two people who scan the same cluster must read the same report, byte for byte.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

from pydantic_core import to_json

from correlate import Correlation, correlate
from scanners.facts import slices
from tests.correlate.rule_worlds import WORLDS
from tests.correlate.test_budget import burning_cluster
from tests.correlate.worlds import Sighted, inventory

ROOT = Path(__file__).resolve().parents[2]


def text_of(told: Correlation) -> bytes:
    return to_json([told.findings, told.problems, told.warnings], by_alias=True)


def everything() -> tuple[dict[slices.Slice, list[object]], Sighted]:
    """All worlds of the rules in one cluster: causes that meet, compete and feed each other."""
    worlds = [found for pair in WORLDS.values() for found in pair]
    objects = {slice_: list(worlds[0][0].all(slice_)) for slice_ in slices.ALL}
    return objects, [sighting for _, sighted in worlds for sighting in sighted]


def shuffled(seed: int) -> bytes:
    objects, sighted = everything()
    shuffle = random.Random(seed)
    mixed = {slice_: shuffle.sample(facts, len(facts)) for slice_, facts in objects.items()}
    rows = [(check, shuffle.sample(seen, len(seen))) for check, seen in shuffle.sample(sighted, len(sighted))]
    return text_of(correlate(inventory(mixed), rows))


def test_the_order_of_objects_and_sightings_is_not_seen() -> None:
    assert len({shuffled(seed) for seed in range(5)}) == 1


def test_a_large_cluster_in_another_order_is_the_same() -> None:
    cluster, sighted = burning_cluster(500)
    backwards = [(check, list(reversed(seen))) for check, seen in reversed(sighted)]
    assert text_of(correlate(cluster, sighted)) == text_of(correlate(cluster, backwards))


def test_the_hash_seed_is_not_seen() -> None:
    script = (
        "import sys; from tests.correlate.test_determinism import shuffled; "
        "sys.stdout.buffer.write(shuffled(3))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(3)
    }  # fmt: skip
    assert answers == {shuffled(3)}


def test_importing_the_engine_does_not_import_networkx() -> None:
    script = "import sys, correlate; assert 'networkx' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_merging_disjoint_clusters_joins_nothing() -> None:
    """Twice the incident, in another namespace: twice the problems, no link across."""
    cluster, sighted = burning_cluster(400)
    told = correlate(cluster, sighted)
    spaces = {finding.id: finding.subject.namespace for finding in told.findings}
    for problem in told.problems:
        assert len({spaces[id_] for id_ in problem.findings} - {""}) <= 2 or len(problem.chain) >= 2
