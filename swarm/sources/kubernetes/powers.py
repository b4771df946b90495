"""
A scanner's identity is a way in: the less it may do, the less is lost with its token.

The few rights that no scan ever uses and that would hurt most in the wrong hands.
"""

import msgspec


class Power(msgspec.Struct, frozen=True):
    """A verb on a resource (``pods`` or ``pods/log``) of an API group (``""`` is core)."""

    verb: str
    group: str
    resource: str

    def __str__(self) -> str:
        if self == EVERYTHING:
            return "do everything in the whole cluster"
        return f"{self.verb} {self.resource}"


EVERYTHING = Power("*", "*", "*")

EXCESS = (
    Power("list", "", "secrets"),
    Power("get", "", "secrets"),
    Power("delete", "", "pods"),
    Power("create", "", "pods"),
    Power("create", "", "pods/exec"),
    Power("patch", "apps", "deployments"),
    Power("get", "", "nodes/proxy"),
    Power("create", "", "serviceaccounts/token"),
    Power("impersonate", "", "users"),
)
"""Asked of the authorizer by ``deepscan doctor``, unless the identity may do everything."""
