"""
A command with forty options would copy each of them by hand into what it asks for, and one day forget one.

What was typed, by the names of a command's parameters, becomes a request: settings go where settings are merged, the
rest says what to look at and where to write.
"""

from collections.abc import Mapping
from typing import Any

from swarm.cli.accounts import accounts_named
from swarm.cli.scan import Request
from swarm.settings import Settings

_NOT_AS_SETTINGS = frozenset({"context", "kubeconfig", "history", "gcp", "azure"})
"""Options that share their name with a setting and mean the one thing that was typed."""

_ALIKE = frozenset(Request.__dataclass_fields__) - {"flags", "formats"}


def request_of(typed: Mapping[str, Any]) -> Request:
    """The request that parameters of a command make; those that are none of a request are passed over."""
    flags = {
        key: value
        for key, value in typed.items()
        if key in Settings.model_fields and key not in _NOT_AS_SETTINGS
    }
    flags |= {"logs": False if typed.get("no_logs") else None, "llm": False if typed.get("no_llm") else None}
    contexts = typed.get("context") or ()
    return Request(
        contexts=(contexts,) if isinstance(contexts, str) else tuple(contexts),
        recordings=tuple(typed.get("recording") or ()),
        accounts=accounts_named(typed.get("aws"), typed.get("gcp"), typed.get("azure")),
        formats=tuple(typed.get("formats") or ()),
        flags=flags,
        **{key: value for key, value in typed.items() if key in _ALIKE},
    )
