"""
A container cannot start because its image cannot be fetched.

## Why it matters
The pod keeps its place, its GPUs and its quota, and does nothing. The kubelet tries again every five
minutes for ever. When a registry throttles, every node that restarts a pod joins the queue.

## What to do
By class: `not-found` correct the tag; `denied` name a pull secret that exists and may read the repository;
`rate` log in or use a mirror; `no-arch` build for the node's processor; `dns`, `timeout`, `tls`,
`unavailable` look at the registry and the way to it; `invalid-name` and `never-pull` are in the pod's own
spec. Where three owners or more fail on one host, mend the registry first. For `dns` look at the resolver of the node
(`/etc/resolv.conf` there): the runtime asks that one, and seldom the cluster's own.

## When it is wrong
Older kubelets repeat only "Back-off pulling image" in the status: the class then comes from events, or is
unknown. Registries answer "denied" for a repository that does not exist. Whether a pull secret is there is
never looked up; its name is told as written.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import ContainerState, Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import EVENTS, PODS
from scanners.finding import Evidence, Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.ends import container_of
from scanners.semantics.images import UNKNOWN, pull_class, registry_of, resolver_of
from scanners.semantics.owners import top_owner
from scanners.semantics.times import age, earliest, lasts, spoken

OWNERS = Threshold("owners", 3, unit="owners on one host that make it the registry's fault")

AT_ONCE = frozenset({"InvalidImageName", "ErrImageNeverPull"})
PULLING = AT_ONCE | {
    "ErrImagePull", "ImagePullBackOff", "ImageInspectError", "RegistryUnavailable",
    "SignatureValidationFailed",
}  # fmt: skip
OWN_FAULT = frozenset({UNKNOWN, "not-found", "no-arch", "invalid-name", "never-pull", "signature", "inspect"})
"""Classes that never speak against the registry."""


class Pull(NamedTuple):
    """A container whose image does not come. ``status_class`` is what the status alone says."""

    owner: Ref
    pod: Pod
    state: ContainerState
    image: str
    host: str
    status_class: str
    event: Event | None

    @property
    def cause(self) -> str:
        if self.status_class != UNKNOWN or self.event is None:
            return self.status_class
        return pull_class("", self.event.message)

    @property
    def resolver(self) -> str:
        """The name server that could not tell where the registry is, ``""`` for another failure or an unknown one."""
        told = (
            self.state.waiting.message if self.state.waiting else "",
            self.event.message if self.event else "",
        )
        return next(filter(None, map(resolver_of, told)), "") if self.cause == "dns" else ""

    @property
    def since(self) -> str:
        ready = self.pod.condition("Ready")
        return ready.since if ready and ready.since else self.pod.created


@scanner("WRK102", "Image cannot be pulled", Severity.HIGH, needs=[PODS], sharpened_by=[EVENTS])
def image_cannot_be_pulled(inventory: Inventory) -> Iterator[Sighting]:
    pulls = list(_pulls(inventory))
    found: dict[tuple[Key, str], list[Pull]] = defaultdict(list)
    hosts: dict[tuple[str, str], list[Pull]] = defaultdict(list)
    for pull in pulls:
        found[key_of(pull.owner), pull.state.name].append(pull)
        if pull.status_class not in OWN_FAULT:
            hosts[pull.host, pull.status_class].append(pull)
    owners_hit = {key: len({key_of(pull.owner) for pull in group}) for key, group in hosts.items()}
    for group in found.values():
        yield _of_owner(inventory, group, owners_hit)
    for key, group in hosts.items():
        if owners_hit[key] >= inventory.limit(OWNERS):
            yield _of_registry(inventory, group, owners_hit[key])


def _pulls(inventory: Inventory) -> Iterator[Pull]:
    for pod in inventory.pods:
        if pod.state is None or pod.finished or pod.deleted:
            continue
        for state in pod.troubled:
            if state.waiting is None or state.waiting.reason not in PULLING:
                continue
            container = container_of(pod, state.name)
            image = container.image if container else ""
            cause = pull_class(state.waiting.reason, state.waiting.message)
            event = _event(inventory, pod, image)
            pull = Pull(top_owner(inventory, pod), pod, state, image, registry_of(image), cause, event)
            if state.waiting.reason in AT_ONCE or lasts(pull.since, inventory.now, inventory.ages.wait):
                yield pull


def _event(inventory: Inventory, pod: Pod, image: str) -> Event | None:
    """The newest event that says why this image was not pulled."""
    told = [
        event
        for event in inventory.index.events_by_uid.get(pod.uid, ())
        if event.reason == "Failed" and f'Failed to pull image "{image}"' in event.message
    ]
    return max(told, key=lambda event: (event.last, event.uid), default=None)


def _class_of(group: list[Pull]) -> str:
    """The class of most pods; a known one before the unknown, the earlier name of equals."""
    counted = Counter(pull.cause for pull in group)
    return min(counted, key=lambda name: (name == UNKNOWN, -counted[name], name))


def _sample(group: list[Pull]) -> list[Pull]:
    """The pulls in the order in which they are shown: those whose status says the class first."""
    wanted = _class_of(group)
    return sorted(group, key=lambda pull: (pull.status_class != wanted, pull.cause != wanted, pull.pod.uid))


def _of_owner(inventory: Inventory, group: list[Pull], owners_hit: dict[tuple[str, str], int]) -> Sighting:
    first, cause = _sample(group)[0], _class_of(group)
    reason = first.state.waiting.reason if first.state.waiting else ""
    since = earliest(*(pull.since for pull in group))
    images = sorted({pull.image for pull in group})
    pods = f" in {len(group)} pods" if len(group) > 1 else ""
    lasted = spoken(age(since, inventory.now))
    return Sighting(
        subject=first.owner,
        kind=Kind.IMAGE_PULL_FAILED,
        cause_class=cause,
        message=f"image {', '.join(images)} of container {first.state.name} cannot be pulled{pods} "
        f"for {lasted}: {_told_class(cause, reason)}",
        facts={
            "class": cause,
            "reason": reason,
            "container": first.state.name,
            "image": images[0],
            "registry_host": first.host,
            "resolver": first.resolver or None,
            "pull_secret_named": _secret(first.pod),
            "owners_hit": owners_hit.get((first.host, cause), 1),
            "waiting_s": _whole(age(since, inventory.now)),
        },
        evidence=list(_evidence(_sample(group)[:2])),
        discriminator=first.state.name,
        pods=[pull.pod for pull in group],
        onset=since,
    )


def _of_registry(inventory: Inventory, group: list[Pull], owners: int) -> Sighting:
    group = sorted(group, key=lambda pull: pull.pod.uid)
    host, cause = group[0].host, group[0].status_class
    namespaces = len({pull.pod.namespace for pull in group})
    since = earliest(*(pull.since for pull in group))
    return Sighting(
        subject=nobody("Registry", host),
        kind=Kind.REGISTRY_FAILING,
        cause_class=cause,
        message=f"{host} fails {owners} owners in {namespaces} namespace{'s' if namespaces > 1 else ''} "
        f"({len(group)} pods) for {spoken(age(since, inventory.now))}: {_told_class(cause, '')}",
        facts={
            "class": cause,
            "image": min(pull.image for pull in group),
            "registry_host": host,
            "resolver": group[0].resolver or None,
            "pull_secret_named": _secret(group[0].pod),
            "owners_hit": owners,
            "namespaces_hit": namespaces,
        },
        evidence=list(_evidence(group[:3])),
        discriminator=cause,
        pods=[pull.pod for pull in group],
        touches=list({key_of(pull.owner): pull.owner for pull in group}.values()),
        onset=since,
    )


_WORDS = {
    "rate": "the registry throttles (too many requests)",
    "no-arch": "no image for this node's processor",
    "dns": "the registry's name does not resolve",
    "timeout": "the registry cannot be reached in time",
    "tls": "the registry's certificate is refused",
    "unavailable": "the registry answers with an error of its own",
    "denied": "access is denied",
    "not-found": "it does not exist there",
    "invalid-name": "its name cannot be read",
    "never-pull": "it is not on the node and must not be pulled",
    "signature": "its signature is not accepted",
    "inspect": "the image on the node cannot be read",
}


def _told_class(cause: str, reason: str) -> str:
    return _WORDS.get(cause, f"{reason}, the cause is not told")


def _secret(pod: Pod) -> str | None:
    """Pull secrets that the pod names: those of its Secrets that no volume mounts."""
    mounted = {volume.source for volume in pod.template.volumes}
    named = [
        each.name for each in pod.template.references if each.kind == "Secret" and each.name not in mounted
    ]
    return ", ".join(named) or None


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


def _evidence(pulls: list[Pull]) -> Iterator[Evidence]:
    for pull in pulls:
        if waiting := pull.state.waiting:
            yield Evidence(
                subject=pull.pod, path=pull.state.path("state.waiting.reason"), value=waiting.reason,
                observed_at=pull.since,
            )  # fmt: skip
            if waiting.message:
                yield Evidence(
                    subject=pull.pod, path=pull.state.path("state.waiting.message"), value=waiting.message
                )
        if pull.event and pull.status_class == UNKNOWN:
            yield Evidence(
                subject=pull.event, source="event", path="message", value=pull.event.message,
                observed_at=pull.event.last,
            )  # fmt: skip
