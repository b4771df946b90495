"""
Adding a check must be adding a file: no registry, no table to keep in step.

``@scanner`` turns a function into a :class:`Scanner`; its module's docstring is its page, its package its concern, the
:class:`Threshold`s beside it its settings. :func:`catalogue` walks the packages and finds them all.
"""

import hashlib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from types import ModuleType

import msgspec

import scanners
from scanners.facts.gaps import HAS_SOMETHING, SliceState
from scanners.facts.inventory import Ages, Inventory
from scanners.facts.slices import Holder, Slice
from scanners.facts.threshold import Threshold
from scanners.finding import Confidence, Severity, Sighting

CONCERNS = (
    "jobs", "memory", "gpu", "storage", "quota", "network", "nodes", "workloads", "control-plane",
    "cloud", "cost",
)  # fmt: skip
"""The concerns that have checks in this version; each is a package under :mod:`scanners`."""

__all__ = ["CONCERNS", "CheckState", "Scanner", "Threshold", "Verdict", "catalogue", "scanner"]

Look = Callable[[Inventory], Iterable[Sighting]]


class CheckState(StrEnum):
    """How a check ended on a target, in the contract's words."""

    RAN = "ran"
    PARTIAL = "partial"
    NOT_APPLICABLE = "not-applicable"
    NOT_CONFIGURED = "not-configured"
    NOT_MEASURED = "not-measured"
    SKIPPED = "skipped"


class Verdict(msgspec.Struct, frozen=True):
    """Whether a check may speak on an inventory, and if not why."""

    state: CheckState
    why: str = ""


class Scanner(msgspec.Struct, frozen=True, kw_only=True):
    """
    One check. ``needs`` must have been read; ``complete`` (part of ``needs``) must be whole, because the
    check claims that something is absent from them; ``sharpened_by`` only adds detail. ``about`` (the first
    need unless said) holds what it speaks of: where that was read whole and is empty, or ``applies`` says
    no, the check is not applicable. Only one that does not ``reads_status`` may speak of mere manifests.
    ``hints`` is what it may still point at, as merely possible, where a source beside the cluster was not read.
    """

    code: str
    title: str
    severity: Severity
    confidence: Confidence
    concern: str
    page: str
    needs: tuple[Slice, ...]
    complete: tuple[Slice, ...]
    sharpened_by: tuple[Slice, ...]
    about: tuple[Slice, ...]
    thresholds: tuple[Threshold, ...]
    look: Look
    applies: Callable[[Inventory], bool] | None = None
    reads_status: bool = True
    hints: Look | None = None

    def __reduce__(self) -> tuple[Callable[[str], "Scanner"], tuple[str]]:
        """Another process finds it by its code in its own catalogue."""
        return _found, (self.code,)

    @property
    def slices(self) -> tuple[Slice, ...]:
        """Every slice it may touch."""
        return (*self.needs, *self.sharpened_by)

    @property
    def held_by(self) -> Holder:
        """Whose facts it judges: a cluster's, or those of the account that clusters stand in."""
        return "account" if any(slice_.held_by == "account" for slice_ in self.needs) else "cluster"

    def revision(self, limits: Mapping[tuple[str, str], float], ages: Ages | None = None) -> str:
        """
        Hash of the check's own source, its thresholds in force and the ages that are not the usual ones: a changed
        check is not comparable.
        """
        usual, waited = Ages(), ages or Ages()
        own = {name: getattr(waited, name) for name in Ages.__struct_fields__}
        numbers = [f"{t.name}={limits.get((self.code, t.name), t.default):g}" for t in self.thresholds]
        numbers += [f"ages.{name}={value:g}" for name, value in own.items() if value != getattr(usual, name)]
        text = "\n".join([self.code, _source(self.look), *numbers])
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    def verdict(self, inventory: Inventory) -> Verdict:
        """Whether it may speak: never from a slice that was not read, never of absence in one that is not whole."""
        return self._judged(inventory, self._applies)

    def outlook(self, inventory: Inventory) -> Verdict:
        """
        The verdict that it would get if its slices were read as the inventory's readings say; nothing was read yet, so
        whether there is something of its kind is known from the counts alone.
        """
        return self._judged(inventory, self._has_something)

    def _judged(self, inventory: Inventory, applies: Callable[[Inventory], bool]) -> Verdict:
        if inventory.target.manifests and self.reads_status:
            return Verdict(CheckState.NOT_MEASURED, "no object carries a status: these are manifests")
        for slice_ in self.needs:
            if slice_.origin != "kubernetes" and inventory.state(slice_) is SliceState.NOT_COLLECTED:
                return Verdict(CheckState.NOT_CONFIGURED, f"{slice_.name}: no {slice_.origin} is configured")
        for slice_ in self.needs:
            state = inventory.state(slice_)
            if state is SliceState.ABSENT:
                return Verdict(CheckState.NOT_APPLICABLE, f"{slice_.name} is not served by this cluster")
            if state not in HAS_SOMETHING:
                return Verdict(CheckState.NOT_MEASURED, f"{slice_.name}: {state}")
        for slice_ in self.complete:
            if not inventory.is_complete(slice_):
                why = f"{slice_.name} was not read whole, and the check speaks of what is absent from it"
                return Verdict(CheckState.NOT_MEASURED, why)
        if not applies(inventory):
            return Verdict(CheckState.NOT_APPLICABLE, "nothing of its kind here")
        missing = [
            s.name for s in self.sharpened_by if not inventory.has(s) and inventory.state(s) != "absent"
        ]
        why = f"without {', '.join(missing)}" if missing else ""
        partial = [s.name for s in self.needs if inventory.state(s) is not SliceState.COMPLETE]
        if partial:
            return Verdict(
                CheckState.PARTIAL, "; ".join(filter(None, [f"{', '.join(partial)} read in part", why]))
            )
        return Verdict(CheckState.RAN, why)

    def _has_something(self, inventory: Inventory) -> bool:
        return any(
            inventory.state(slice_) is not SliceState.COMPLETE
            or any(reading.objects for reading in inventory.readings_of(slice_))
            for slice_ in self.about
        )

    def _applies(self, inventory: Inventory) -> bool:
        view = inventory.seen_by(self.code, self.slices)
        if all(
            inventory.state(slice_) is SliceState.COMPLETE and not view.all(slice_) for slice_ in self.about
        ):
            return False
        return self.applies is None or self.applies(view)

    def sightings(self, inventory: Inventory) -> list[Sighting]:
        """What it sees. Call only where :meth:`verdict` says ran or partial."""
        return list(self.look(inventory.seen_by(self.code, self.slices)))

    def hinted(self, inventory: Inventory) -> list[Sighting]:
        """What it points at where it is not measured, and the cluster's own slices would let it speak."""
        if self.hints is None:
            return []
        own = {s: [x for x in getattr(self, s) if x.origin == "kubernetes"] for s in ("needs", "complete")}
        of_cluster = msgspec.structs.replace(self, needs=tuple(own["needs"]), complete=tuple(own["complete"]))
        if of_cluster.verdict(inventory).state not in (CheckState.RAN, CheckState.PARTIAL):
            return []
        return list(self.hints(inventory.seen_by(self.code, self.slices)))


def scanner(
    code: str,
    title: str,
    severity: Severity,
    *,
    needs: Sequence[Slice],
    complete: Sequence[Slice] = (),
    sharpened_by: Sequence[Slice] = (),
    about: Sequence[Slice] = (),
    confidence: Confidence = Confidence.OBSERVED,
    applies: Callable[[Inventory], bool] | None = None,
    reads_status: bool = True,
    hints: Look | None = None,
) -> Callable[[Look], Scanner]:
    """Declare a check. ``complete`` slices are part of ``needs`` without being named twice."""

    def declare(look: Look) -> Scanner:
        module = sys.modules[look.__module__]
        return Scanner(
            code=code,
            title=title,
            severity=severity,
            confidence=confidence,
            concern=module.__name__.split(".")[1].replace("_", "-"),
            page=inspect.cleandoc(module.__doc__ or ""),
            needs=tuple(dict.fromkeys([*needs, *complete])),
            complete=tuple(complete),
            sharpened_by=tuple(sharpened_by),
            about=tuple(about or [*needs, *complete][:1]),
            thresholds=tuple(value for value in vars(module).values() if isinstance(value, Threshold)),
            look=look,
            applies=applies,
            reads_status=reads_status,
            hints=hints,
        )

    return declare


@cache
def catalogue() -> Mapping[str, Scanner]:
    """Every check there is, by code, in order of concern and code."""
    found = [check for concern in CONCERNS for module in _modules(concern) for check in _declared_in(module)]
    by_code = {check.code: check for check in sorted(found, key=lambda check: check.code)}
    if len(by_code) != len(found):
        raise RuntimeError("two checks carry the same code")
    return by_code


def _found(code: str) -> Scanner:
    return catalogue()[code]


def _modules(concern: str) -> Iterator[ModuleType]:
    package = importlib.import_module(f"{scanners.__name__}.{concern.replace('-', '_')}")
    for info in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{info.name}")


def _declared_in(module: ModuleType) -> Iterator[Scanner]:
    return (value for value in vars(module).values() if isinstance(value, Scanner))


@cache
def _source(look: Look) -> str:
    return inspect.getsource(sys.modules[look.__module__])
