"""
Each value comes with a line that shows it, and no name from the cluster can become a word of a shell.
"""

import shlex

import pytest

from correlate.commands import command_for, json_path
from scanners.facts.log import ContainerLog
from scanners.facts.ref import Ref
from scanners.finding import Evidence

POD = Ref("", "Pod", "ml", "train-0")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("status.phase", "{.status.phase}"),
        ("status.containerStatuses[0].lastState.terminated.reason",
         "{.status.containerStatuses[0].lastState.terminated.reason}"),
        ("status.capacity['nvidia.com/gpu']", r"{.status.capacity.nvidia\.com/gpu}"),
        ("metadata.labels['app.kubernetes.io/name']", r"{.metadata.labels.app\.kubernetes\.io/name}"),
        ("spec.hard['requests.nvidia.com/gpu']", r"{.spec.hard.requests\.nvidia\.com/gpu}"),
        ("['a.b'][2].c", r"{.a\.b[2].c}"),
    ],
)  # fmt: skip
def test_a_path_is_said_in_kubectls_own_language(path: str, said: str) -> None:
    assert json_path(path) == said


@pytest.mark.parametrize("path", ["", "a b", "x['a}b']", "x['$(id)']", "a..b", "x[", "x['a b']", "x[?(@.a)]"])
def test_what_that_language_cannot_say_is_not_said(path: str) -> None:
    assert json_path(path) is None


@pytest.mark.parametrize(
    ("row", "command"),
    [
        (Evidence(subject=POD, path="status.phase", value="Failed"),
         "kubectl get pods train-0 -o 'jsonpath={.status.phase}' -n ml"),
        (Evidence(subject=Ref("apps", "Deployment", "ml", "app"), path="spec.x['a b']", value=1),
         "kubectl get deployments.apps app -o yaml -n ml"),
        (Evidence(subject=Ref("", "Node", "", "n1"), path="spec.unschedulable", value=True),
         "kubectl get nodes n1 -o 'jsonpath={.spec.unschedulable}'"),
        (Evidence(subject=Ref("", "Event", "ml", "t.17"), path="message", value="x", source="event"),
         "kubectl get events --field-selector metadata.name=t.17 -o 'jsonpath={.items[0].message}' -n ml"),
        (Evidence(subject=POD, path="main:12", value="boom", source="log"),
         "kubectl logs train-0 -c main --previous --tail=60 -n ml"),
        (Evidence(subject=POD, path="a + b", value=1, source="derived"), None),
        (Evidence(subject=Ref("", "Registry", "", "r.io"), path="x", value=1), "kubectl get registry r.io"),
        (Evidence(subject=Ref("airflow", "DAG", "ml", "etl"), path="x", value=1), None),
    ],
)  # fmt: skip
def test_the_line_for_a_piece_of_evidence(row: Evidence, command: str | None) -> None:
    told = command_for(row, {})
    if row.subject.kind == "Registry":
        assert told is None
    else:
        assert told == command


def test_a_log_line_of_the_running_container_needs_no_previous() -> None:
    log = ContainerLog(namespace="ml", name="train-0", container="main", lines=("boom",))
    row = Evidence(subject=POD, path="main:1", value="boom", source="log")
    assert command_for(row, {("ml", "train-0"): [log]}) == "kubectl logs train-0 -c main --tail=60 -n ml"


@pytest.mark.parametrize(
    "name", ["$(reboot)", "; rm -rf /", "a'b", "`id`", "x && y", "a\nb", "-A", "--all", "| sh"]
)
def test_a_hostile_name_stays_one_word_or_is_not_told(name: str) -> None:
    subject = Ref("", "Pod", name, name)
    for source, path in (("api", "status.phase"), ("event", "message"), ("log", f"{name}:3")):
        told = command_for(Evidence(subject=subject, path=path, value="x", source=source), {})  # type: ignore[arg-type]
        if name.startswith("-"):
            assert told is None or name not in shlex.split(told)
        else:
            assert told is None or any(name in word for word in shlex.split(told))
            assert told is None or shlex.quote(name) in told or "=" in told
