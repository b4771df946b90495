"""
A child process that may call one vendor needs that vendor's key, and not the forty others of the shell.

Which variables a vendor's dialect in litellm reads for its credentials and its place, and those that any of them needs
to get out of a company's network.
"""

from collections.abc import Mapping

_AWS = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_REGION_NAME",
    "AWS_DEFAULT_REGION", "AWS_BEARER_TOKEN_BEDROCK",
)  # fmt: skip
_AZURE = ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_API_VERSION", "AZURE_AD_TOKEN")
_VERTEX = (
    "GOOGLE_APPLICATION_CREDENTIALS", "VERTEXAI_PROJECT", "VERTEXAI_LOCATION", "VERTEXAI_CREDENTIALS",
)  # fmt: skip

READ_BY: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "azure": _AZURE,
    "azure_ai": ("AZURE_AI_API_KEY", "AZURE_AI_API_BASE"),
    "bedrock": _AWS,
    "cloudflare": ("CLOUDFLARE_API_KEY", "CLOUDFLARE_ACCOUNT_ID"),
    "databricks": ("DATABRICKS_API_KEY", "DATABRICKS_API_BASE"),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "huggingface": ("HUGGINGFACE_API_KEY", "HF_TOKEN"),
    "openai": ("OPENAI_API_KEY", "OPENAI_ORGANIZATION"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "sagemaker": _AWS,
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "vertex_ai": _VERTEX,
    "watsonx": ("WATSONX_APIKEY", "WATSONX_URL", "WATSONX_PROJECT_ID", "WATSONX_TOKEN"),
}
"""Vendors whose variables are not simply ``VENDOR_API_KEY``."""

_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_MACHINE = ("SYSTEMROOT", "LD_LIBRARY_PATH", "TZ")

QUIET: Mapping[str, str] = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "CRITICAL",
    "DISABLE_AIOHTTP_TRANSPORT": "True",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""
What keeps litellm from calling anybody but the vendor, set before it is imported: its price map, headers, news,
templates and presets come from its own files, no ``.env`` is loaded, no metadata service or model hub is asked. One
HTTP client for all vendors: the one that is kept from following redirects, and that knows proxies.
"""


def scrubbed(
    vendor: str, environment: Mapping[str, str], folder: str, *, elsewhere: bool, proxied: bool
) -> dict[str, str]:
    """
    The whole environment of a child that calls ``vendor``; ``folder`` is its home and its place for temporary files.
    Where the call goes to another place than the vendor's own (``elsewhere``), none of its keys is handed on; where no
    proxy stands between (``proxied``), none is named.
    """
    keys = () if elsewhere else READ_BY.get(vendor, (f"{vendor.upper().replace('-', '_')}_API_KEY",))
    proxies = [*_NETWORK, *(name.lower() for name in _NETWORK)] if proxied else []
    names = [*keys, *_TRUST, *_MACHINE, *proxies]
    kept = {name: environment[name] for name in names if environment.get(name)}
    return {**kept, **QUIET, "HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
