"""
One control plane for the whole run; each test takes namespaces of its own on it.

Without the programs and without Go to build them the tests are skipped with the reason; where `CI` or
`DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import uuid
from collections.abc import Iterator

import pytest

from tests.required import absent

from .base import lay_base
from .build import Programs, ToolsUnavailable, programs
from .controlplane import ControlPlane
from .fault import Stage


@pytest.fixture(scope="session")
def control_plane_programs() -> Programs:
    """The servers' programs, built on first use."""
    try:
        return programs()
    except ToolsUnavailable as missing:
        absent(f"no real control plane: {missing}")


@pytest.fixture(scope="session")
def control_plane(control_plane_programs: Programs) -> Iterator[ControlPlane]:
    """A running control plane with a general pool, DNS and storage classes."""
    with ControlPlane(control_plane_programs) as plane:
        lay_base(plane.client)
        yield plane


@pytest.fixture
def empty_control_plane(control_plane_programs: Programs) -> Iterator[ControlPlane]:
    """A control plane of the test's own, for what is about whole clusters: 4 s and half a gigabyte."""
    with ControlPlane(control_plane_programs) as plane:
        yield plane


@pytest.fixture
def stage(control_plane: ControlPlane) -> Stage:
    """A new namespace, ready for pods."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    control_plane.create_namespace(name)
    return Stage(control_plane, name)
