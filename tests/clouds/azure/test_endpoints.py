"""Which Azure is asked, and whose tokens it takes."""

import pytest

from swarm.errors import ConfigurationError
from swarm.sources.azure.endpoints import is_plain_loopback, resource_manager_of, scope_of


@pytest.mark.parametrize(
    ("setting", "endpoint", "scope"),
    [
        ("", "https://management.azure.com", "https://management.azure.com/.default"),
        ("https://management.azure.com/", "https://management.azure.com", "https://management.azure.com/.default"),
        (
            "https://management.chinacloudapi.cn", "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
        ),
        (
            "https://management.usgovcloudapi.net/", "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net/.default",
        ),
        ("https://management.local.azurestack.external", None, "https://management.local.azurestack.external/.default"),
        ("http://127.0.0.1:8080", None, "https://management.azure.com/.default"),
    ],
)  # fmt: skip
def test_each_cloud_has_its_endpoint_and_its_tokens(setting: str, endpoint: str | None, scope: str) -> None:
    assert resource_manager_of(setting) == (endpoint or setting)
    assert scope_of(resource_manager_of(setting)) == scope


def test_the_sdk_knows_the_same_clouds_by_the_same_names(sdk: None) -> None:
    from azure.core import AzureClouds
    from azure.mgmt.core.tools import get_arm_endpoints

    for cloud in AzureClouds:
        known = get_arm_endpoints(cloud)
        assert [scope_of(resource_manager_of(known["resource_manager"]))] == known["credential_scopes"]


@pytest.mark.parametrize(
    "setting",
    [
        "http://management.azure.com",
        "http://127.0.0.1.example.com",
        "management.azure.com",
        "ftp://x",
        "http://10.0.0.1",
    ],
)
def test_a_token_goes_over_plain_http_to_this_machine_only(setting: str) -> None:
    assert not is_plain_loopback(setting)
    with pytest.raises(ConfigurationError, match="not safe to send a token to"):
        resource_manager_of(setting)


@pytest.mark.parametrize("setting", ["http://127.0.0.1:1", "http://localhost:8080", "http://[::1]:80"])
def test_a_server_on_the_loopback_may_speak_plain_http(setting: str) -> None:
    assert is_plain_loopback(setting)
    assert resource_manager_of(setting) == setting
