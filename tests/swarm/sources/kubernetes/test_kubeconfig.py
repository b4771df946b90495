"""Which cluster, as whom, through which proxy: read as kubectl reads it, or refused with a reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.kubeconfig import load_kubeconfig
from swarm.sources.kubernetes.proxies import proxy_for
from tests.swarm.sources.kubernetes.server import TOKEN, FakeApi, kubeconfig


@pytest.mark.parametrize(
    ("server", "environment", "proxy"),
    [
        ("https://k.example:6443", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://k.example:6443", {"https_proxy": "p:1"}, "http://p:1"),
        ("https://k.example", {"HTTP_PROXY": "http://p:1"}, ""),
        ("https://k.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other, .example"}, ""),
        ("https://k.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example"}, ""),
        ("https://example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "http://p:1"),
        ("https://badexample", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example"}, "http://p:1"),
        ("https://10.0.3.4:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, ""),
        ("https://k.example:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "k.example:443"}, "http://p:1"),
        ("https://127.0.0.1:6443", {"HTTPS_PROXY": "http://p:1"}, ""),
        ("https://k.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, ""),
    ],
)
def test_proxies_of_the_environment(server: str, environment: dict[str, str], proxy: str) -> None:
    assert proxy_for(server, environment) == proxy


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"token": TOKEN, "as": "root"}, "impersonates root"),
        ({"token": TOKEN, "as-groups": ["system:masters"]}, "impersonates"),
        ({"username": "admin", "password": "x"}, "password"),
        ({"auth-provider": {"name": "gcp"}}, "auth-provider gcp"),
        ({"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1alpha1"}}, "v1alpha1"),
        ({"client-certificate-data": "!!!"}, "certificate"),
    ],
)
def test_entries_that_are_refused(api: FakeApi, tmp_path: Path, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_kubeconfig(kubeconfig(tmp_path, api, given), {}).connection()
    assert says in caught.value.sentence
    assert caught.value.mend


def test_an_unknown_context_names_the_nearest(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no context named hera") as caught:
        load_kubeconfig(kubeconfig(tmp_path, api), {}).connection("hera")
    assert caught.value.mend == "did you mean here?"


def test_several_files_are_merged_the_first_wins(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    first = {"contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "clusters": None}
    second = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "other"}}, {"name": "y", "context": {}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://c/", "certificate-authority": "ca.pem"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    (tmp_path / "a").write_text(json.dumps(first))
    (tmp_path / "b" / "config").write_text(json.dumps(second))
    (tmp_path / "b" / "ca.pem").write_text("PEM")
    listed = f"{tmp_path}/a:{tmp_path}/missing:{tmp_path}/b/config"
    loaded = load_kubeconfig(None, {"KUBECONFIG": listed})
    assert (loaded.current_context, loaded.context_names) == ("x", ("x", "y"))
    connection = loaded.connection()
    assert (connection.server, connection.authority, connection.namespace) == ("https://c", "PEM", "default")


@pytest.mark.parametrize("text", ["", "[]", "{", "contexts: 3", "users: [{name: u, user: {token: [1]}}]"])
def test_a_kubeconfig_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(ConfigurationError):
        load_kubeconfig(tmp_path / "config", {}).connection()


def test_no_kubeconfig_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_kubeconfig(None, {"HOME": str(tmp_path)})
    assert "--demo" in caught.value.mend
