"""
What a container said before it died, when somebody may read it.
"""

from typing import ClassVar

import msgspec

from scanners.facts.fact import Owner


class ContainerLog(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """
    The tail of one container's log, redacted and capped by the source. ``previous`` = of the run before this one;
    ``truncated`` = the cap cut its beginning.
    """

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "Pod"

    namespace: str
    name: str
    uid: str = ""
    container: str
    previous: bool = False
    lines: tuple[str, ...] = ()
    truncated: bool = False
    owners: tuple[Owner, ...] = ()
