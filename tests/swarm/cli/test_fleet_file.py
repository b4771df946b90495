"""
``--fleet FILE``: forty clusters written down once, and mistakes in the list that are told.
"""

import re
from pathlib import Path

import pytest

from swarm.cli.fleet_file import read_fleet
from swarm.cli.scan import Request
from swarm.cli.targets import demo_path, targets
from swarm.errors import ConfigurationError
from swarm.settings import Settings
from tests.swarm.cli.command import deepscan
from tests.swarm.fleets import kubeconfig

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "fleet.md"


def fleet(folder: Path, text: str) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text)
    return path


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)[0]
    found = read_fleet(fleet(tmp_path, example))
    assert [target.name for target in found] == ["prod-eu", "prod-us", "staging"]
    assert found[1].namespace == ["ml", "serving"] and found[0].prometheus.startswith("https://")
    assert found[2].recording


def test_a_fleet_is_scanned_under_the_names_it_gives(tmp_path: Path) -> None:
    path = fleet(tmp_path, f'[[target]]\nname = "showcase"\nfrom = "{demo_path()}"\nnamespace = "serving"\n')
    ended = deepscan("run", "--fleet", path, "--format", "json=-")
    assert ended.status == 0, ended.err
    assert [target["name"] for target in ended.report["scan"]["targets"]] == ["showcase"]
    namespaces = {finding["subject"]["namespace"] for finding in ended.report["findings"]} - {""}
    assert namespaces == {"serving"}


def test_paths_count_from_the_fleet_file_and_settings_stay_with_their_target(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "k", east="https://127.0.0.1:1")
    text = (
        '[[target]]\nname = "a"\ncontext = "east"\nkubeconfig = "k"\nprometheus = "https://p.example"\n'
        f'[[target]]\nname = "b"\nfrom = "{demo_path()}"\nnamespace = ["ml"]\n'
    )
    a, b = targets(Request(fleet=fleet(tmp_path, text)), Settings(namespace=["all-of-it"]))
    assert (a.name, a.context, a.kubeconfig, a.prometheus) == (
        "a",
        "east",
        tmp_path / "k",
        "https://p.example",
    )
    assert a.settings.namespace == ["all-of-it"] and b.settings.namespace == ["ml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[target]]\nname = "a"\ncontxt = "x"', "did you mean context?"),
        ('[[targets]]\nname = "a"', "did you mean target?"),
        ('[[target]]\nname = "a"\nfrom = "."\n[[target]]\nname = "a"\nfrom = "x"', "two targets are named a"),
        ('[[target]]\nname = "a"', "neither context nor from"),
        ('[[target]]\nname = "a"\ncontext = "x"\nfrom = "y"', "both context and from"),
        ('[[target]]\nname = "a"\nfrom = "y"\nkubeconfig = "k"', "a kubeconfig and no context"),
        (
            '[[target]]\nname = "a"\nfrom = "."\n[[target]]\nname = "b"\nfrom = "."',
            "a and b are the same target",
        ),
        ('[[target]]\nname = "a"\nfrom = "nowhere"', "nothing to read"),
        ('[[target]]\nname = "a"\ncontext = 3', "context:"),
        ('[[target]]\ncontext = "x"', "name:"),
        ("target = 3", "lists no targets"),
        ("", "lists no targets"),
        ("[[target", "cannot be read"),
        ('[[target]]\nname = "a"\ncontext = "eats"\nkubeconfig = "k"', "did you mean east?"),
    ],
)
def test_a_mistake_in_a_fleet_is_told_and_nothing_is_scanned(text: str, said: str, tmp_path: Path) -> None:
    kubeconfig(tmp_path / "k", east="https://127.0.0.1:1")
    path = fleet(tmp_path, text)
    with pytest.raises(ConfigurationError) as error:
        targets(Request(fleet=path), Settings())
    assert said in f"{error.value} {error.value.mend}" and error.value.mend
    assert str(tmp_path) in error.value.where


def test_a_fleet_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    ended = deepscan("run", "--fleet", tmp_path / "none.toml")
    assert ended.status == 2 and "there is no such fleet file" in ended.err


def test_recordings_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder / "bundle").mkdir(parents=True)
    recordings = tuple(tmp_path / folder / "bundle" for folder in ("monday", "tuesday", "monday"))
    found = targets(Request(recordings=recordings), Settings())
    assert sorted(spec.name for spec in found) == ["monday/bundle", "tuesday/bundle"]
