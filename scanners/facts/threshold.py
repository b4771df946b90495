"""
"Too many" and "too long" are numbers, and a team that disagrees with ours must be able to change them.
"""

import msgspec


class Threshold(msgspec.Struct, frozen=True):
    """A number that a check compares with: its default, its unit; settable under ``[checks.CODE]``."""

    name: str
    default: float
    unit: str = ""
