"""Programs are built once, found again, and their absence is told in words that help."""

import platform
from pathlib import Path

import pytest

from . import build
from .build import ALL_TOOLS, ETCD, KUBERNETES, KWOK, KWOK_STAGES, ToolsUnavailable, programs


def fill_cache(folder: Path) -> None:
    for tool in ALL_TOOLS:
        target = folder / f"{tool.name}-{tool.version}-{platform.machine()}"
        target.mkdir(parents=True)
        for name in ("complete", *tool.programs):
            (target / name).touch()


def test_versions_are_those_of_the_modules() -> None:
    assert KUBERNETES.version.startswith("v1.")
    assert ETCD.version.startswith("v3.")
    assert KWOK.version.startswith("v0.")


def test_built_programs_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_cache(tmp_path)
    monkeypatch.setenv("DEEPSCAN_TEST_CACHE", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", "")
    found = programs()
    assert set(found.paths) == {name for tool in ALL_TOOLS for name in tool.programs}
    assert len(found.stages) == len(KWOK_STAGES)


def test_given_assets_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_cache(tmp_path / "cache")
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("etcd", "kube-apiserver"):
        (assets / name).touch()
    monkeypatch.setenv("DEEPSCAN_TEST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    found = programs()
    assert found["etcd"].parent == found["kube-apiserver"].parent == assets
    assert found["kube-scheduler"].is_relative_to(tmp_path / "cache")


def test_without_go_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPSCAN_TEST_CACHE", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolsUnavailable, match="install Go"):
        programs()
    assert build.main() == 1
