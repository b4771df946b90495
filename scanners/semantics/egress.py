"""
Redaction at the sources can miss; what goes to a model cannot be taken back, so the last text is read once more.

:func:`secrets_in` names what looks like a secret in a text that is about to leave; the caller does not send it.
"""

import re

from scanners.semantics.split_secrets import kinds_in

_SPELLED = ((re.compile(r"\\+u2039"), "‹"), (re.compile(r"\\+u203a"), "›"))
"""How JSON spells the signs around a placeholder where it is written in ASCII alone, also JSON within JSON."""


def secrets_in(text: str) -> list[str]:
    """
    The kinds of secret that a text seems to hold, sorted; empty = none found. Placeholders are no secrets, in JSON
    that spells their signs neither.
    """
    for spelled, sign in _SPELLED:
        text = spelled.sub(sign, text)
    return sorted(set(kinds_in(text)))
