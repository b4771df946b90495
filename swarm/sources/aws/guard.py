"""
The SDK can do everything that its identity may, and identities are often stronger than their owners know.

So every client of a session has this below it: a call whose service and operation are not on the list is refused before
it is built. Names alone would not do: GetSecretValue and GetPasswordData are reads too.
"""

from typing import Any

from swarm.errors import ReadOnlyViolation
from swarm.sources.aws.calls import CALLS, LOGIN

EVENT = "before-call"

ALLOWED: frozenset[tuple[str, str]] = frozenset(
    (call.service, call.operation) for calls in (*CALLS.values(), LOGIN) for call in calls
)
"""Service and operation of everything that may be sent."""


def refuse_unless_listed(model: Any, **_: Any) -> None:
    """A handler of the SDK's ``before-call``: ReadOnlyViolation unless the operation is one of :data:`ALLOWED`."""
    service, operation = model.service_model.service_name, model.name
    if (service, operation) not in ALLOWED:
        raise ReadOnlyViolation(
            "a call to AWS was stopped because it is not on the list of reads",
            where=f"{service}:{operation}",
            cause="only the calls that `deepscan permissions --aws` prints are ever sent",
            mend="this is a bug in deepscan; please report it",
        )
