"""
What the user points at, turned into targets, with the nearest name where it does not exist.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import swarm
from scanners.facts.cloud import Provider
from scanners.facts.slices import Slice
from swarm.errors import ConfigurationError
from swarm.measured import AUTO, NONE, named_endpoint
from swarm.settings import Settings
from swarm.sources.cloud import AccountPlace
from swarm.sources.prometheus.endpoint import address_of
from swarm.sources.source import Source
from swarm.spec import TargetSpec, kubeconfig_at

if TYPE_CHECKING:
    from swarm.cli.fleet_file import FleetTarget
    from swarm.cli.scan import Request

ALL = "all"
"""The context that means every one."""


def targets(request: "Request", settings: Settings) -> list[TargetSpec]:
    """
    The targets that were asked for: recordings, the demo, a fleet's, accounts, contexts; else the current context.
    Each has a name of its own.

    ConfigurationError where there is none at all, a path or a context does not exist, or an entry impersonates.
    """
    named = _named_by_flag(request)
    found = [_recorded(path, settings, named=named) for path in request.recordings]
    if request.demo:
        found.append(_recorded(demo_path(), settings, name="demo", named=named))
    if request.fleet is not None:
        found += _fleet(request.fleet, settings)
    found += [_account(provider, name, settings) for provider, name in request.accounts]
    contexts = request.contexts or (() if found else tuple(settings.context))
    if contexts or request.in_cluster or not found:
        found += _clusters(request, settings, contexts)
    live = [spec for spec in found if spec.recording is None and not spec.prometheus]
    if live:
        named_endpoint(settings, len(live) + sum(spec.account is not None for spec in live))
    return [replace(spec, alone=len(found) == 1 and request.fleet is None) for spec in _told_apart(found)]


def demo_path() -> Path:
    """Where the demo cluster lies: in the wheel beside the package, in a checkout under ``fixtures``."""
    package = Path(swarm.__file__).parent
    carried = package / "demo"
    return carried if carried.is_dir() else package.parent / "fixtures" / "demo"


def cluster_source(
    request: "Request",
    settings: Settings,
    tap: Callable[[Slice, bytes], None],
    measured: Callable[[str, bytes], None],
) -> Source:
    """
    The one cluster that a capture reads; ``tap`` is shown the objects that are read, ``measured`` the answers of its
    Prometheus. ConfigurationError as :func:`targets`.
    """
    return _clusters(request, settings, request.contexts)[0].open_source(tap, measured)


def _named_by_flag(request: "Request") -> str:
    """The URL that was typed, if one was: settings that name one for live clusters are no mistake."""
    typed = str(request.flags.get("prometheus") or AUTO)
    return "" if typed in (AUTO, NONE) else address_of(typed)


def night_before() -> Path:
    """The report of the demo cluster's night before, beside the demo."""
    return demo_path().with_name("demo_night_before.json")


def _recorded(
    path: Path, settings: Settings, name: str = "", option: str = "--from", named: str = ""
) -> TargetSpec:
    if not path.exists():
        raise ConfigurationError(
            "there is nothing to read", where=str(path), mend=f"check the path given to {option}"
        )
    if not (path.is_file() or path.is_dir()):
        raise ConfigurationError(
            "it is neither a file nor a folder", where=str(path), mend="save the recording to a file first"
        )
    called = name or os.fsencode(path.name or path.resolve().name).decode(errors="replace")
    return TargetSpec(name=called, provider="recorded", settings=settings, recording=path, prometheus=named)


def _clusters(request: "Request", settings: Settings, contexts: Sequence[str]) -> list[TargetSpec]:
    if request.in_cluster:
        spec = TargetSpec(name="in-cluster", provider="kubernetes", settings=settings)
        return [replace(spec, name=spec.connection().name)]
    path = request.kubeconfig or (Path(settings.kubeconfig).expanduser() if settings.kubeconfig else None)
    kubeconfig = kubeconfig_at(path)
    if ALL not in contexts:
        return [_context(name, path, settings) for name in contexts or (kubeconfig.current_context,)]
    if not kubeconfig.context_names:
        raise ConfigurationError(
            "the kubeconfig has no contexts", where=kubeconfig.where, mend="name another with --kubeconfig"
        )
    return [_context(name, path, settings, known=True) for name in kubeconfig.context_names]


def _context(name: str, path: Path | None, settings: Settings, *, known: bool = False) -> TargetSpec:
    """Of ``known`` contexts, taken from the file and not typed, one that cannot be used is a gap and no mistake."""
    spec = TargetSpec(name=name, provider="kubernetes", settings=settings, kubeconfig=path, context=name)
    if not known:
        spec.connection()
    return spec


def _account(provider: Provider, name: str, settings: Settings) -> TargetSpec:
    """An account; how many clusters are in it is not known yet."""
    place = AccountPlace(provider, name, settings.endpoints)
    called = f"{provider} {name}" if name else provider
    return TargetSpec(name=called, provider=provider, settings=settings, account=place)


def _fleet(path: Path, settings: Settings) -> list[TargetSpec]:
    from swarm.cli.fleet_file import read_fleet

    members = [_member(target, path.parent, settings) for target in read_fleet(path)]
    first: dict[tuple[str, ...], str] = {}
    for spec in members:
        known = first.setdefault(_place(spec), spec.name)
        if known != spec.name:
            what = f"{known} and {spec.name} are the same target"
            raise ConfigurationError(what, where=str(path), mend="leave one of them out")
    return members


def _member(target: "FleetTarget", folder: Path, settings: Settings) -> TargetSpec:
    own = settings.model_copy(update={"namespace": target.namespace}) if target.namespace else settings
    if target.recording:
        spec = _recorded(folder / Path(target.recording).expanduser(), own, target.name, "from")
    else:
        file = Path(settings.kubeconfig).expanduser() if settings.kubeconfig else None
        file = folder / Path(target.kubeconfig).expanduser() if target.kubeconfig else file
        spec = replace(_context(target.context, file, own), name=target.name)
    return replace(spec, prometheus=target.prometheus)


def _told_apart(specs: Iterable[TargetSpec]) -> list[TargetSpec]:
    """
    Each target once, whatever was typed twice; recordings of one file name get their folder's before it, and what is
    still alike a number.
    """
    unique = list({_place(spec): spec for spec in reversed(list(specs))}.values())[::-1]
    times = Counter(spec.name for spec in unique)
    longer = [
        replace(spec, name=f"{spec.recording.resolve().parent.name}/{spec.name}")
        if times[spec.name] > 1 and spec.recording is not None
        else spec
        for spec in unique
    ]
    seen: Counter[str] = Counter()
    named = []
    for spec in longer:
        seen[spec.name] += 1
        named.append(spec if seen[spec.name] == 1 else replace(spec, name=f"{spec.name} ({seen[spec.name]})"))
    return named


def _place(spec: TargetSpec) -> tuple[str, ...]:
    recording = str(spec.recording.resolve()) if spec.recording else ""
    if spec.account is not None:
        return spec.account.provider, spec.account.name
    return recording, str(spec.kubeconfig or ""), spec.context, *sorted(spec.settings.namespace)
