"""Each part, and each test identity, reaches the API server through a kubeconfig file of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .pki import KeyPair

CLUSTER_NAME = "deepscan-test"


@dataclass(frozen=True)
class Endpoint:
    """An API server: its URL and the authority that vouches for it."""

    url: str
    authority: Path


def with_certificate(path: Path, endpoint: Endpoint, user: str, pair: KeyPair) -> Path:
    credentials = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
    return _write(path, endpoint, user, credentials)


def with_token(path: Path, endpoint: Endpoint, user: str, token: str) -> Path:
    return _write(path, endpoint, user, {"token": token})


def _write(path: Path, endpoint: Endpoint, user: str, credentials: dict[str, str]) -> Path:
    cluster = {"server": endpoint.url, "certificate-authority": str(endpoint.authority)}
    document: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CLUSTER_NAME,
        "clusters": [{"name": CLUSTER_NAME, "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": CLUSTER_NAME, "context": {"cluster": CLUSTER_NAME, "user": user}}],
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path
