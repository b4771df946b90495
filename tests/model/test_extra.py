"""
The extra ``llm`` may be absent, or be one of the two releases that stole keys; a report comes all the same.
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.model.runs import DEMO
from tests.swarm.cli.command import Ended, environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """All that is installed here, without litellm."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for path in Path(name).iterdir():
            if not path.name.lower().startswith("litellm") and path.suffix != ".pth":
                (folder / path.name).symlink_to(path)
    return folder


def deepscan(packages: Path, *arguments: str) -> Ended:
    """The command with these packages alone."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "swarm", *arguments], capture_output=True, text=True, timeout=120, check=False,
        cwd=ROOT, env=environment(PYTHONPATH=str(packages), ANTHROPIC_API_KEY="nobody's"),
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr)


def test_without_the_extra_the_report_says_how_to_install_it(packages: Path) -> None:
    ended = deepscan(packages, *DEMO, "--model", "anthropic/claude-sonnet-4-5")
    assert ended.status == 0, ended.err
    first = ended.report["warnings"][0]
    assert first.startswith(
        "model anthropic/claude-sonnet-4-5: this model needs litellm, which is not installed"
    )
    assert "pip install 'deepscan-swarm[llm]'" in first
    assert ended.report["scan"]["model"]["calls"] == 0
    assert {problem["told_by"] for problem in ended.report["problems"]} == {"template"}


@pytest.mark.parametrize("version", ["1.82.7", "1.82.8"])
def test_a_poisoned_release_is_not_started(version: str, packages: Path) -> None:
    metadata = packages / f"litellm-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: litellm\nVersion: {version}\n")
    module, proof = packages / "litellm", packages / "it-ran"
    module.mkdir()
    (module / "__init__.py").write_text(f"open({str(proof)!r}, 'w').close()\n")
    ended = deepscan(packages, *DEMO, "--model", "anthropic/claude-sonnet-4-5")
    assert ended.status == 0, ended.err
    assert f"litellm {version} is a poisoned release and is not started" in ended.report["warnings"][0]
    assert not proof.exists()


def test_the_doctor_says_so_by_day(packages: Path) -> None:
    ended = deepscan(packages, "doctor", "--demo", "--model", "anthropic/claude-sonnet-4-5")
    assert ended.status == 0, ended.err
    assert "model failed: this model needs litellm" in ended.out
    assert "help: pip install 'deepscan-swarm[llm]'" in ended.out
