"""
Between a question and its answer stand quotas, keys, login pages and models that are still loading.

What came instead of an answer becomes a ModelFailed that says so in one line. A stranger's words are redacted and cut.
"""

import json
import re
from collections.abc import Mapping

from scanners.semantics.redaction import redact_line
from swarm.model.door import ModelFailed
from swarm.model.settings import KEY
from swarm.model.wire import WINDOW

CAUSE_LIMIT = 300
_UNSUPPORTED = frozenset({400, 422})


def refusal(
    status: int, said: str, where: str, *, key: str = "", headers: Mapping[str, str] | None = None
) -> ModelFailed:
    """The error for an answer that is no 200."""
    cause = told(_message(said), key)
    if status in (401, 403):
        show = f"set {KEY}, or model_key_file"
        return ModelFailed(
            "refused", f"the model refused the key ({status})", where=where, cause=cause, mend=show
        )
    if status == 404:
        what, mend = "there is no such model or endpoint (404)", "check --model and --model-url"
        return ModelFailed("refused", what, where=where, cause=cause, mend=mend)
    if status == 429:
        what, waits = "the model asked for patience (429)", patience(headers or {})
        return ModelFailed("throttled", what, where=where, cause=cause, retry_after=waits)
    if status == 503:
        what, waits = "the model is not ready (503)", patience(headers or {})
        return ModelFailed(
            "throttled" if waits else "server", what, where=where, cause=cause, retry_after=waits
        )
    if status in _UNSUPPORTED and WINDOW.search(said):
        what, mend = "the question is longer than the model's window", "lower llm_tokens_per_call"
        return ModelFailed("window", what, where=where, cause=cause, mend=mend)
    if status in _UNSUPPORTED:
        what = f"the endpoint does not know what was asked of it ({status})"
        return ModelFailed("unsupported", what, where=where, cause=cause)
    if 300 <= status < 400:
        what = f"the model URL redirects ({status}), and redirects are not followed"
        return ModelFailed("refused", what, where=where, mend="name the URL that answers itself")
    return ModelFailed("server", f"the model answered {status}", where=where, cause=cause)


def patience(headers: Mapping[str, str]) -> float | None:
    """Seconds that the endpoint asks for, None where it does not say; a date counts as not said."""
    asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(asked) if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", asked) else None


def told(text: str, key: str = "") -> str:
    """A stranger's words as one short line without secrets, ``""`` for a page of HTML."""
    line = " ".join(text[:2000].split())
    if line.startswith("<"):
        return ""
    return redact_line(line.replace(key, "‹key›") if key else line)[:CAUSE_LIMIT]


def _message(body: str) -> str:
    """The sentence in an error body: ``{"error": {"message": …}}``, ``{"error": …}``, ``{"message": …}``, else all."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for name in ("error", "message", "detail"):
        said = said.get(name, said) if isinstance(said, dict) else said
    return said if isinstance(said, str) else body
