"""
A model that is away is found out at night, by a warning that nobody reads; by day it costs nothing to look.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from swarm.model.by_litellm import extra_missing
from swarm.model.door import ModelFailed
from swarm.model.endpoint import Endpoint, endpoint_of
from swarm.model.opening import direct_door
from swarm.model.settings import ModelSettings

MOST_NAMED = 5


@dataclass(frozen=True)
class Standing:
    """How the configured model stands; ``mend`` is the line that helps."""

    state: Literal["ok", "warning", "failed"]
    detail: str
    mend: str = ""


async def standing(settings: ModelSettings, environment: Mapping[str, str]) -> Standing | None:
    """
    How the model stands that a run would ask, None where it would ask none. An endpoint is asked for its list of models
    once; a vendor is not asked anything.
    """
    endpoint = endpoint_of(settings, environment)
    if endpoint is None:
        return None
    if endpoint.via == "litellm":
        missing = extra_missing()
        if missing is not None:
            return Standing("failed", missing.sentence, missing.mend)
        return Standing(
            "ok", f"{endpoint.name} by way of litellm, which is installed; the vendor was not asked"
        )
    return await _listed(endpoint, settings)


async def _listed(endpoint: Endpoint, settings: ModelSettings) -> Standing:
    door = direct_door(endpoint)
    try:
        async with asyncio.timeout(settings.llm_timeout):
            names = await door.models()
    except TimeoutError:
        return Standing(
            "failed", f"no answer from {endpoint.url} in {settings.llm_timeout:g} s", "check --model-url"
        )
    except ModelFailed as failed:
        return Standing(
            "failed", f"{failed.sentence} (at {failed.where})", failed.mend or "check --model-url"
        )
    finally:
        await door.close()
    told = ", ".join(names[:MOST_NAMED]) + (
        f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    )
    if endpoint.model not in names:
        detail = f"{endpoint.url} answers and does not list {endpoint.model}"
        return Standing("warning", detail, f"it has {told or 'none'}: name one with --model")
    if endpoint.warnings:
        return Standing("warning", endpoint.warnings[0], "use https")
    return Standing("ok", f"{endpoint.model} at {endpoint.url}")
