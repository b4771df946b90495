"""
Findings become problems: merged, tied by node and workload, explained by causal rules, ranked by what they
cost.

:func:`correlate` is the whole of it. Importing this package does not import networkx; calling it does.
"""

from correlate.engine import Correlation, correlate
from correlate.weights import Weights

__all__ = ["Correlation", "Weights", "correlate"]
