"""Names say whose cluster it is: they leave as aliases, and come back as they were."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.semantics.aliases import Aliases

NAMES = [
    ("Pod", "train-0"), ("Pod", "train-0-worker"), ("Namespace", "research"), ("Node", "gpu-eu-1"),
    ("Deployment", "train"), ("StatefulSet", "cache"), ("PersistentVolumeClaim", "cache"),
]  # fmt: skip
PIECES = st.sampled_from(
    [
        "POD",
        "NS",
        "NODE",
        "WORKLOAD",
        "-",
        "0-",
        "0",
        "1",
        "3",
        "12",
        "a",
        "/",
        " ",
        ".",
        "_",
        "train",
        "train-0",
        "7a",
    ]
)
KINDS = st.sampled_from(["Pod", "Node", "Namespace", "Job", "X"])


def test_each_kind_has_its_own_count_whatever_the_order() -> None:
    aliases = Aliases.of(NAMES)
    assert dict(aliases.names) == {
        "CLAIM-1": "cache", "NODE-1": "gpu-eu-1", "NS-1": "research", "WORKLOAD-1": "train",
        "POD-1": "train-0", "POD-2": "train-0-worker",
    }  # fmt: skip
    for seed in range(5):
        assert Aliases.of(random.Random(seed).sample(NAMES, len(NAMES))).names == aliases.names


def test_the_longest_name_is_hidden_first_and_no_part_of_a_longer_word() -> None:
    aliases = Aliases.of(NAMES)
    told = aliases.hide("train-0-worker and train-0 of research/train on gpu-eu-1, constrain the trains.")
    assert told == "POD-2 and POD-1 of NS-1/WORKLOAD-1 on NODE-1, constrain the trains."
    assert aliases.restore(told).startswith("train-0-worker and train-0 of research/train on gpu-eu-1")


def test_a_text_that_looks_like_an_alias_comes_back_as_it_was() -> None:
    aliases = Aliases.of([*NAMES, ("Node", "POD-1")])
    for text in (
        "POD-1 says POD-2, POD-0-2 and POD-0-0-7",
        "NS-1",
        "WORKLOAD-99 train-0",
        "POD-1-train-0-POD-3",
    ):
        assert aliases.restore(aliases.hide(text)) == text
    assert aliases.hide("POD-2") == "POD-0-2"
    assert aliases.restore("POD-77 is nobody") == "POD-77 is nobody"


def test_ordinary_words_are_no_names() -> None:
    aliases = Aliases.of(
        [("Namespace", "default"), ("Namespace", "kube-system"), ("Deployment", "gpu"), ("Pod", "")]
    )
    assert dict(aliases.names) == {} and aliases.hide("the gpu in default") == "the gpu in default"


@settings(deadline=None)
@given(
    st.lists(st.tuples(KINDS, st.lists(PIECES, min_size=1).map("".join))),
    st.lists(PIECES, max_size=12).map("".join),
)
def test_the_round_trip_is_exact_whatever_the_names_and_the_text(
    names: list[tuple[str, str]], text: str
) -> None:
    aliases = Aliases.of(names)
    assert aliases.restore(aliases.hide(text)) == text
