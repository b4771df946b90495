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
    A shape of a secret. In every text that it can match one of the ``hints`` stands, in small letters: to look for
    them is fifty times cheaper. ``chosen`` = by a person: then its placeholder must not carry a mark, from which a
    reader could find the password by trying (docs/decisions/0009).
    """

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    chosen: bool = False
    judge: Judge | None = None


def _mixed(text: str) -> bool:
    """Random rather than words: ``sk-9fQ…``, not ``pk_orders_daily_export``."""
    body = re.split(r"[-_]", text, maxsplit=1)[-1]
    return bool(re.search(r"[0-9A-Z]", body)) and (turns(body) >= 0.1 or entropy(body) >= 4)


_OWN = (
    "do[opr]_v1_", "wandb_v1_", "SG.", "shp(?:at|ca|pa|ss)_", "glsa_", "glc_", "ntn_", "lin_api_", "pul-", "NRAK-",
    "NRII-", "HRKU-", "dp.pt.", "lsv2_[ps][tk]_", "sntry[su]_", "sbp_", "figd_", "ATATT3", "ATCTT3",
    "pscale_(?:tkn|pw|oauth)_", "rpa_", "hcaik_", "phc_", "ops_eyJ", "PMAK-", "rdme_", "eyJrIjoi", "CFPAT-", "EAAA",
    "sq0(?:atp|csp)-", "shippo_(?:live|test)_", "tskey-[a-z]+-", "FlyV1 fm",
)  # fmt: skip
_OWN_HINTS = tuple(re.split(r"[\[(]", prefix, maxsplit=1)[0].lower() for prefix in _OWN)
_SHAPES: tuple[tuple[str, str, str, Judge | None], ...] = (
    ("jwt", "eyj", r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}", None),
    ("aws-key", "akia asia abia acca aroa aida", r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z2-7]{16}", None),
    ("google-key", "aiza ya29. gocspx- 1//0",
        r"AIza[\w-]{35}|ya29\.[\w.-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,}", None),
    ("hugging-face", "hf_ api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{16,}", None),
    ("github", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}", None),
    ("gitlab", "glpat gldt glrt glcbt glptt glft glsoat glimt glagent gloas",
        r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w.-]{16,}", None),
    ("slack", "xox xapp- hooks.slack.com",
        (r"xox[abeoprs](?:\.xox[bp])?-[\w-]{10,}|xapp-\d-[\w-]{10,}"
         r"|hooks\.slack\.com/(?:services|workflows)/[\w/+]+"), None),
    ("api-key", "sk- sk_ pk- pk_ rk- rk_ whsec_ xai- r8_ fw_ pplx- csk- tgp_ esecret_ nvapi-",
        (r"(?:g?sk|pk|rk|whsec|xai|r8|fw|pplx|csk|tgp|esecret|nvapi)[-_]"
         r"(?:[a-z]{2,8}[0-9]{0,2}[-_])*[A-Za-z0-9_-]{16,}"), _mixed),
    ("npm", "npm_", r"npm_[A-Za-z0-9]{30,}", None),
    ("pypi", "pypi-", r"pypi-AgE[\w-]{20,}", None),
    ("docker", "dckr_", r"dckr_[po]at_[\w-]{20,}", None),
    ("databricks", "dapi dose", r"(?:dapi|dose)[0-9a-f]{32}(?:-\d)?", None),
    ("vault", "hvs. hvb. hvr. s.", r"hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}(?![\w.])", _mixed),
    ("openshift", "sha256~", r"sha256~[\w-]{40,}", None),
    ("telegram", ":aa", r"\d{8,10}:AA[\w-]{33}", None),
    ("azure-key", "q~", r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}", None),
    ("twilio", "sk", r"SK[0-9a-f]{32}", None),
    ("mailgun", "key-", r"key-[0-9a-f]{32}", None),
    ("age-key", "age-secret-key", r"AGE-SECRET-KEY-1[A-Z0-9]{30,}", None),
    ("password-hash", "$", r"\$(?:2[abxy]|5|6|1|apr1|7|y|argon2\w{0,2})\$[./\w$=,+-]{20,}", None),
    ("token", " ".join(_OWN_HINTS).replace("flyv1 fm", "flyv1"),
        rf"(?:{'|'.join(_OWN).replace('.', '[.]')})[\w.+/=~-]{{20,}}", None),
    ("token", ".atlasv1.", r"[\w-]{14}\.atlasv1\.[\w-]{40,}", None),
)  # fmt: skip

TOKENS = tuple(
    Rule(kind, tuple(hints.split()), re.compile(rf"(?<![A-Za-z0-9‹])(?:{shape})"), judge=judge)
    for kind, hints, shape, judge in _SHAPES
)
"""What is a secret by its own shape, wherever it stands."""

_PROSE = (
    r"true|false|null|none|nil|\d{1,9}|not|is|was|has|no|the|an?|for|in|of|to|found|missing|invalid|expired|required|"
    r"must|cannot|could|failed|error|denied|unauthorized|unknown|empty|unexpected|expected|status|server|got|with|from|by|on|at|be|"
    r"should|have|been|unable|waiting|retry|retrying|please|this|that|it|you|your|and|or|context|dial|connection|timeout|eof|request|response|http|https"
)
"""What follows a secret's name without being one: ``token: expired``, ``max_tokens: 4096``."""

_KEYED = (
    "api|access|private|encryption|auth|account|subscription|signing|master|shared|consumer|storage|app|license|session|"
    "client|ssh|host|hmac|webhook|service|admin|root|wandb|bot"
)
_NAMES = rf"passw(?:or)?d|passwort|passphrase|pwd|secret|token(?!iz|s_per)|credentials?|signature|(?:{_KEYED})[ _-]?key"
_NAME_HINTS = ("passw", "passphrase", "pwd", "secret", "token", "credential", "signature", "key")
_HARMLESS = r"(?![\w-]{0,40}(?:named?s?|ref|file|path|seconds|count|class|store|provider|policy|ttl)\b)"
"""Ends of a name whose value is none of a secret: ``secretName``, ``token_file``."""
_NAMED = rf"(?<!‹)(?<!‹secret:)(?:{_NAMES}){_HARMLESS}[\w-]{{0,40}}"
_CLIENTS = (
    "mysql",
    "mariadb",
    "mongo",
    "sshpass",
    "docker login",
    "az login",
    "registry login",
    "redis-cli",
    "ldapsearch",
    "psql",
)


def _context(
    kind: str, hints: str, pattern: str, *, chosen: bool = False, judge: Judge | None = None
) -> Rule:
    return Rule(kind, tuple(hints.split()), re.compile(f"(?i){pattern}"), chosen, judge)


CONTEXTS: tuple[Rule, ...] = (
    _context("authorization", "authorization",
        r"(?<=authorization)(?P<keep>\\?[\"']?\s*[:=]\s*\\?[\"']?)(?:(?:bearer|basic|token|digest|apikey|negotiate|aws4-hmac-sha256)"
        r"\s+[^\s\"'\\]{3,}(?:,?\s*\w+=[^\s,\"'\\]+)*|(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,})"),
    _context("bearer", "bearer", r"(?<![\w-])(?P<keep>bearer\s+)(?=[\w.~+/=-]*[\d=._-])[\w.~+/=-]{16,}"),
    _context("basic", "basic", r"(?<![\w-])(?P<keep>basic\s+)[\w+/-]{6,}={0,2}", chosen=True, judge=pair_of_words),
    _context("basic", "auth",
        r"(?P<keep>\bauth\\?[\"']?\s*[:=]\s*\\?[\"']?)[\w+/-]{6,}={0,2}", chosen=True, judge=pair_of_words),
    _context("userinfo", "@",
        r"(?<=://)(?![^\s/@\"']*:\d{1,5}[/?#])[^\s/@\"']{0,256}:[^\s@\"']{1,512}(?=@)|(?<=://)[^\s/:@\"']{20,512}(?=@)|"
        r"(?<=jdbc:oracle:thin:)[^\s/@\"']{1,256}/[^\s@\"']{1,256}(?=@)", chosen=True),
    _context("userinfo", "@tcp( @udp( @unix(",
        r"(?<![\w.:/-])[\w.-]{1,64}:[^\s:@/\"']{1,128}(?=@(?:tcp|udp|unix)\()", chosen=True),
    _context("azure-key", "accountkey= sharedaccess sig=",
        r"(?P<keep>(?:AccountKey|SharedAccessKey|SharedAccessSignature)=)[^;\s\"']+|(?<=[?&]sig=)[\w%+/=-]{20,}"),
    _context("signed-url", "x-amz- x-goog- &signature= ?signature= &code= ?code= &key= ?key=",
        r"(?P<keep>[?&](?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|Signature|code|key)=)"
        r"[^\s&\"'#]{12,}"),
    _context("cookie", "cookie",
        r"(?P<keep>(?<![\w-])(?:set-)?cookie\\?[\"']?\s*[:=]\s*\\?[\"']?)(?=\w+=)[^\r\n\"']{3,}", chosen=True),
    _context("credential", "identified password",
        r"(?P<keep>\b(?:identified\s+by|password)\s+)(?:'[^']{3,}'|\"[^\"]{3,}\")", chosen=True),
    _context("credential", "login", r"(?P<keep>\blogin\s+\S+\s+password\s+)(?!‹)\S{3,}", chosen=True),
    Rule("credential", _CLIENTS, re.compile(
        rf"(?i)(?P<keep>\b(?:{'|'.join(_CLIENTS)})\w*\b[^\n|;]{{0,200}}?\s-[paw]\s?)(?![‹-])\S{{3,}}"), chosen=True),
    _context("credential", "-u --user --proxy-user",
        r"(?P<keep>(?<!\S)(?:-u|--user|--proxy-user)[ =])(?!‹)[^\s:\"']{1,64}:[^\s\"']{3,}", chosen=True),
    _context("credential", "wandb", r"(?P<keep>wandb\W{1,3}(?:\w+\W{1,2})?(?<![0-9a-f]))[0-9a-f]{40}(?![0-9a-f])"),
    _context("credential", " ".join(_NAME_HINTS),
        rf"(?P<keep>{_NAMED}(?:\\*[\"'])?\]?\s*(?:=>|:=|[:=]|%3d|\\u003d)\s*)"
        rf"(?!\\*[\"']?‹secret|(?:{_PROSE})\b)"
        r"(?:\\+\"(?:[^\"\\]|\\(?!\")){3,}\\*\"?|\"(?:[^\"\\]|\\.){3,}\"?|'[^']{3,}'?|"
        r"[^\s\"',;&)}\]\\]{3,})", chosen=True),
    _context("credential", "--  -pass -token -secret",
        r"(?P<keep>(?<![^\s\"'\[])--?[\w.-]*(?:password|passwd|passphrase|secret|token|api-?key|access-?key|credentials?)"
        rf"{_HARMLESS}[\w-]{{0,40}}(?:[ =]|[\"'],\s*[\"']))"
        rf"(?!‹secret)(?!-)(?!(?:{_PROSE})\b)[^\s\"']{{3,}}", chosen=True),
)  # fmt: skip
"""What is a secret by what stands before it."""

_ARMOURED = r"[A-Z0-9 ]*(?:PRIVATE KEY(?: BLOCK)?|CERTIFICATE)-----"
PEM_BEGIN = re.compile(rf"-----BEGIN {_ARMOURED}")
PEM_END = re.compile(rf"-----END {_ARMOURED}")
PEM = Rule(
    "private-key",
    ("-----begin ",),
    re.compile(rf"-----BEGIN {_ARMOURED}.*?(?:-----END [A-Z0-9 ]*-----|$)", re.DOTALL),
)
"""A key in armour, on one line or many; the rest of the text where its end is missing."""

SECRET_NAME = re.compile(rf"(?i){_NAMED}$")
"""The name of a field whose value is a secret."""
HARMLESS_VALUE = re.compile(rf"(?i)(?:{_PROSE})")
"""A value that is none, whatever its name."""

NAME_AT_END = re.compile(
    rf"(?i)(?:{_NAMED}[\"']?\s*[:=]\s*[|>]?-?|(?<!\S)--?[\w.-]*(?:{_NAMES})[\w-]*)\s*\\?\s*$"
)
"""The name of a secret with nothing behind it."""
