"""
What belongs together in the settings stands in a table of its own: ``[ages]``, ``[gcp]``, ``[azure]``.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from swarm.durations import seconds_of

STRICT = ConfigDict(extra="forbid")


class AgeSettings(BaseModel):
    """How long a state must last before a check speaks of it: ``"2m"``, ``"90s"``, ``"1h"``."""

    model_config = STRICT

    fatal: float = Field(120.0, description="a cause that never heals by itself")
    wait: float = Field(300.0, description="any other wait")
    controller: float = Field(900.0, description="a controller at work")
    waste: float = Field(1800.0, description="paid and not used")

    @field_validator("*", mode="before")
    @classmethod
    def _duration(cls, value: object) -> float:
        return seconds_of(value)


class GcpSettings(BaseModel):
    """Where Google Cloud answers when it is not at its public addresses."""

    model_config = STRICT

    endpoint: str = Field("", description="address that stands for Google's APIs")

    @field_validator("*")
    @classmethod
    def _address(cls, value: str) -> str:
        return _endpoint(value)


class AzureSettings(BaseModel):
    """Where Azure answers when it is not the public cloud."""

    model_config = STRICT

    resource_manager: str = Field("", description="address of Azure Resource Manager")
    authority: str = Field("", description="address of Microsoft Entra ID")

    @field_validator("*")
    @classmethod
    def _address(cls, value: str) -> str:
        return _endpoint(value)


SECTIONS: dict[str, type[BaseModel]] = {"ages": AgeSettings, "gcp": GcpSettings, "azure": AzureSettings}
"""The tables by name."""


def _endpoint(value: str) -> str:
    """An https URL, or a http one on this machine; without its last slash."""
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise ValueError("an endpoint looks like https://HOST")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("plain http is for this machine only: credentials would travel in the clear")
    return value.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
