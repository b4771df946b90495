"""
An orchestrator's pod carries a hashed name; its owner knows a DAG, a run and a step.

Identity keys are those of the engines themselves (orchestrators reference, section 2). Annotations are
preferred where an engine truncates its labels.
"""

from typing import NamedTuple

from scanners.facts.fact import Fact
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref


class Identity(NamedTuple):
    """Which keys of one engine tell pipeline, run, step and attempt; ``marker`` is the key that proves the engine."""

    system: str
    marker: str
    pipeline: tuple[str, ...]
    run: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    attempt: tuple[str, ...] = ()
    owner_kind: str = ""


IDENTITIES = (
    Identity("airflow", "dag_id", ("dag_id",), ("run_id",), ("task_id",), ("try_number",), "DAG"),
    Identity(
        "argo-workflows", "workflows.argoproj.io/workflow",
        ("workflows.argoproj.io/cron-workflow", "workflows.argoproj.io/workflow-template",
         "workflows.argoproj.io/workflow"),
        ("workflows.argoproj.io/workflow",), ("workflows.argoproj.io/node-name",),
    ),
    Identity("spark", "sparkoperator.k8s.io/app-name", ("sparkoperator.k8s.io/app-name",),
             ("spark-app-selector",), ("spark-role",)),
    Identity("spark", "spark-app-selector", ("spark-app-name", "spark-app-selector"), ("spark-app-selector",),
             ("spark-role",)),
    Identity("kuberay", "ray.io/cluster", ("ray.io/originated-from-cr-name", "ray.io/cluster"), ("ray.io/cluster",),
             ("ray.io/group", "ray.io/node-type")),
    Identity("prefect", "prefect.io/flow-run-id", ("prefect.io/deployment-name", "prefect.io/flow-name"),
             ("prefect.io/flow-run-name", "prefect.io/flow-run-id"), owner_kind="Deployment"),
    Identity("dagster", "dagster/run-id", ("dagster/job",), ("dagster/run-id",), ("dagster/op",), owner_kind="Job"),
    Identity("kubeflow-training", "training.kubeflow.org/job-name", ("training.kubeflow.org/job-name",),
             ("training.kubeflow.org/job-name",), ("training.kubeflow.org/replica-type",)),
    Identity("jobset", "jobset.sigs.k8s.io/jobset-name", ("jobset.sigs.k8s.io/jobset-name",),
             ("jobset.sigs.k8s.io/jobset-name",), ("jobset.sigs.k8s.io/replicatedjob-name",),
             ("jobset.sigs.k8s.io/restart-attempt",)),
)  # fmt: skip
"""First match wins; outer engines stand before inner ones."""

IDENTITY_ANNOTATIONS = (
    "dag_id", "run_id", "task_id", "try_number", "map_index", "workflows.argoproj.io/node-name",
    "workflows.argoproj.io/node-id",
)  # fmt: skip
"""Annotations that decoding must keep for attribution."""


class Pipeline(NamedTuple):
    """The pipeline, run, step and attempt that an object belongs to; ``""`` where the engine does not say."""

    system: str
    pipeline: str
    run: str
    step: str
    attempt: str


def pipeline_of(thing: Fact | Pod) -> Pipeline | None:
    """Which pipeline an object belongs to by its own labels and annotations, if any."""
    found = _identity(thing)
    if found is None:
        return None
    read = [_first(thing, keys) for keys in (found.pipeline, found.run, found.step, found.attempt)]
    return Pipeline(found.system, *read)


def engine_owner(thing: Fact | Pod) -> Ref | None:
    """The owner of an object whose engine leaves no owner references: ``airflow/DAG``, uid unknown."""
    found = _identity(thing)
    name = _first(thing, found.pipeline) if found else ""
    if found is None or not found.owner_kind or not name:
        return None
    return Ref(found.system, found.owner_kind, thing.namespace, name)


def _identity(thing: Fact | Pod) -> Identity | None:
    for identity in IDENTITIES:
        if identity.marker in thing.labels or identity.marker in thing.annotations:
            return identity
    return None


def _first(thing: Fact | Pod, keys: tuple[str, ...]) -> str:
    for key in keys:
        value = thing.annotations.get(key) or thing.labels.get(key)
        if value:
            return value
    return ""
