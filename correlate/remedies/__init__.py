"""
What to do about a root cause, from templates: look, mend, verify, way back. No step is ever run by deepscan.
"""

from correlate.remedies.mending import mend

__all__ = ["mend"]
