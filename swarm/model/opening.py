"""
Naming a model must be enough to use it, and not naming one enough to never hear of it.

From the settings to a model that can be asked, or to none.
"""

from collections.abc import Mapping

from swarm.model.door import Model
from swarm.settings import Settings


def open_model(settings: Settings, environment: Mapping[str, str] | None = None) -> Model | None:
    """
    The model that the settings name, None where they name none or say ``--no-llm``. Nothing is sent yet; a vendor's
    child process starts now, so that it is ready when the scan is over.

    ConfigurationError for what cannot be meant: a URL that is none, a key that would travel in the clear.
    """
    return None
