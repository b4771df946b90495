"""
``--aws`` alone means the account that one is logged in to; a profile may follow it. The parser knows no such option.

A bare ``--aws`` is given an empty profile before the options are parsed.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

if TYPE_CHECKING:
    from scanners.facts.cloud import Provider

BARE = ("--aws",)
"""Options whose value may be left out."""


class WithOptionalValues(TyperCommand):
    """A command that reads ``--aws --quiet`` as ``--aws '' --quiet``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Fill in the values that were left out, then parse."""
        return super().parse_args(ctx, list(_filled(args)))


def _filled(args: Sequence[str]) -> Iterable[str]:
    for place, word in enumerate(args):
        yield word
        follower = args[place + 1] if place + 1 < len(args) else "-"
        if word in BARE and follower.startswith("-"):
            yield ""


def accounts_named(
    aws: Sequence[str] | None, gcp: Sequence[str] | None, azure: Sequence[str] | None
) -> "tuple[tuple[Provider, str], ...]":
    """The accounts that the options name, by provider; an empty AWS profile is the SDK's own choice."""
    return (
        *(("aws", profile) for profile in aws or ()),
        *(("gcp", project) for project in gcp or ()),
        *(("azure", subscription) for subscription in azure or ()),
    )
