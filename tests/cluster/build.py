"""
Tests need the real API server, and neither a container engine nor an account can be counted on.

So the programs are built from their own Go modules, once, into the user's cache folder, and found there
from then on. `python -m tests.cluster.build` does it ahead of a test run (continuous integration does so).
Folders named by `KUBEBUILDER_ASSETS` are looked at first.
"""

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = Path(__file__).parent / "tools"
KWOK_STAGES = (
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
)


class ToolsUnavailable(Exception):
    """The programs are not there and cannot be built here; the text says what is missing."""


@dataclass(frozen=True)
class Tool:
    """One Go module of `tools/`: the module it pins and the programs that are built from it."""

    name: str
    module: str
    programs: Mapping[str, str]
    link_flags: tuple[str, ...] = field(default=())

    @property
    def folder(self) -> Path:
        return TOOLS / self.name

    @property
    def version(self) -> str:
        """The version that the tool's go.mod pins, such as `v1.35.4`."""
        text = (self.folder / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^\s*(?:require )?{re.escape(self.module)} (v\S+)", text, re.MULTILINE)
        if found is None:
            raise ToolsUnavailable(f"{self.folder / 'go.mod'} does not require {self.module}")
        return found.group(1)


KUBERNETES = Tool(
    name="kubernetes",
    module="k8s.io/kubernetes",
    programs={
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    },
    link_flags=("-X", "k8s.io/component-base/version.gitVersion={version}"),
)
ETCD = Tool("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"})
KWOK = Tool("kwok", "sigs.k8s.io/kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"})
ALL_TOOLS = (ETCD, KWOK, KUBERNETES)


@dataclass(frozen=True)
class Programs:
    """Where the programs of the control plane lie, by name, and kwok's default stages."""

    paths: Mapping[str, Path]
    stages: tuple[Path, ...]

    def __getitem__(self, name: str) -> Path:
        return self.paths[name]


def cache_folder() -> Path:
    """Where built programs are kept; a folder for each tool and version below it."""
    if override := os.environ.get("DEEPSCAN_TEST_CACHE"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "deepscan-test"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepscan-test"


def programs() -> Programs:
    """Every program, built first where it is missing; raises ToolsUnavailable when that cannot be done."""
    assets = _assets()
    paths: dict[str, Path] = {}
    for tool in ALL_TOOLS:
        given = {name: assets / name for name in tool.programs if assets and (assets / name).is_file()}
        # kwok's stages lie in its module, so a kwok without its folder in the cache is of no use
        if tool is KWOK or len(given) < len(tool.programs):
            given = {**_built(tool), **({} if tool is KWOK else given)}
        paths.update(given)
    stage_folder = paths["kwok"].parent / "stages"
    return Programs(paths, tuple(stage_folder / Path(stage).name for stage in KWOK_STAGES))


def _assets() -> Path | None:
    value = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(value) if value else None


def _built(tool: Tool) -> dict[str, Path]:
    target = cache_folder() / f"{tool.name}-{tool.version}-{platform.machine()}"
    wanted = {name: target / name for name in tool.programs}
    complete = target / "complete"
    if complete.exists():
        return wanted
    target.mkdir(parents=True, exist_ok=True)
    with _locked(target / "lock"):
        if not complete.exists():
            _build(tool, target)
            complete.touch()
    return wanted


def _build(tool: Tool, target: Path) -> None:
    if shutil.which("go") is None:
        raise ToolsUnavailable(
            f"{', '.join(tool.programs)} not found: install Go (https://go.dev/dl) so that they can be built,"
            " or name a folder that has them in KUBEBUILDER_ASSETS"
        )
    _say(f"building {', '.join(tool.programs)} {tool.version} into {target} (once, takes minutes)")
    started = time.monotonic()
    extra = " ".join(flag.format(version=tool.version) for flag in tool.link_flags)
    for name, package in tool.programs.items():
        unfinished = target / f"{name}.unfinished"
        _go(tool, "build", "-trimpath", "-ldflags", f"-s -w {extra}".strip(), "-o", str(unfinished), package)
        unfinished.rename(target / name)
    if tool is KWOK:
        _copy_stages(target)
    _say(f"built {', '.join(tool.programs)} in {time.monotonic() - started:.0f} s")


def _copy_stages(target: Path) -> None:
    module = Path(_go(KWOK, "list", "-m", "-f", "{{.Dir}}", KWOK.module).strip())
    folder = target / "stages"
    folder.mkdir(exist_ok=True)
    for stage in KWOK_STAGES:
        text = (module / "kustomize" / "stage" / stage).read_text(encoding="utf-8")
        (folder / Path(stage).name).write_text(text, encoding="utf-8")


def _go(tool: Tool, *arguments: str) -> str:
    done = subprocess.run(["go", *arguments], cwd=tool.folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stderr.splitlines()[-15:])
        raise ToolsUnavailable(f"go {arguments[0]} of {tool.name} {tool.version} failed:\n{tail}")
    return done.stdout


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two test runs that start together must not build twice: the second waits for the first."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"waiting for another build ({path})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    """To the terminal itself: pytest would keep the message until long after it mattered."""
    print(f"tests.cluster: {text}", file=sys.__stderr__, flush=True)


def main() -> int:
    try:
        found = programs()
    except ToolsUnavailable as missing:
        print(f"error: {missing}", file=sys.stderr)
        return 1
    for name, path in sorted(found.paths.items()):
        print(f"{name}\t{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
