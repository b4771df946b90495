"""
Every age and every threshold counts from somewhere: which target was looked at, and how long is long.
"""

from typing import Literal

import msgspec


class Target(msgspec.Struct, frozen=True):
    """
    What one scan points at. ``id`` is the uid of the kube-system namespace, else the name of the context, the file or
    the account; ``provider`` one of the contract's words. ``manifests``: no object has a status, so nothing ever ran
    from it.
    """

    id: str
    name: str
    provider: Literal["kubernetes", "recorded", "aws", "gcp", "azure"]
    cluster_uid: str = ""
    version: str = ""
    manifests: bool = False


class Ages(msgspec.Struct, frozen=True):
    """
    How long a state must last before a check speaks of it, in seconds (checks.md S6): ``fatal`` a cause that never
    heals, ``wait`` any other wait, ``controller`` a controller at work, ``waste`` money.
    """

    fatal: float = 120
    wait: float = 300
    controller: float = 900
    waste: float = 1800
