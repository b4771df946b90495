"""Causal rules: data, one module per family of faults. :data:`RULES` is all of them, by id."""

from correlate.rules import control_plane, images, nodes, placement, quota, storage, workloads
from correlate.rules.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            rule
            for family in (control_plane, images, nodes, placement, quota, storage, workloads)
            for rule in family.RULES
        ),
        key=lambda rule: rule.id,
    )
)
