"""
A check without its measurements still points at what the cluster's own objects show, and says that it is a guess.
"""

import pytest

from scanners.facts.gaps import SliceState
from scanners.facts.slices import GPU_METRICS, PODS
from scanners.finding import Confidence
from scanners.scanner import CheckState, catalogue
from swarm.agent import Agent
from swarm.sources.kubernetes.reduce.environment import only_sleeps
from tests.scanners.cases import FIXTURES, load
from tests.scanners.test_checks import folder_of, reread

CHECK = catalogue()["GPU102"]
CASE = load(FIXTURES / folder_of(CHECK) / "hint-sleeps.yaml", "GPU102")


@pytest.mark.parametrize("state", [SliceState.NOT_COLLECTED, SliceState.DENIED, SliceState.TRUNCATED])
def test_a_hint_is_told_while_the_check_stays_unmeasured(state: SliceState) -> None:
    agent = Agent("target", "gpu", [CHECK])
    agent.look(reread(CASE, GPU_METRICS, state, 0))
    assert agent.verdicts["GPU102"].state in (CheckState.NOT_CONFIGURED, CheckState.NOT_MEASURED)
    [(_, [hint])] = agent.hand_over()
    assert (hint.facts["hint"], hint.confidence) == ("sleeps", Confidence.POSSIBLE)


def test_nothing_is_pointed_at_where_pods_were_not_read() -> None:
    assert CHECK.hinted(reread(CASE, PODS, SliceState.DENIED, 0)) == []


@pytest.mark.parametrize(
    "line",
    ["sleep infinity", "/bin/sleep inf", "sh -c sleep infinity", "bash -lc exec sleep 1000000", "tail -f /dev/null",
     "/usr/bin/tini -- sleep 7d"],
)  # fmt: skip
def test_a_command_that_only_waits_is_known(line: str) -> None:
    assert only_sleeps(line.split(" "))


@pytest.mark.parametrize("line", ["", "sleep 30", "python train.py", "sh -c python x.py && sleep infinity"])
def test_a_command_that_works_first_is_none(line: str) -> None:
    assert not only_sleeps(line.split(" "))
