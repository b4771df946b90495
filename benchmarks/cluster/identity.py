"""Names, uids and times, drawn so that object 140,000 can be named without drawing the ones before it."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from functools import lru_cache

NOW = 1_781_524_800  # 2026-06-15T12:00:00Z: the one moment of the data
RESOURCE_VERSION = "987654321"
HOUR = 3600
DAY = 24 * HOUR
NODE_LOST = 46 * 60  # seconds since the kubelets of lost nodes were last heard of


def random_for(seed: int, kind: str, index: int) -> random.Random:
    return random.Random(f"{seed}/{kind}/{index}")


def ago(seconds: float) -> str:
    """The API's form of the time this long before the data's now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - seconds))


def uid(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


def hexadecimal(draw: random.Random, digits: int) -> str:
    return f"{draw.getrandbits(digits * 4):0{digits}x}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4096)
def suffixes(seed: int, workload: int, number: int) -> tuple[str, ...]:
    """The random ends of a ReplicaSet's pod names, distinct and in key order."""
    draw, found = random_for(seed, "suffixes", workload), set[str]()
    while len(found) < number:
        found.add("".join(draw.choices("bcdfghjklmnpqrstvwxz2456789", k=5)))
    return tuple(sorted(found))


def pod_uid(seed: int, pod: int) -> str:
    return uid(random_for(seed, "pod", pod))


def node_uid(seed: int, node: int) -> str:
    return uid(random_for(seed, "node", node))


def node_address(node: int) -> str:
    return f"10.{node >> 16}.{node >> 8 & 255}.{node & 255}"


def node_name(node: int) -> str:
    return f"ip-{node_address(node).replace('.', '-')}.ec2.internal"


def pod_address(pod: int) -> str:
    return f"10.{128 + (pod >> 16)}.{pod >> 8 & 255}.{pod & 255}"


def pod_version(pod: int) -> str:
    return str(900_000_000 + pod * 7)
