"""
One AWS for the whole run; each test has it empty, without rules, and with nobody's credentials but the test's.
"""

import importlib.util
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from swarm.sources.aws.guard import ALLOWED
from tests.required import absent

if TYPE_CHECKING:
    from .front import AwsFront

SIGNED_AS = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "service-quotas": "servicequotas",
}
"""The names by which requests are signed, where they are not those of the SDK."""


@pytest.fixture(scope="session", name="front_of_the_run")
def _front_of_the_run() -> "Iterator[AwsFront]":
    missing = [name for name in ("aiobotocore", "moto") if importlib.util.find_spec(name) is None]
    if missing:
        absent(f"{' and '.join(missing)} not installed: nox -s clouds does it")
    from .front import AwsFront

    front = AwsFront().start()
    yield front
    front.stop()
    listed = {(SIGNED_AS.get(service, service), operation) for service, operation in ALLOWED}
    assert set(front.of_deepscan) <= listed
    print(
        f"\n{front.of_deepscan.total()} calls of {len(front.of_deepscan)} operations reached AWS, all reads"
    )


@pytest.fixture
def aws(front_of_the_run: "AwsFront", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "AwsFront":
    """The front, and an environment in which the SDK finds it and the keys ``testing``."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment(front_of_the_run, tmp_path).items():
        monkeypatch.setenv(name, value)
    request = urllib.request.Request(front_of_the_run.moto + "/moto-api/reset", method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
    front_of_the_run.forget()
    return front_of_the_run


def environment(front: "AwsFront", folder: Path) -> dict[str, str]:
    """What the SDK reads of its environment; the folder holds ``config`` and ``credentials``, if anything."""
    return {
        "AWS_ENDPOINT_URL": front.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
    }
