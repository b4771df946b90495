"""
A Service is a name and a promise; whether anybody stands behind it is told by its endpoint slices.
"""

from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.network import EndpointSlice, Service
from scanners.facts.pod import Pod
from scanners.finding import Evidence


class Backend(NamedTuple):
    """One endpoint of a Service. ``key`` is its pod, else its address; ``place`` its place in the slice."""

    key: str
    ready: bool
    addresses: tuple[str, ...]
    slice: EndpointSlice
    place: int


def backends(inventory: Inventory, namespace: str, name: str) -> list[Backend]:
    """Endpoints of a Service, each pod once (a dual-stack Service has two slices). Needs endpointslices."""
    found: dict[str, Backend] = {}
    slices = inventory.index.endpoint_slices.get((namespace, name), ())
    for slice_ in sorted(slices, key=lambda slice_: slice_.name):
        for index, endpoint in enumerate(slice_.endpoints):
            key = endpoint.pod or "".join(endpoint.addresses[:1])
            backend = Backend(key, endpoint.ready, endpoint.addresses, slice_, index)
            before = found.get(key)
            if before is None or (endpoint.ready and not before.ready):
                found[key] = backend
    return [found[key] for key in sorted(found)]


def pods_behind(inventory: Inventory, service: Service) -> list[Pod]:
    """Pods that a Service selects and that have neither finished nor are being deleted. Needs pods."""
    if not service.selector:
        return []
    wanted = service.selector.items()
    pods = inventory.index.pods_by_namespace.get(service.namespace, ())
    return [
        pod for pod in pods if not pod.finished and not pod.deleted and wanted <= pod.labels.items()
    ]  # fmt: skip


def unready(found: list[Backend], at_most: int = 2) -> list[Evidence]:
    """Endpoints that say that they are not ready, as evidence."""
    return [
        Evidence(
            subject=backend.slice, path=f"endpoints[{backend.place}].conditions.ready", value=backend.ready
        )
        for backend in found
        if not backend.ready
    ][:at_most]


def count_ready(subject: Service | EndpointSlice, found: list[Backend], wanted: int) -> Evidence:
    """How many endpoints are ready, as evidence."""
    ready = sum(backend.ready for backend in found)
    formula = "number of endpoints in its EndpointSlices whose conditions.ready is not false"
    return Evidence(subject=subject, source="derived", path=formula, value=ready, threshold=wanted)
