"""
Every name goes through one Service, and a policy that locks a pod in must leave that one door open.

Which Service it is: ``kube-dns`` or ``coredns`` of kube-system, ``dns-default`` of OpenShift, else one of
kube-system with the label ``k8s-app=kube-dns`` that serves port 53. A policy sees the pods behind it, their
ports, and the address of a cache on the node; several network plug-ins also compare the Service's own
address. What of these could not be read may be let through by any rule that could mean it.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from scanners.facts.fact import LabelSelector
from scanners.facts.inventory import Inventory
from scanners.facts.network import NetworkPolicy, Peer, PolicyRule, Service
from scanners.facts.pod import Pod
from scanners.facts.slices import ENDPOINTSLICES, NAMESPACES
from scanners.semantics.coverage import whole_in
from scanners.semantics.network_policies import Direction, admits, directions_of
from scanners.semantics.selectors import matches
from scanners.semantics.services import backends, pods_behind

NAMES = (("kube-system", "kube-dns"), ("kube-system", "coredns"), ("openshift-dns", "dns-default"))
PORT = 53
PROTOCOLS = ("UDP", "TCP")
LINK_LOCAL = IPv4Network("169.254.0.0/16")
NODE_LOCAL = IPv4Address("169.254.20.10")
"""Where NodeLocal DNSCache listens by default (kubernetes/cluster/addons/dns/nodelocaldns)."""
CACHES = ("node-local-dns", "nodelocaldns")
"""Values of the label ``k8s-app`` of its pods."""
METADATA_NAME = "kubernetes.io/metadata.name"


class ClusterDns(NamedTuple):
    """
    What a policy must let a pod reach. ``addresses`` is None where no endpoint slice was read, ``labels``
    (those of the namespace) None where it was not; ``node_cache``: a cache runs on the nodes.
    """

    service: Service
    pods: tuple[Pod, ...]
    addresses: frozenset[str] | None
    labels: Mapping[str, str] | None
    node_cache: bool

    @property
    def place(self) -> str:
        """``kube-system/kube-dns``."""
        return f"{self.service.namespace}/{self.service.name}"


def dns_service(inventory: Inventory) -> Service | None:
    """The Service of cluster DNS, if it was read. Needs services."""
    by_name = {(service.namespace, service.name): service for service in inventory.services}
    named = [by_name[place] for place in NAMES if place in by_name]
    labelled = [service for service in inventory.services if _is_labelled(service)]
    found = [*named, *sorted(labelled, key=lambda service: service.name)]
    return found[0] if found else None


def cluster_dns(inventory: Inventory) -> ClusterDns | None:
    """
    Cluster DNS as policies see it. Needs services and pods declared; endpointslices and namespaces may be
    unread.
    """
    service = dns_service(inventory)
    if service is None:
        return None
    addresses = None
    if whole_in(inventory, ENDPOINTSLICES, service.namespace):
        found = backends(inventory, service.namespace, service.name)
        addresses = frozenset(address for backend in found for address in backend.addresses) or None
    spaces = inventory.namespaces if inventory.has(NAMESPACES) else ()
    labels = next((space.labels for space in spaces if space.name == service.namespace), None)
    system = inventory.index.pods_by_namespace.get("kube-system", ())
    cached = any(pod.labels.get("k8s-app") in CACHES for pod in system)
    return ClusterDns(service, tuple(pods_behind(inventory, service)), addresses, labels, cached)


def closed_ports(dns: ClusterDns, policies: Sequence[NetworkPolicy]) -> list[str]:
    """
    ``UDP/53`` and ``TCP/53``, as far as the policies of a pod let it reach no cluster DNS there; empty where
    none of them closes egress.
    """
    closing = [policy for policy in policies if Direction.EGRESS in directions_of(policy)]
    if not closing:
        return []
    return [
        f"{protocol}/{PORT}"
        for protocol in PROTOCOLS
        if not any(_opens(dns, policy, rule, protocol) for policy in closing for rule in policy.egress)
    ]


def _opens(dns: ClusterDns, policy: NetworkPolicy, rule: PolicyRule, protocol: str) -> bool:
    numbers, names = _doors(dns, protocol)
    if not admits(rule.ports, protocol, numbers, names):
        return False
    return not rule.peers or any(_is_peer(dns, policy.namespace, peer) for peer in rule.peers)


def _doors(dns: ClusterDns, protocol: str) -> tuple[set[int] | None, set[str] | None]:
    """Numbers and names of the DNS pods' port; None where they cannot be told."""
    targets = {port.target for port in dns.service.ports if port.number == PORT and port.protocol == protocol}
    declared = [
        port
        for pod in dns.pods[:1]
        for container in pod.template.containers
        for port in container.ports
        if port.protocol == protocol
    ]
    numbers = {PORT, *(int(target) for target in targets if target.isdigit())}
    if not dns.pods:
        named = any(target and not target.isdigit() for target in targets)
        return (None if named else numbers), None
    numbers |= {port.number for port in declared if port.name in targets}
    return numbers, {port.name for port in declared if port.number in numbers}


def _is_peer(dns: ClusterDns, namespace: str, peer: Peer) -> bool:
    if peer.cidr:
        return _holds(dns, peer)
    if peer.namespaces is None:
        if namespace != dns.service.namespace:
            return False
    elif not _may_match_namespace(dns, peer.namespaces):
        return False
    if peer.pods is None or not dns.pods:
        return True
    return any(matches(peer.pods, pod.labels) for pod in dns.pods)


def _may_match_namespace(dns: ClusterDns, selector: LabelSelector) -> bool:
    own = {METADATA_NAME: dns.service.namespace}
    if dns.labels is not None:
        return matches(selector, {**dns.labels, **own})
    told = LabelSelector(
        {key: value for key, value in selector.match_labels.items() if key == METADATA_NAME},
        tuple(term for term in selector.match_expressions if term.key == METADATA_NAME),
    )
    return matches(told, own)


def _holds(dns: ClusterDns, peer: Peer) -> bool:
    block = _network(peer.cidr)
    if block is None or dns.addresses is None:
        return True
    if isinstance(block, IPv4Network) and block.subnet_of(LINK_LOCAL):
        return True
    excepted = [network for network in map(_network, peer.excepted) if network]
    wanted = [*map(_address, (*dns.addresses, dns.service.cluster_ip))]
    if dns.node_cache:
        wanted.append(NODE_LOCAL)
    return any(
        address is not None and address in block and not any(address in network for network in excepted)
        for address in wanted
    )


def _network(cidr: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_labelled(service: Service) -> bool:
    labelled = service.namespace == "kube-system" and service.labels.get("k8s-app") == "kube-dns"
    return labelled and service.cluster_ip != "None" and any(port.number == PORT for port in service.ports)
