"""
A finding names its cluster by whatever identity was known when it was read; a row of the report names its target.

Both are brought together here, so that every face counts the same findings for the same target.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.report import Report


@dataclass(frozen=True, slots=True)
class Places:
    """The targets of a report by every identity that its findings may name them by."""

    ids: Mapping[str, str]
    names: Mapping[str, str]

    def id(self, place: str) -> str:
        """The id of a target, else the word itself."""
        return self.ids.get(place, place)

    def name(self, place: str) -> str:
        """The name of a target, else the word itself."""
        return self.names.get(self.id(place), place)


def places_of(report: Report) -> Places:
    """The targets of this report."""
    targets = report.scan.targets
    ids = {place: row.id for row in targets for place in (row.cluster_uid, row.name, row.id) if place}
    return Places(ids, {row.id: row.name for row in targets})
