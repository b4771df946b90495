"""
A model costs money, time and trust: each has its limit, and none is used that nobody named.

What can be set about the model, and the variables that hold its keys; a key is never a setting or a flag.
"""

from typing import Literal

from pydantic import BaseModel, Field, field_validator

from swarm.durations import seconds_of

KEY = "DEEPSCAN_MODEL_KEY"
VARIABLES = frozenset({KEY})


class ModelSettings(BaseModel):
    """What may be said about the model that words the report. Durations are seconds."""

    model: str = Field("", description="model that words the report; vendor/NAME needs the extra llm")
    model_url: str = Field("", description="its OpenAI-compatible endpoint; none = the vendor's own")
    model_via: Literal["auto", "direct", "litellm"] = Field(
        "auto", description="how it is spoken to; auto = direct where model_url is set, else litellm"
    )
    model_key_file: str = Field("", description=f"file that holds its API key; or set {KEY}")
    llm: bool = Field(True, description="false = no model is asked, whatever else is set (--no-llm)")
    llm_max_calls: int = Field(3, ge=1, description="calls of a run, repairs and second attempts included")
    llm_max_tokens: int = Field(200_000, ge=1, description="tokens of a run, in and out")
    llm_budget_usd: float | None = Field(None, gt=0, description="USD of a run; needs a known price")
    llm_usd_in: float | None = Field(
        None, ge=0, description="its price in USD for a million tokens in, where unknown"
    )
    llm_usd_out: float | None = Field(
        None, ge=0, description="its price in USD for a million tokens out, where unknown"
    )
    llm_deadline: float = Field(120.0, gt=0, description="how long all calls of a run may take")
    llm_timeout: float = Field(60.0, gt=0, description="how long one call may take")
    llm_top: int = Field(25, ge=1, description="problems that are worded, by rank")
    llm_tokens_per_call: int = Field(
        24_000, ge=500, description="tokens of one question; what the model's window can hold"
    )
    llm_window: int = Field(
        16_384,
        ge=2048,
        description="tokens of window, for question and answer, that an Ollama is asked for at most",
    )
    llm_cache: bool = Field(True, description="keep good answers in the user's cache folder")

    @field_validator("llm_deadline", "llm_timeout", mode="before")
    @classmethod
    def _model_duration(cls, value: object) -> float:
        return seconds_of(value)
