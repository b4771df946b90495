"""
Naming a model must be enough to use it, and not naming one enough to never hear of it.

From the settings to a model that can be asked, or to none.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from swarm.model.asker import Asker, Door
from swarm.model.door import Price
from swarm.model.endpoint import Endpoint, endpoint_of
from swarm.model.kept import Kept
from swarm.model.meter import Meter
from swarm.settings import Settings

if TYPE_CHECKING:
    from swarm.model.direct import DirectDoor

MILLION = 1_000_000


def open_model(settings: Settings, environment: Mapping[str, str] | None = None) -> Asker | None:
    """
    The model that the settings name, None where they name none or say ``--no-llm``. Nothing is sent yet; a vendor's
    child process starts now, so that it is ready when the scan is over.

    ConfigurationError for what cannot be meant: a URL that is none, a key that would travel in the clear.
    """
    model = configured(settings, environment)
    if model is not None:
        model.prepare()
    return model


def configured(settings: Settings, environment: Mapping[str, str] | None = None) -> Asker | None:
    """As :func:`open_model`, and nothing is started before the first question."""
    environment = os.environ if environment is None else environment
    endpoint = endpoint_of(settings, environment)
    if endpoint is None:
        return None
    kept = Kept.of_user() if settings.llm_cache else Kept(None)
    return Asker(endpoint, door_to(endpoint, settings, environment), Meter(settings), kept)


def door_to(endpoint: Endpoint, settings: Settings, environment: Mapping[str, str]) -> Door:
    """The way to an endpoint; what it needs is imported here."""
    price = None
    if settings.llm_usd_in is not None and settings.llm_usd_out is not None:
        price = Price(settings.llm_usd_in / MILLION, settings.llm_usd_out / MILLION)
    if endpoint.via == "direct":
        return direct_door(endpoint, price)
    from swarm.model.by_litellm import LitellmDoor

    return LitellmDoor(endpoint, environment, price)


def direct_door(endpoint: Endpoint, price: Price | None = None) -> "DirectDoor":
    """The door to an endpoint that is spoken to directly, in its dialect."""
    if endpoint.dialect == "ollama":
        from swarm.model.ollama import OllamaDoor

        return OllamaDoor(endpoint, price)
    from swarm.model.direct import DirectDoor

    return DirectDoor(endpoint, price)
