"""
Every vendor marks its keys with a prefix of its own, and every program has its own way to print a password.

The table of both: TOKENS know a secret by its own shape, CONTEXTS by the words around it. In a context the group
``keep`` stays readable, and a judge may say that a match is none.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from scanners.semantics.secret_shapes import entropy, pair_of_words, turns

Judge = Callable[[str], bool]


class Rule(NamedTuple):
    """
    A shape of a secret. ``chosen`` = by a person: then its placeholder must not carry a mark, from which a reader
    could find the password by trying (docs/decisions/0009).
    """

    kind: str
    pattern: re.Pattern[str]
    chosen: bool = False
    judge: Judge | None = None


def _mixed(text: str) -> bool:
    """Random rather than words: ``sk-9fQ…``, not ``pk_orders_daily_export``."""
    body = re.split(r"[-_]", text, maxsplit=1)[-1]
    return bool(re.search(r"[0-9A-Z]", body)) and (turns(body) >= 0.1 or entropy(body) >= 4)


def _not_hexadecimal(text: str) -> bool:
    return not re.fullmatch(r"[0-9a-f]+", text.rpartition(".")[2])


_SHAPES: tuple[tuple[str, str, Judge | None], ...] = (
    ("jwt", r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}", None),
    ("aws-key", r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z2-7]{16}", None),
    ("google-key", r"AIza[\w-]{35}|ya29\.[\w.-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,}", None),
    ("hugging-face", r"(?:hf|api_org)_[A-Za-z0-9]{16,}", None),
    ("github", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}", None),
    ("gitlab", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w.-]{16,}", None),
    ("slack", r"xox[abeoprs](?:\.xox[bp])?-[\w-]{10,}|xapp-\d-[\w-]{10,}|hooks\.slack\.com/(?:services|workflows)/[\w/+]+", None),
    ("api-key", r"(?:sk|pk|rk|gsk|whsec|xai|r8|fw|pplx|csk|tgp|esecret|nvapi)[-_](?:[a-z]{2,8}[0-9]{0,2}[-_])*[A-Za-z0-9_-]{16,}", _mixed),
    ("npm", r"npm_[A-Za-z0-9]{30,}", None),
    ("pypi", r"pypi-AgE[\w-]{20,}", None),
    ("docker", r"dckr_[po]at_[\w-]{20,}", None),
    ("databricks", r"dapi[0-9a-f]{32}(?:-\d)?|dose[0-9a-f]{32}", None),
    ("vault", r"hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}(?![\w.])", _mixed),
    ("openshift", r"sha256~[\w-]{40,}", None),
    ("bootstrap-token", r"[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.-])", _not_hexadecimal),
    ("telegram", r"\d{8,10}:AA[\w-]{33}", None),
    ("azure-key", r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}", None),
    ("twilio", r"SK[0-9a-f]{32}", None),
    ("mailgun", r"key-[0-9a-f]{32}", None),
    ("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{30,}", None),
    ("password-hash", r"\$(?:2[abxy]|5|6|1|apr1|7|y|argon2\w{0,2})\$[./\w$=,+-]{20,}", None),
    (
        "token",
        r"(?:do[opr]_v1_|wandb_v1_|SG\.|shp(?:at|ca|pa|ss)_|glsa_|glc_|ntn_|lin_api_|pul-|NRAK-|NRII-|HRKU-|dp\.pt\.|"
        r"lsv2_[ps][tk]_|sntry[su]_|sbp_|figd_|ATATT3|ATCTT3|pscale_(?:tkn|pw|oauth)_|rpa_|hcaik_|phc_|ops_eyJ|PMAK-|rdme_|"
        r"eyJrIjoi|CFPAT-|EAAA|sq0(?:atp|csp)-|shippo_(?:live|test)_|tskey-[a-z]+-|dsapi|lf_|fo1_|FlyV1 fm\d?_)[\w.+/=~-]{20,}",
        None,
    ),
    ("token", r"[\w-]{14}\.atlasv1\.[\w-]{40,}", None),
)  # fmt: skip

TOKENS = tuple(Rule(kind, re.compile(rf"(?<![A-Za-z0-9‹]){shape}"), judge=judge) for kind, shape, judge in _SHAPES)
"""What is a secret by its own shape, wherever it stands."""

_PROSE = (
    r"true|false|null|none|nil|\d{1,9}|not|is|was|has|no|the|an?|for|in|of|to|found|missing|invalid|expired|required|"
    r"must|cannot|could|failed|error|denied|unauthorized|unknown|empty|unexpected|expected|status|server|got|with|from|by|on|at|be|"
    r"should|have|been|and|or|context|dial|connection|timeout|eof|request|response|http|https"
)
"""What follows a secret's name without being one: ``token: expired``, ``max_tokens: 4096``."""

_NAMES = (
    r"passw(?:or)?d|passwort|passphrase|pwd|secret|token|credentials?|signature|"
    r"(?:api|access|private|encryption|auth|account|subscription|signing|master|shared|consumer|storage|app|license|session|"
    r"client|ssh|host|hmac|webhook|service|admin|root|wandb|bot)[ _-]?key"
)
_NAMED = (
    rf"(?<![‹\w.-])(?<!‹secret:)[\w.-]*(?:{_NAMES})(?![\w-]*(?:named?s?|ref|file|path|seconds|count|class|store|provider|policy)\b)[\w-]*"
)
_CLIENTS = r"mysql\w*|mariadb\w*|mongo\w*|sshpass|docker login|az login|registry login|redis-cli|ldapsearch|psql|mc alias"

CONTEXTS: tuple[Rule, ...] = (
    Rule("authorization", re.compile(
        r"(?i)(?<=authorization)(?P<keep>\\?[\"']?\s*[:=]\s*\\?[\"']?)(?:(?:bearer|basic|token|digest|apikey|negotiate|aws4-hmac-sha256)"
        r"\s+[^\s\"'\\]{3,}(?:,?\s*\w+=[^\s,\"'\\]+)*|(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,})"
    )),
    Rule("bearer", re.compile(r"(?i)(?<![\w-])(?P<keep>bearer\s+)(?=[\w.~+/=-]*[\d=._-])[\w.~+/=-]{16,}")),
    Rule("basic", re.compile(r"(?i)(?<![\w-])(?P<keep>basic\s+)[\w+/-]{6,}={0,2}"), True, pair_of_words),
    Rule("basic", re.compile(r"(?i)(?P<keep>\bauth\\?[\"']?\s*[:=]\s*\\?[\"']?)[\w+/-]{6,}={0,2}"), True, pair_of_words),
    Rule("userinfo", re.compile(
        r"(?<=://)(?![^\s/@\"']*:\d{1,5}[/?#])[^\s/@\"']*:[^\s@\"']+(?=@)|(?<=://)[^\s/:@\"']{20,}(?=@)|"
        r"(?<=jdbc:oracle:thin:)[^\s/@\"']+/[^\s@\"']+(?=@)"
    ), True),
    Rule("userinfo", re.compile(r"(?<![\w.:/-])[\w.-]{1,64}:[^\s:@/\"']{1,128}(?=@(?:tcp|udp|unix)\()"), True),
    Rule("azure-key", re.compile(
        r"(?i)(?P<keep>(?:AccountKey|SharedAccessKey|SharedAccessSignature)=)[^;\s\"']+|(?<=[?&]sig=)[\w%+/=-]{20,}"
    )),
    Rule("signed-url", re.compile(
        r"(?i)(?P<keep>[?&](?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|Signature|code|key)=)"
        r"[^\s&\"'#]{12,}"
    )),
    Rule("cookie", re.compile(r"(?i)(?P<keep>(?<![\w-])(?:set-)?cookie\\?[\"']?\s*[:=]\s*\\?[\"']?)(?=\w+=)[^\r\n\"']{3,}"), True),
    Rule("credential", re.compile(r"(?i)(?P<keep>\b(?:identified\s+by|password)\s+)(?:'[^']{3,}'|\"[^\"]{3,}\")"), True),
    Rule("credential", re.compile(r"(?i)(?P<keep>\blogin\s+\S+\s+password\s+)(?!‹)\S{3,}"), True),
    Rule("credential", re.compile(rf"(?i)(?P<keep>\b(?:{_CLIENTS})\b[^\n|;]*?\s-[paw]\s?)(?![‹-])\S{{3,}}"), True),
    Rule("credential", re.compile(r"(?i)(?P<keep>(?<!\S)(?:-u|--user|--proxy-user)[ =])(?!‹)[^\s:\"']{1,64}:[^\s\"']{3,}"), True),
    Rule("credential", re.compile(r"(?i)(?P<keep>wandb[\w .:-]{0,40}?(?<![0-9a-f]))[0-9a-f]{40}(?![0-9a-f])")),
    Rule("credential", re.compile(
        rf"(?i)(?P<keep>{_NAMED}(?:\\*[\"'])?\]?\s*(?:=>|:=|[:=]|%3[Dd]|\\u003[dD])\s*)"
        rf"(?!\\*[\"']?‹secret|(?:{_PROSE})\b)"
        r"(?:\\+\"(?:[^\"\\]|\\(?!\")){3,}\\*\"?|\"(?:[^\"\\]|\\.){3,}\"?|'[^']{3,}'?|[^\s\"',;&)}\]\\]{3,})"
    ), True),
    Rule("credential", re.compile(
        r"(?i)(?P<keep>(?<!\S)--?[\w.-]*(?:password|passwd|passphrase|secret|token|api-?key|access-?key|credentials?)"
        r"(?![\w-]*(?:named?s?|ref|file|path|seconds|count|ttl)\b)[\w-]*(?:[ =]|[\"'],\s*[\"']))"
        rf"(?!‹secret)(?!-)(?!(?:{_PROSE})\b)[^\s\"']{{3,}}"
    ), True),
)  # fmt: skip
"""What is a secret by what stands before it."""

_ARMOURED = r"[A-Z0-9 ]*(?:PRIVATE KEY(?: BLOCK)?|CERTIFICATE)-----"
PEM_BEGIN = re.compile(rf"-----BEGIN {_ARMOURED}")
PEM_END = re.compile(rf"-----END {_ARMOURED}")
PEM = Rule("private-key", re.compile(rf"-----BEGIN {_ARMOURED}.*?(?:-----END [A-Z0-9 ]*-----|$)", re.DOTALL))
"""A key in armour, on one line or many; the rest of the text where its end is missing."""

NAME_AT_END = re.compile(rf"(?i)(?:{_NAMED}[\"']?\s*[:=]\s*[|>]?-?|(?<!\S)--?[\w.-]*(?:{_NAMES})[\w-]*)\s*\\?\s*$")
"""The name of a secret with nothing behind it."""
