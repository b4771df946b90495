"""
What a team counts as worse is a choice, so the numbers behind a rank are settings and not secrets.
"""

from collections.abc import Mapping

import msgspec


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """
    The weights of the score (correlation.md section 8).

    ``tiers`` gives namespaces a weight of 0.5 to 2. ``latent`` is the weight of a workload that is only at
    risk. ``half_life_hours``: after so long without a new sign a problem is half as urgent.
    """

    impact: float = 0.40
    severity: float = 0.25
    waste: float = 0.20
    urgency: float = 0.15
    tiers: Mapping[str, float] = {}
    latent: float = 0.02
    half_life_hours: float = 6.0
