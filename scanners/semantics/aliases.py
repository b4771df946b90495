"""
A model needs to tell three pods apart, not to learn what they are called: names say whose cluster this is.

:class:`Aliases` swaps real names for ``POD-3`` or ``NS-1`` before a text leaves, and back when the answer returns.
Text that looked like an alias all along (a log line that says ``POD-3``) is quoted on the way out as ``POD-0-3``:
aliases count from 1, so the round trip is exact whatever the text holds.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

_PREFIXES = {
    "Namespace": "NS",
    "PersistentVolumeClaim": "CLAIM",
    "PersistentVolume": "VOLUME",
    "ResourceQuota": "QUOTA",
    "PodDisruptionBudget": "BUDGET",
    "StorageClass": "CLASS",
    "NetworkPolicy": "POLICY",
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"),
        "WORKLOAD",
    ),
}
"""How a kind is called in an alias, where its own name in capitals would be long or tell too much apart."""

_PLAIN = frozenset(
    {
        "a", "an", "and", "as", "at", "by", "cpu", "default", "for", "from", "gpu", "in", "is", "it", "job", "jobs",
        "kube-node-lease", "kube-public", "kube-system", "memory", "namespace", "node", "nodes", "nvidia", "of", "on",
        "or", "pod", "pods", "service", "storage", "system", "the", "to", "volume", "with",
    }
)  # fmt: skip
"""Names that are ordinary words: they say nothing about anybody, and without them a sentence cannot be read."""


@dataclass(frozen=True, slots=True)
class Aliases:
    """
    A two-way map between real names and aliases, the same for the same set of names in any order. ``names`` goes
    from alias to real name. A name that several kinds share has one alias, of the first kind by alphabet.
    """

    names: Mapping[str, str]
    _hidden: re.Pattern[str]
    _shown: re.Pattern[str]
    _alias_of: Mapping[str, str]

    @classmethod
    def of(cls, names: Iterable[tuple[str, str]]) -> "Aliases":
        """Aliases for names, each with its kind: ``("Pod", "train-0")``, ``("Namespace", "ml")``."""
        prefixes: dict[str, str] = {}
        for prefix, name in sorted({(_prefix(kind), name) for kind, name in names}):
            if name and name not in _PLAIN:
                prefixes.setdefault(name, prefix)
        counts: dict[str, int] = {}
        alias_of: dict[str, str] = {}
        for name, prefix in sorted(prefixes.items()):
            counts[prefix] = counts.get(prefix, 0) + 1
            alias_of[name] = f"{prefix}-{counts[prefix]}"
        literal = rf"(?:{'|'.join(sorted(counts)) or '(?!)'})-(?:0-)*\d+"
        longest_first = sorted(alias_of, key=lambda name: (-len(name), name))
        words = "|".join([*map(re.escape, longest_first), literal])
        return cls(
            names=MappingProxyType({alias: name for name, alias in alias_of.items()}),
            _hidden=re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])"),
            _shown=re.compile(rf"(?<![A-Za-z0-9]){literal}(?![A-Za-z0-9])"),
            _alias_of=MappingProxyType(alias_of),
        )

    def hide(self, text: str) -> str:
        """
        The text with every known name as its alias, the longest name first, where no letter or digit touches it.
        Give it values rather than JSON text: JSON escapes quotes and letters in names, which then match no longer.
        """
        return self._hidden.sub(self._alias_or_quoted, text)

    def restore(self, text: str) -> str:
        """The text with real names again; an alias that was never given stays as it is."""
        return self._shown.sub(self._name_or_unquoted, text)

    def _alias_or_quoted(self, found: re.Match[str]) -> str:
        word = found.group()
        return self._alias_of.get(word) or word.replace("-", "-0-", 1)

    def _name_or_unquoted(self, found: re.Match[str]) -> str:
        word = found.group()
        prefix, _, rest = word.partition("-")
        return f"{prefix}-{rest[2:]}" if rest.startswith("0-") else self.names.get(word, word)


def _prefix(kind: str) -> str:
    return _PREFIXES.get(kind) or re.sub(r"[^A-Z]", "", kind.upper()) or "NAME"
