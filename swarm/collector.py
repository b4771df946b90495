"""
Python looks through all that lives, again and again, for rings of objects that nothing else holds; facts form none.

A scan makes a million objects and keeps most of them to its end, so the search is made rarer, and never among what was
imported: it costs a thirtieth of the reading otherwise. Nor at the end, which frees everything as it is.
"""

import atexit
import gc

NEW_OBJECTS = 200_000
"""
Containers that are made before the youngest are looked through (Python's own figure: 700): more than reading 150,000
pods makes, few enough to let go of what one target's connections leave before those of the next.
"""


def search_rarely() -> None:
    """For a process that is about to scan. What is alive now, and at its end, is left out of every later search."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
    atexit.register(gc.freeze)
