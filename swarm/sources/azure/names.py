"""
One resource has its group in capitals in a list, as it was typed when it is got, in lower case in Kubernetes.

Ids of ARM and the names in them: compared without case, and spelled for Kubernetes as Azure's drivers spell them.
"""

import re

_GROUP = re.compile(r"(/subscriptions/[^/]+/resourceGroups/)([^/]+)", re.IGNORECASE)


def group_of(arm_id: str) -> str:
    """The resource group that an id lies in, as it is spelled there; ``""`` for one outside of groups."""
    found = _GROUP.search(arm_id)
    return found[2] if found else ""


def with_lower_group(arm_id: str) -> str:
    """The id as Kubernetes knows it: the name of the resource group in lower case, all else as it came."""
    return _GROUP.sub(lambda found: found[1] + found[2].lower(), arm_id, count=1)


def location_of(told: str) -> str:
    """A location's name: ``East US`` and ``eastus`` are the same place."""
    return told.replace(" ", "").lower()
