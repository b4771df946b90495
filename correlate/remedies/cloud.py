"""
Remedies at the provider: what is mended there is changed where it is declared, so these are words and no commands.
"""

from correlate.remedies.template import Template, change, destroy, is_class, look
from scanners.kinds import Kind

_PENDING = look("See what waits.", "kubectl get pods -A --field-selector=status.phase=Pending")
_NODES = look("See the nodes and their versions.", "kubectl get nodes -o wide")

TEMPLATES = (
    Template(
        Kind.CLOUD_UNHEALTHY,
        "mend-issue",
        "The provider reports {issue_code} for {name}: {issue}. Mend that at the provider; the state clears by "
        "itself.",
        (
            _NODES,
            change(
                "Mend what the provider names for {name}: {issue}.",
                verify="kubectl get nodes -o wide",
                undo="Set the former value again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.CLOUD_UNHEALTHY,
        "a-start-pool",
        "Node pool {name} is stopped, and work asks for it. Start it, or send the work to another pool.",
        (
            _PENDING,
            change(
                "Start node pool {name}.",
                verify="kubectl get nodes -o wide",
                undo="Stop the pool again once its work is done.",
            ),
        ),
        when=is_class("stopped"),
        edits=False,
    ),
    Template(
        Kind.CLOUD_UNHEALTHY,
        "see-provider",
        "{said}. Read its issues and last operations at the provider.",
        (_NODES,),
    ),
    Template(
        Kind.POOL_AT_MAX,
        "raise-maximum",
        "Raise the maximum of node pool {name}, now {max}, where the pool is declared; look at the quota first. Or "
        "free what stands idle in it.",
        (
            _PENDING,
            change(
                "Check the account's quota for {name}'s machine type, then raise the pool's maximum from {max}.",
                verify="kubectl get nodes -o wide",
                undo="Set the maximum back to {max}.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.POOL_AT_MAX,
        "see-pool",
        "{said}. Raise its maximum, or free what stands idle in it.",
        (_PENDING,),
    ),
    Template(
        Kind.VERSION_BEHIND,
        "upgrade-nodes",
        "Upgrade the nodes that are outside of the supported skew of {name} ({version}).",
        (
            _NODES,
            change(
                "Upgrade the node pools of {name} to the minor of its control plane, one pool at a time.",
                verify="kubectl get nodes -o wide",
                undo="A kubelet is not downgraded: make a pool of the former version and move the work back.",
            ),
        ),
        when=is_class("skew"),
        edits=False,
    ),
    Template(
        Kind.VERSION_BEHIND,
        "upgrade-cluster",
        "Upgrade {name} from {version}, one minor version at a time: control plane first, then its node pools.",
        (
            _NODES,
            change(
                "Upgrade the control plane of {name} from {version} by one minor, then its node pools.",
                verify="kubectl version",
                undo="A control plane is not downgraded: try the upgrade on a copy first.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.PAID_NO_NODE,
        "terminate",
        "Read the boot log of instance {name}; once the reason is known, terminate it: its group makes a new one.",
        (
            _NODES,
            destroy(
                "Read the console log of instance {name} at the provider, mend what keeps it from joining, and "
                "terminate it.",
                "",
                verify="kubectl get nodes -o wide",
                undo="The group makes a new machine; a machine made by hand is started anew from its image.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.DISK_UNATTACHED,
        "ask-claim-owner",
        "Ask who owned claim {last_claim}; take a snapshot of disk {name} if anybody may want its data, then delete "
        "it.",
        (
            look("See whether the claim or a volume still names it.", "kubectl get pv,pvc -A"),
            destroy(
                "Take a snapshot of disk {name} in {region}, then delete the disk.",
                "",
                verify="kubectl get pv",
                undo="Make a disk from the snapshot again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.DISK_UNATTACHED,
        "see-disk",
        "{said}. Take a snapshot if anybody may want its data, then delete it.",
        (look("See whether a volume still names it.", "kubectl get pv"),),
    ),
    Template(
        Kind.ADDRESS_IDLE,
        "release",
        "See whether a record in DNS or a partner's firewall names {name}; release it if none does.",
        (
            look("See which Services have addresses.", "kubectl get services -A"),
            destroy(
                "Release {name} in {region} at the provider.",
                "",
                verify="kubectl get services -A",
                undo="An address that was released may be given to others: note it before.",
            ),
        ),
        edits=False,
    ),
)
