"""
A disk, an address, a machine that nobody uses: one line of somebody's bill each, and the line must be checkable.
"""

from typing import NamedTuple

from scanners.finding import JsonValue


class Bill(NamedTuple):
    """What one thing costs a month, and how that is reckoned; None in all of it where the price is unknown."""

    usd_per_month: float | None = None
    formula: str | None = None
    basis: str | None = None
    as_of: str | None = None
    saving: str | None = None

    @property
    def facts(self) -> dict[str, JsonValue]:
        """The facts that a finding with dollars carries."""
        return {
            "usd_per_month": self.usd_per_month,
            "usd_formula": self.formula,
            "price_basis": self.basis,
            "price_as_of": self.as_of,
            "saving": self.saving,
        }

    @property
    def unpriced(self) -> str:
        """What a sentence ends with where the price is unknown."""
        return "; price unknown" * (self.usd_per_month is None)
