"""
A container may be allowed one core and 512 MB on a machine that has ninety-six and a terabyte.

What this process may use, by its affinity and by its control group where there is one.
"""

import os
from pathlib import Path

CONTROL_GROUP = Path("/sys/fs/cgroup")
"""Where Linux shows a container the limits of its own (cgroup v2)."""


def cores(group: Path = CONTROL_GROUP) -> int:
    """Whole cores that this process may use, at least one."""
    affinity = getattr(os, "sched_getaffinity", None)
    usable = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota, _, period = _told(group / "cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit() and int(period):
        usable = min(usable, int(quota) // int(period))
    return max(1, usable)


def memory(group: Path = CONTROL_GROUP) -> int | None:
    """Bytes that this process and its children may use; None where the system does not tell."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return None
    limit = _told(group / "memory.max")
    return min(machine, int(limit)) if limit.isdigit() else machine


def _told(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
