"""
A timeout between two namespaces has a policy behind it, or the lack of one; which direction is open or shut decides.
"""

from collections.abc import Iterator

from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, texts
from reports.words import named
from scanners.finding import Finding, JsonValue

CODES = {
    "NET101": "workloads outside any policy",
    "NET102": "egress locked with DNS forgotten",
    "NET103": "policies that cut a declared link",
    "NET104": "policies that split a gang",
}


def _policies(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(CODES):
        facts = finding.facts
        missing = finding.code == "NET101"
        yield told(
            finding,
            severity=finding.severity.value,
            weight=finding.severity.weight,
            workload=named(finding.subject),
            gap="no policy" if missing else "blocked",
            directions=texts(facts.get("uncovered_directions" if missing else "directions")),
            policies=texts(facts.get("policies")),
            peer=_peer(finding),
            port=_port(finding),
        )


def _peer(finding: Finding) -> JsonValue:
    facts = finding.facts
    return facts.get("target") or facts.get("dns_service") or facts.get("group")


def _port(finding: Finding) -> JsonValue:
    missing = texts(finding.facts.get("missing_ports"))
    return ", ".join(missing) if missing else finding.facts.get("port")


POLICIES = Definition(
    title="Gaps of network policies",
    noun="workload",
    codes=CODES,
    slices=["networkpolicies", "pods"],
    columns=[
        column("severity"),
        column("workload"),
        column("gap"),
        column("directions", unit="names"),
        column("policies", unit="names"),
        column("peer"),
        column("port"),
    ],
    rows=_policies,
    order=["-weight"],
)
