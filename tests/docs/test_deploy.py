"""
Manifests that are kept in a repository grow stale; these are held against the command that they deploy.
"""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import yaml

from swarm.cli.targets import demo_path
from swarm.settings import Settings, load
from tests.swarm.cli.command import deepscan

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
HOME = "/var/lib/deepscan"


def manifest(kind: str) -> dict[str, Any]:
    found = [item for path in FOLDER.glob("*.yaml") for item in yaml.safe_load_all(path.read_text())]
    (wanted,) = [item for item in found if item["kind"] == kind]
    return dict(wanted)


def pod() -> dict[str, Any]:
    return dict(manifest("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"])


def test_the_kept_role_is_the_printed_one() -> None:
    """If not: deepscan permissions --kubernetes > deploy/kubernetes/20-clusterrole.yaml"""
    assert (FOLDER / "20-clusterrole.yaml").read_text() == deepscan("permissions", "--kubernetes").out


def test_what_is_needed_first_is_applied_first() -> None:
    """kubectl applies a folder in the order of its file names."""
    kinds = [yaml.safe_load(path.read_text())["kind"] for path in sorted(FOLDER.glob("*.yaml"))]
    assert kinds[0] == "Namespace"
    assert kinds[-1] == "CronJob"
    assert set(kinds) == {
        "Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "PersistentVolumeClaim", "CronJob",
    }  # fmt: skip


def test_the_pod_has_no_privilege_and_room_where_it_writes() -> None:
    spec = pod()
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    memory = [container["resources"][which]["memory"] for which in ("requests", "limits")]
    assert memory == ["512Mi", "512Mi"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert (
        volumes[mounts[HOME]]["persistentVolumeClaim"]["claimName"]
        == (manifest("PersistentVolumeClaim")["metadata"]["name"])
    )
    assert "emptyDir" in volumes[mounts["/tmp"]]
    schedule = manifest("CronJob")["spec"]
    assert (schedule["concurrencyPolicy"], schedule["timeZone"]) == ("Forbid", "Etc/UTC")


def test_its_arguments_and_settings_are_the_commands_own(tmp_path: Path) -> None:
    (container,) = pod()["containers"]
    arguments = [argument.replace(HOME, str(tmp_path)) for argument in container["args"]]
    at = arguments.index("--in-cluster")
    arguments[at : at + 1] = ["--from", str(demo_path())]
    variables = {row["name"]: row["value"] for row in container["env"]}
    ended = deepscan(*arguments, **variables | {"HOME": str(tmp_path)})
    assert ended.status == 0, ended.err
    assert {path.name for path in tmp_path.iterdir()} == {"latest.json", "deepscan.prom"}
    told = {key: value for key, value in variables.items() if key.startswith("DEEPSCAN_")}
    assert load(environment=told, directory=tmp_path).settings.deadline > Settings().deadline
    bounded = manifest("CronJob")["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]
    assert load(environment=told, directory=tmp_path).settings.deadline < bounded


def test_the_image_holds_every_package_and_no_root() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    copied = {word for line in lines if line.startswith("COPY ") for word in shlex.split(line)[1:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {
        *wheel["packages"],
        *wheel["force-include"],
        "pyproject.toml",
        project["project"]["readme"],
    } <= copied
    assert all((ROOT / name).exists() for name in copied if not name.startswith(("--", "/")))
    identity = pod()["securityContext"]
    user = lines.index(f"USER {identity['runAsUser']}:{identity['runAsGroup']}")
    assert user > max(at for at, line in enumerate(lines) if line.startswith("FROM "))


def test_the_folder_explains_itself_in_three_commands() -> None:
    page = (FOLDER / "README.md").read_text()
    (block,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    commands = block.splitlines()
    assert len(commands) == 3
    assert "create job --from=cronjob/" + manifest("CronJob")["metadata"]["name"] in commands[2]
    assert pod()["containers"][0]["image"] in commands[0]
    for path in re.findall(r"`(\d\d-[\w.-]+)`", page):
        assert (FOLDER / path).exists(), path
