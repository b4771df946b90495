"""
The API says what was asked for; only measurement says what was used.

Measured use over a window, already joined to the objects that it speaks of. A sample that was not had is NaN, a series
that was not had is None: neither is ever zero.
"""

import math
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    Samples = array[float]
else:
    Samples = array


class Series(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Samples at ``start``, ``start + step``, … (epoch seconds); NaN where there is none."""

    start: float
    step: float
    values: Samples

    @property
    def end(self) -> float:
        """The moment of the last sample."""
        return self.start + self.step * max(0, len(self.values) - 1)

    def since(self, moment: float) -> Iterator[tuple[float, float]]:
        """(moment, value) of the samples from a moment on, those that are missing left out."""
        first = max(0, math.ceil((moment - self.start) / self.step))
        for index in range(first, len(self.values)):
            value = self.values[index]
            if not math.isnan(value):
                yield self.start + index * self.step, value

    def last_over(self, bound: float) -> float | None:
        """The last moment at which it was at or over a bound; None if it never was."""
        moments = [moment for moment, value in self.since(self.start) if value >= bound]
        return moments[-1] if moments else None


class DeviceUse(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    One GPU, or one MIG instance of it, while one pod held it or nobody did, as its exporter tells it.

    ``device`` is the GPU's UUID (or ``node/index``), ``instance`` the MIG instance or ``""``. ``namespace``, ``pod``
    and ``container`` name the holder, ``""`` where the exporter names none. ``busy`` is a ratio (0 to 1): ``basis``
    says whether of the graphics engine (``engine``) or by the driver's utilisation (``utilisation``, absent under
    MIG); ``sm`` and ``tensor`` are ratios too, ``power`` watts, ``memory`` bytes in use. ``queries`` holds the PromQL
    behind each of these five that was measured, by its name, narrowed to this device.
    """

    node: str
    device: str
    instance: str = ""
    product: str = ""
    namespace: str = ""
    pod: str = ""
    container: str = ""
    basis: str = ""
    busy: Series | None = None
    sm: Series | None = None
    tensor: Series | None = None
    power: Series | None = None
    memory: Series | None = None
    queries: dict[str, str] = {}


class VolumeUse(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    How full a mounted claim is, as the kubelet tells it: bytes and inodes now, ``available`` bytes over the window.

    None is not measured. ``queries`` holds the PromQL behind every field that was measured, by its name, narrowed to
    this claim.
    """

    namespace: str
    claim: str
    used_bytes: float | None = None
    capacity_bytes: float | None = None
    inodes_used: float | None = None
    inodes: float | None = None
    available: Series | None = None
    queries: dict[str, str] = {}


class Throttling(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    The share of its CPU periods in which a container was throttled over the last 6 h (0 to 1), as cAdvisor tells it.

    A container that is throttled in less than 1 % of its periods is left out, like one that has no CPU limit.
    """

    namespace: str
    pod: str
    container: str
    ratio: float
    query: str = ""
