"""Every template there is, by the kind of cause that it mends."""

from collections.abc import Mapping

from correlate.remedies import (
    cloud,
    control_plane,
    gpu,
    gpu_use,
    images,
    jobs,
    memory,
    network,
    nodes,
    placement,
    quota,
    storage,
    unexplained,
    workloads,
)
from correlate.remedies.template import Template
from scanners.kinds import Kind

_FAMILIES = (
    cloud, control_plane, gpu, gpu_use, images, jobs, memory, network, nodes, placement, quota, storage, unexplained,
    workloads,
)  # fmt: skip


def _by_kind() -> dict[Kind, tuple[Template, ...]]:
    found: dict[Kind, list[Template]] = {}
    for family in _FAMILIES:
        for template in family.TEMPLATES:
            found.setdefault(template.kind, []).append(template)
    return {kind: tuple(sorted(found[kind], key=lambda template: template.name)) for kind in sorted(found)}


TEMPLATES: Mapping[Kind, tuple[Template, ...]] = _by_kind()
