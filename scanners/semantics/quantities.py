"""
``100m``, ``1e3``, ``1.5Gi`` and ``1000k`` are all amounts, and none of them may pass through a float.

Source: k8s.io/apimachinery/pkg/api/resource.
"""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}

LARGEST = 30
"""Powers of ten: past them a text such as ``1e999999`` is no amount of anything, and would cost memory to spell."""

ZERO = Decimal(0)


@lru_cache(maxsize=16384)
def quantity(text: str) -> Decimal | None:
    """The exact amount of a quantity; None where it is empty or none at all."""
    number, unit = text.strip(), ""
    if number[-2:] in _BINARY:
        number, unit = number[:-2], number[-2:]
    elif number[-1:] in _DECIMAL:
        number, unit = number[:-1], number[-1:]
    try:
        amount = Decimal(number)
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount.adjusted()) > LARGEST:
        return None
    return amount * 1024 ** _BINARY[unit] if unit in _BINARY else amount.scaleb(_DECIMAL[unit])


def amounts(quantities: dict[str, str]) -> dict[str, Decimal]:
    """The amounts of a resource list, leaving out what cannot be read."""
    read = {resource: quantity(text) for resource, text in quantities.items()}
    return {resource: amount for resource, amount in read.items() if amount is not None}


def spoken(amount: Decimal | None, resource: str = "") -> str:
    """An amount for people: memory and storage in Ki to Pi, the rest as a plain number; a dash where unknown."""
    if amount is None:
        return "–"
    if resource.split(".")[-1] in ("memory", "storage", "ephemeral-storage") and abs(amount) >= 1024:
        for unit in reversed(_BINARY):
            size = Decimal(1024 ** _BINARY[unit])
            if abs(amount) >= size:
                return f"{_plain(round(amount / size, 1))} {unit}B"
    return _plain(amount)


def number(amount: Decimal | None) -> int | float | None:
    """An amount as JSON carries it: an int where it is whole."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
