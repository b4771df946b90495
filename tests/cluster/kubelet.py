"""
What a kubelet says about a failing container cannot be had without a kubelet, so the test plays it.

For pods labelled `deepscan.test/kubelet: played` (kwok leaves them alone) it writes pod status through the
status subresource and the events beside it, in the words of the kubelet's source (v1.35) and containerd 1.7.
"""

from .client import ApiError, Client, Json
from .containerstate import (
    ERROR,
    OOM,
    Ending,
    addresses,
    container_id,
    container_status,
    has_sandbox,
    moment,
    pod_conditions,
    running,
    terminated,
    waiting,
)
from .logserver import LogServer

COMPONENT = "kubelet"


class Kubelet:
    """Every node's kubelet; `pod` arguments are pods as read from the API, already bound to a node."""

    def __init__(self, client: Client, logs: LogServer) -> None:
        self._client = client
        self._logs = logs

    def runs(self, pod: Json, *, restarts: int = 0, last: Ending | None = None, ready: bool = True) -> None:
        """All containers run; `last` is how the first one's run before ended."""
        first = pod["spec"]["containers"][0]["name"]
        statuses = [
            container_status(
                pod,
                container,
                running(),
                restarts=restarts if container["name"] == first else 0,
                last=last if container["name"] == first else None,
                ready=ready,
            )
            for container in pod["spec"]["containers"]
        ]
        self._write(pod, "Running", statuses)

    def crash_loops(
        self, pod: Json, last: Ending = ERROR, *, restarts: int = 7, log: str = "", back_off: str = "5m0s"
    ) -> None:
        """The first container ends again and again and waits for its next start."""
        container = pod["spec"]["containers"][0]
        message = f"back-off {back_off} restarting failed container={container['name']} pod={_full_name(pod)}"
        self._first(pod, waiting("CrashLoopBackOff", message), last=last, restarts=restarts, phase="Running")
        self.event(
            pod,
            "BackOff",
            f"Back-off restarting failed container {container['name']} in pod {_full_name(pod)}",
            container=container["name"],
            count=restarts * 3,
        )
        if log:
            name = pod["metadata"]["name"]
            self._logs.set(pod["metadata"]["namespace"], name, container["name"], log, previous=True)
            self._logs.set(pod["metadata"]["namespace"], name, container["name"], log)

    def oom_loops(self, pod: Json, *, restarts: int = 4, ran_seconds: int = 312) -> None:
        """Killed at its memory limit, restarted, killed again: CrashLoopBackOff after OOMKilled."""
        self.crash_loops(pod, Ending(137, "OOMKilled", ran_seconds), restarts=restarts, back_off="2m40s")

    def fails(self, pod: Json, ending: Ending = ERROR, *, log: str = "") -> None:
        """All containers ended and are not restarted: the pod has failed."""
        self._end(pod, "Failed", {pod["spec"]["containers"][0]["name"]: ending}, Ending(ending.exit_code))
        if log:
            metadata = pod["metadata"]
            container = pod["spec"]["containers"][0]["name"]
            self._logs.set(metadata["namespace"], metadata["name"], container, log)

    def is_oom_killed(self, pod: Json, ran_seconds: int = 312) -> None:
        """A pod that is never restarted ends at its memory limit: OOMKilled stands in `state`."""
        self.fails(pod, Ending(OOM.exit_code, OOM.reason, ran_seconds))

    def succeeds(self, pod: Json, sidecar_exit_codes: dict[str, int] | None = None) -> None:
        """The pod is done; a sidecar that was told to end may have left another exit code."""
        codes = sidecar_exit_codes or {}
        endings = {name: Ending(code) for name, code in codes.items()}
        self._end(pod, "Succeeded", endings, Ending(0, "Completed"))

    def cannot_pull(self, pod: Json, cause: str, *, backing_off: bool = True) -> None:
        """The image does not come; `cause` is containerd's error (see `image_not_found`, `image_denied`)."""
        container = pod["spec"]["containers"][0]
        image = container["image"]
        state = waiting("ErrImagePull", cause)
        if backing_off:
            message = f'Back-off pulling image "{image}": ErrImagePull: {cause}'
            state = waiting("ImagePullBackOff", message)
        self._first(pod, state, pulled=False)
        name = container["name"]
        self.event(pod, "Pulling", f'Pulling image "{image}"', container=name, count=4, kind="Normal")
        self.event(pod, "Failed", f'Failed to pull image "{image}": {cause}', container=name, count=4)
        self.event(pod, "Failed", "Error: ErrImagePull", container=name, count=4)
        if backing_off:
            text = f'Back-off pulling image "{image}"'
            self.event(pod, "BackOff", text, container=name, count=9, kind="Normal")
            self.event(pod, "Failed", "Error: ImagePullBackOff", container=name, count=9)

    def lacks_config(self, pod: Json, message: str) -> None:
        """A Secret or ConfigMap that an environment variable names is missing; `message` says which."""
        self._first(pod, waiting("CreateContainerConfigError", message), pulled=False)
        self.event(
            pod, "Failed", f"Error: {message}", container=pod["spec"]["containers"][0]["name"], count=8
        )

    def creates(self, pod: Json) -> None:
        """Accepted, sandbox or volumes not there yet: every container waits in ContainerCreating."""
        self._first(pod, waiting("ContainerCreating"), pulled=False)

    def cannot_mount(self, pod: Json, message: str, *, count: int = 5) -> None:
        """A volume does not mount; `message` as the volume plug-in gives it."""
        self.creates(pod)
        self.event(pod, "FailedMount", message, count=count)

    def evicts(self, pod: Json, used: str, *, threshold: str = "100Mi", available: str = "60Mi") -> None:
        """The node ran out of memory and this pod had to go."""
        name = pod["spec"]["containers"][0]["name"]
        requests = pod["spec"]["containers"][0].get("resources", {}).get("requests", {})
        message = (
            f"The node was low on resource: memory. Threshold quantity: {threshold}, available: {available}. "
            f"Container {name} was using {used}, request is {requests.get('memory', '0')},"
            " has larger consumption of memory. "
        )
        statuses = self._ended(pod, {}, Ending(137))
        disruption = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "TerminationByKubelet",
            "message": message,
            "lastTransitionTime": moment(),
        }
        more = {"reason": "Evicted", "message": message}
        self._write(pod, "Failed", statuses, more, [disruption])
        self.event(pod, "Evicted", message)

    def lacks_memory(self, node_name: str) -> None:
        """A played node comes under memory pressure; the taint for it is the node lifecycle controller's."""
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node_name}}
        condition = {
            "type": "MemoryPressure",
            "status": "True",
            "reason": "KubeletHasInsufficientMemory",
            "message": "kubelet has insufficient memory available",
            "lastHeartbeatTime": moment(),
            "lastTransitionTime": moment(),
        }
        self._client.patch_status(node, {"conditions": [condition]})

    def event(
        self,
        pod: Json,
        reason: str,
        message: str,
        *,
        container: str = "",
        count: int = 1,
        kind: str = "Warning",
    ) -> None:
        """An event about a pod (and container), counted as the kubelet's recorder does."""
        metadata = pod["metadata"]
        involved = {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        }
        if container:
            involved["fieldPath"] = f"spec.containers{{{container}}}"
        self._client.create(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"generateName": f"{metadata['name']}.", "namespace": metadata["namespace"]},
                "involvedObject": involved,
                "reason": reason,
                "message": message,
                "type": kind,
                "count": count,
                "firstTimestamp": moment(60 * count),
                "lastTimestamp": moment(),
                "source": {"component": COMPONENT, "host": pod["spec"].get("nodeName", "")},
                "reportingComponent": COMPONENT,
                "reportingInstance": pod["spec"].get("nodeName", ""),
            }
        )

    def _first(
        self,
        pod: Json,
        state: Json,
        *,
        last: Ending | None = None,
        restarts: int = 0,
        pulled: bool = True,
        phase: str = "Pending",
    ) -> None:
        """The first container is in `state`; the others run, or wait beside one that has never run."""
        first, *rest = pod["spec"]["containers"]
        statuses = [
            container_status(pod, first, state, last=last, restarts=restarts, pulled=pulled),
            *(
                container_status(pod, other, running(), ready=True)
                if phase == "Running"
                else container_status(pod, other, waiting("ContainerCreating"), pulled=False)
                for other in rest
            ),
        ]
        self._write(pod, phase, statuses)

    def _end(self, pod: Json, phase: str, endings: dict[str, Ending], default: Ending) -> None:
        self._write(pod, phase, self._ended(pod, endings, default))

    def _ended(self, pod: Json, endings: dict[str, Ending], default: Ending) -> list[Json]:
        statuses = []
        for container in pod["spec"]["containers"]:
            ending = endings.get(container["name"], default)
            state = terminated(ending, container_id(pod, container["name"], 0))
            statuses.append(container_status(pod, container, state))
        return statuses

    def _write(
        self,
        pod: Json,
        phase: str,
        statuses: list[Json],
        more: Json | None = None,
        conditions: list[Json] | None = None,
    ) -> None:
        status = {
            "phase": phase,
            "startTime": pod["metadata"]["creationTimestamp"],
            "observedGeneration": pod["metadata"].get("generation", 1),
            "containerStatuses": statuses,
            "conditions": [*pod_conditions(pod, statuses, phase), *(conditions or [])],
            **(addresses(pod) if has_sandbox(statuses) else {}),
            **(more or {}),
        }
        try:
            self._client.patch_status(pod, status)
        except ApiError as error:
            if error.status != 404:  # deleted by its controller meanwhile: a kubelet shrugs, too
                raise


def image_not_found(image: str) -> str:
    """containerd's error for a tag that the registry does not have."""
    return (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f'failed to resolve reference "{image}": {image}: not found'
    )


def image_denied(image: str) -> str:
    """containerd's error for a registry that wants other credentials."""
    return (
        f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
        "pull access denied, repository does not exist or may require authorization: "
        "server message: insufficient_scope: authorization failed"
    )


def _full_name(pod: Json) -> str:
    metadata = pod["metadata"]
    return f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
