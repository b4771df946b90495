"""
Logs and messages carry what somebody printed in a hurry: keys, tokens, passwords in URLs.

Rules go from structure to shape to entropy. What is hidden becomes ``‹secret:kind›``; digests, uids and pod
names, which look as random as keys, stay, because findings are made of them.
"""

import math
import re
from collections import Counter

_PROSE = (
    r"true|false|null|none|nil|\d{1,9}|not|is|was|has|no|the|an?|for|in|of|to|found|missing|invalid|expired|required|"
    r"must|cannot|could|failed|error|denied|unauthorized|unknown|empty|unexpected|expected|status|server|got|with|from|by|on|at|be|"
    r"should|have|been|and|or|context|dial|connection|timeout|eof|request|response|http|https"
)
"""What follows a secret's name without being one: ``token: expired``, ``max_tokens: 4096``."""

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "pem",
        re.compile(
            r"-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----.*?(?:-----END [A-Z ]*-----|$)", re.DOTALL
        ),
    ),
    ("userinfo", re.compile(r"(?<=://)[^\s/@\"']*:[^\s@\"']+(?=@)|(?<=://)[^\s/:@\"']{20,}(?=@)")),
    (
        "authorization",
        re.compile(
            r"(?i)(?<=authorization)(?P<keep>[\"']?\s*[:=]\s*[\"']?)(?:(?:bearer|basic|token)\s+[\w.~+/=-]{6,}"
            r"|(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,})"
        ),
    ),
    ("bearer", re.compile(r"(?i)\b(?P<keep>(?:bearer|basic)\s+)(?=[\w.~+/=-]*[\d=._-])[\w.~+/=-]{16,}")),
    ("jwt", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")),
    ("aws-key", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z2-7]{16}\b")),
    ("google-key", re.compile(r"\bAIza[\w-]{35}|\bya29\.[\w.-]{20,}|\bGOCSPX-[\w-]{20,}")),
    ("hugging-face", re.compile(r"\bhf_[A-Za-z0-9]{16,}")),
    ("github", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}")),
    ("gitlab", re.compile(r"\bgl(?:pat|dt|rt|cbt)-[\w-]{16,}")),
    ("slack", re.compile(r"\bxox[abeoprs]-[\w-]{10,}|https://hooks\.slack\.com/services/[\w/]+")),
    ("api-key", re.compile(r"\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])*[A-Za-z0-9_-]{16,}")),
    (
        "token",
        re.compile(
            r"\b(?:dop_v1_|npm_|pypi-|dckr_pat_|nvapi-|wandb_v1_|SG\.|shpat_|atlasv1\.|hvs\.|s\.)[\w.-]{20,}"
        ),
    ),
    (
        "azure-key",
        re.compile(
            r"(?i)(?P<keep>(?:AccountKey|SharedAccessKey|SharedAccessSignature)=)[^;\s\"']+|(?<=[?&]sig=)[\w%+/=-]{20,}"
        ),
    ),
    (
        "pair",
        re.compile(
            r"(?i)(?P<keep>(?<![‹\w.-])[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|"
            r"private[_-]?key|credentials?|encryption[_-]?key|auth[_-]?key|signature)[\w-]*"
            r"(?:\\?[\"'])?\s*(?:=>|:=|[:=])\s*)"
            rf"(?!\\?[\"']?‹secret|(?:{_PROSE})\b)"
            r"(?:\\?\"(?:[^\"\\]|\\(?!\")){3,}\\?\"|'[^']{3,}'|[^\s\"',;&)}\]\\]{3,})"
        ),
    ),
    (
        "flag",
        re.compile(
            r"(?i)(?P<keep>(?<!\S)--?[\w-]*(?:password|passwd|secret|token|api-?key|access-?key)[\w-]*[ =])"
            r"(?!‹secret)(?!-)\S{3,}"
        ),
    ),
)
"""Rules in order, each with the kind that its placeholder names; a group ``keep`` stays readable."""

_CANDIDATE = re.compile(r"(?<![\w‹:+/=-])[A-Za-z0-9+/_-]{40,}={0,2}(?![\w+/=-])")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32,128}")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)")
_WORD = re.compile(r"[a-z0-9]*|[A-Z]?[a-z]+|[A-Z0-9]+")
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTROL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
ENTROPY = 4.2
"""Bits a character from which a long base64-like word counts as a key (random base64 of 40 has about 4.8)."""


def redact_line(line: str) -> str:
    """
    A line with everything hidden that looks like a secret, and without control, bidi and zero-width
    characters.
    """
    text = without_controls(line)
    for kind, pattern in _RULES:
        text = pattern.sub(lambda found, kind=kind: _hidden(found, kind), text)  # type: ignore[misc]
    return _CANDIDATE.sub(_unless_known, text)


def without_controls(text: str) -> str:
    """A text without ANSI sequences, control, bidi and zero-width characters; tabs become spaces."""
    return _CONTROL.sub("", text.replace("\t", " "))


def _hidden(found: re.Match[str], kind: str) -> str:
    return f"{found.groupdict().get('keep') or ''}‹secret:{kind}›"


def _unless_known(found: re.Match[str]) -> str:
    word = found.group()
    if _HEXADECIMAL.fullmatch(word) or _UID.search(word) or not _MIXED.match(word):
        return word
    if all(map(_WORD.fullmatch, re.split(r"[/_-]+", word))) or _entropy(word) < ENTROPY:
        return word
    return "‹secret:high-entropy›"


def _entropy(word: str) -> float:
    total = len(word)
    return -sum(count / total * math.log2(count / total) for count in Counter(word).values())


def kinds_in(text: str) -> list[str]:
    """The kinds of secret that a text holds, in the order of the rules, each as often as it was found."""
    return re.findall(r"‹secret:([a-z-]+)", redact_line(re.sub(r"‹secret:[^›]*›", "", text)))
