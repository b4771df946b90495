"""
A team that suppresses a finding, or follows it from week to week, needs a name for it that a restart does not
change.

Ids are hashes of what a fault is about, never of time, values, order or a pod's name (contract section 4).
"""

import hashlib

import msgspec

from scanners.facts.ref import Key, Named


def finding_id(code: str, target: str, subject: Key, discriminator: str) -> str:
    """``f-`` and 12 hex digits; ``subject`` is a workload, or a pod only where nobody owns it."""
    return f"f-{_digest(code, target, *subject, discriminator)}"


def problem_id(root: str) -> str:
    """``p-`` and 12 hex digits, of the id of the root finding."""
    return f"p-{_digest(root)}"


def evidence_id(finding: str, path: str, subject: Named, source: str) -> str:
    """``e-`` and 12 hex digits: one thing to look at, within one finding."""
    return f"e-{_digest(finding, path, subject.group, subject.kind, subject.namespace, subject.name, source)}"


def _digest(*parts: str) -> str:
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=6).hexdigest()
