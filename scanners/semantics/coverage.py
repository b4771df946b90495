"""
"No newer run succeeded" is only true if every run was seen.

A namespace that was read whole can be spoken of even where the cluster was not: work and its owner share a
namespace.
"""

from scanners.facts.gaps import SliceState
from scanners.facts.inventory import Inventory
from scanners.facts.slices import Slice


def whole_in(inventory: Inventory, slice_: Slice, namespace: str) -> bool:
    """
    Whether all of a slice's objects in one namespace were read: by a reading of the cluster, or of that
    namespace.
    """
    scopes = ("cluster", f"namespace/{namespace}")
    spoken = [reading for reading in inventory.readings_of(slice_) if reading.scope in scopes]
    return bool(spoken) and all(reading.state is SliceState.COMPLETE for reading in spoken)
