"""
Neither Secrets nor ConfigMaps are ever read; that one is missing is known from the kubelet's complaint
alone (checks.md S15).

Wordings: pkg/kubelet/kubelet_pods.go (environment), pkg/volume/secret, configmap and projected (mounts).
"""

import re
from typing import NamedTuple

from scanners.facts.pod import Pod

_OBJECT = re.compile(r'\b(?P<kind>secret|configmap) "(?P<name>[^"]+)" not found', re.IGNORECASE)
_KEY = re.compile(
    r"couldn't find key (?P<key>\S+) in (?P<kind>Secret|ConfigMap) (?:[^/\s]+/)?(?P<name>[^\s,;]+)"
)
_MOUNTED_KEY = re.compile(r"references non-existent (?P<kind>secret|config) key: (?P<key>\S+)")
_VOLUME = re.compile(r'MountVolume\.SetUp failed for volume "(?P<volume>[^"]+)"')


class Missing(NamedTuple):
    """
    A Secret or ConfigMap, or a key of one, that a kubelet did not find. ``name`` is ``""`` where it is not
    told.
    """

    kind: str
    name: str
    key: str = ""

    def __str__(self) -> str:
        whole = f"{self.kind} {self.name}" if self.name else f"a {self.kind}"
        return f"key {self.key} of {whole}" if self.key else whole


def missing_in(message: str, pod: Pod) -> Missing | None:
    """What a kubelet's message says is missing; None where it speaks of something else."""
    if found := _OBJECT.search(message):
        return Missing(_kind(found["kind"]), found["name"])
    if found := _KEY.search(message):
        return Missing(found["kind"], found["name"], found["key"])
    if found := _MOUNTED_KEY.search(message):
        volume = _VOLUME.search(message)
        return Missing(_kind(found["kind"]), _mounted(pod, volume["volume"] if volume else ""), found["key"])
    return None


def _kind(word: str) -> str:
    return "Secret" if word.lower() == "secret" else "ConfigMap"


def _mounted(pod: Pod, name: str) -> str:
    for volume in pod.template.volumes:
        if volume.name == name and volume.type in ("secret", "configMap"):
            return volume.source
    return ""
