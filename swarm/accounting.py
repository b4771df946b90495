"""
A ledger that cannot be drawn up must not cost anybody the findings.
"""

import logging

from reports.ledger import TargetLedger, target_ledger
from scanners.facts.inventory import Inventory
from scanners.semantics.gpu_ledger import gpu_ledger

log = logging.getLogger(__name__)


def ledger_of(inventory: Inventory, warnings: list[str]) -> TargetLedger | None:
    """The target's GPU-hours, None without accelerators; a bug in them is one more warning."""
    try:
        return target_ledger(inventory.target.id, gpu_ledger(inventory))
    except Exception as mistake:
        log.exception("the GPU-hour ledger of %s failed", inventory.target.name)
        warnings.append(f"the GPU-hour ledger failed ({type(mistake).__name__}); please report it")
        return None
