"""
Secrets that are none, as people leak real ones: every kind of token and password, in every form in which it is printed.

A canary is what must not be seen again (``secrets``) and what was printed (``text``, of one line or several). They are
drawn from a fixed seed: the same in every run.
"""

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

LETTERS = string.ascii_letters + string.digits
HEXADECIMAL = "0123456789abcdef"
BASE64 = LETTERS + "+/"
URL_SAFE = LETTERS + "-_"
UPPER = string.ascii_uppercase + "234567"


class Canary(NamedTuple):
    """One planted secret: ``kind`` and ``form`` name it in a failing test."""

    kind: str
    form: str
    secrets: tuple[str, ...]
    text: str


def canaries(seed: int = 7) -> list[Canary]:
    """All of them: each kind of token in each form of a token, each kind of password in each form of a password."""
    draw = random.Random(seed)
    return [*_tokens(draw), *_passwords(draw)]


def _random(draw: random.Random, alphabet: str, length: int) -> str:
    return "".join(draw.choices(alphabet, k=length))


def _jwt(draw: random.Random) -> str:
    parts = [
        {"alg": "RS256", "kid": _random(draw, LETTERS, 8)},
        {"iss": "kubernetes", "sub": _random(draw, LETTERS, 20)},
    ]
    head = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*head, _random(draw, URL_SAFE, 43)])


TOKENS: dict[str, Callable[[random.Random], str]] = {
    "aws-key-id": lambda draw: "AKIA" + _random(draw, UPPER, 16),
    "aws-session-key-id": lambda draw: "ASIA" + _random(draw, UPPER, 16),
    "aws-secret-key": lambda draw: _random(draw, BASE64, 40),
    "google-api-key": lambda draw: "AIza" + _random(draw, URL_SAFE, 35),
    "google-token": lambda draw: "ya29." + _random(draw, URL_SAFE, 60),
    "jwt": _jwt,
    "hugging-face": lambda draw: "hf_" + _random(draw, LETTERS, 34),
    "openai": lambda draw: "sk-proj-" + _random(draw, URL_SAFE, 48),
    "anthropic": lambda draw: "sk-ant-api03-" + _random(draw, URL_SAFE, 80),
    "stripe": lambda draw: "sk_live_" + _random(draw, LETTERS, 24),
    "github": lambda draw: "ghp_" + _random(draw, LETTERS, 36),
    "github-fine": lambda draw: "github_pat_" + _random(draw, LETTERS, 22) + "_" + _random(draw, LETTERS, 59),
    "gitlab": lambda draw: "glpat-" + _random(draw, URL_SAFE, 20),
    "slack": lambda draw: f"xoxb-{_random(draw, string.digits, 12)}-{_random(draw, LETTERS, 24)}",
    "npm": lambda draw: "npm_" + _random(draw, LETTERS, 36),
    "pypi": lambda draw: "pypi-AgEIcHlwaS5vcmc" + _random(draw, URL_SAFE, 60),
    "docker": lambda draw: "dckr_pat_" + _random(draw, URL_SAFE, 27),
    "databricks": lambda draw: "dapi" + _random(draw, HEXADECIMAL, 32),
    "vault": lambda draw: "hvs." + _random(draw, URL_SAFE, 90),
    "nvidia": lambda draw: "nvapi-" + _random(draw, URL_SAFE, 64),
    "digitalocean": lambda draw: "dop_v1_" + _random(draw, HEXADECIMAL, 64),
    "sendgrid": lambda draw: f"SG.{_random(draw, URL_SAFE, 22)}.{_random(draw, URL_SAFE, 43)}",
    "grafana": lambda draw: f"glsa_{_random(draw, LETTERS, 32)}_{_random(draw, HEXADECIMAL, 8)}",
    "langsmith": lambda draw: f"lsv2_pt_{_random(draw, HEXADECIMAL, 32)}_{_random(draw, HEXADECIMAL, 10)}",
    "openshift": lambda draw: "sha256~" + _random(draw, URL_SAFE, 43),
    "azure-client": lambda draw: f"{_random(draw, LETTERS, 3)}8Q~{_random(draw, LETTERS, 34)}",
    "telegram": lambda draw: f"{_random(draw, '123456789', 9)}:AA{_random(draw, URL_SAFE, 33)}",
    "entropy-40": lambda draw: _random(draw, LETTERS, 40),
    "entropy-64": lambda draw: _random(draw, BASE64, 64),
    "entropy-88": lambda draw: base64.b64encode(draw.randbytes(64)).decode(),
}  # fmt: skip

PASSWORDS: dict[str, Callable[[random.Random], str]] = {
    "human": lambda draw: draw.choice(["hunter", "dragon", "sunshine"]) + str(draw.randrange(1000, 9999)),
    "phrase": lambda draw: "-".join(draw.sample(["correct", "horse", "battery", "staple", "tensor"], 4)),
    "signs": lambda draw: "P4$$w0rd!" + _random(draw, LETTERS + "#%^*", 8),
    "short-hex": lambda draw: _random(draw, HEXADECIMAL, 12),
    "hex-32": lambda draw: _random(draw, HEXADECIMAL, 32),
}


def _wrapped(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


TOKEN_FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda token: f"using {token} for the upload",
    "json": lambda token: json.dumps({"level": "error", "msg": "refused", "detail": {"got": token}}),
    "url": lambda token: f"clone https://oauth2:{token}@git.example.com/ml/repo.git failed",
    "query": lambda token: f"GET https://api.example.com/v1/models?page=2&access_token={token}&x=1 401",
    "header": lambda token: f"> Authorization: Bearer {token}",
    "base64": lambda token: f"payload {_wrapped(f'token={token}')}",
    "base64-twice": lambda token: f"payload {_wrapped(_wrapped(f'API_TOKEN={token} '))}",
    "split": lambda token: (
        f"the key is {token[: len(token) // 2]}\n{token[len(token) // 2 :]}\nand it was refused"
    ),
}

PASSWORD_FORMS: dict[str, Callable[[str], str]] = {
    "pair": lambda word: f"db_password={word}",
    "json": lambda word: json.dumps({"user": "svc", "password": word}),
    "escaped-json": lambda word: json.dumps({"msg": json.dumps({"clientSecret": word})}),
    "yaml-next-line": lambda word: f"password:\n  {word}\nuser: svc",
    "url": lambda word: f"dial postgres://svc:{quote(word, safe='')}@db.ml.svc:5432/prod: timeout",
    "flag": lambda word: f"exec: app --verbose --db-password {word} --port 80",
    "connection-string": lambda word: f"Server=db;Database=x;User Id=svc;Password={word};Encrypt=true",
    "basic": lambda word: f"Authorization: Basic {_wrapped(f'svc:{word}')}",
    "docker-config": lambda word: json.dumps({"auths": {"r.example.com": {"auth": _wrapped(f"svc:{word}")}}}),
    "sql": lambda word: f"ALTER USER svc WITH PASSWORD '{word}'",
    "netrc": lambda word: f"machine git.example.com login svc password {word}",
    "curl": lambda word: f"+ curl -s -u svc:{word} https://r.example.com/v2/",
    "env": lambda word: f"export PGPASSWORD={word}",
}


def _tokens(draw: random.Random) -> Iterator[Canary]:
    for kind, make in TOKENS.items():
        for form, printed in TOKEN_FORMS.items():
            token = make(draw)
            text = printed(token)
            yield Canary(kind, form, tuple(_parts(token, text, form)), text)
    armour = "\n".join(_random(draw, BASE64, 64) for _ in range(6)) + "\n" + _random(draw, BASE64, 21) + "=="
    for name in ("RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY"):
        whole = f"-----BEGIN {name}-----\n{armour}\n-----END {name}-----"
        yield Canary("private-key", "armour", tuple(armour.split("\n")), f"loaded\n{whole}\ndone")
        yield Canary("private-key", "json", tuple(armour.split("\n")), json.dumps({"private_key": whole}))
        yield Canary("private-key", "cut", tuple(armour.split("\n")), whole.split("\n", 1)[1])


def _passwords(draw: random.Random) -> Iterator[Canary]:
    for kind, make in PASSWORDS.items():
        for form, printed in PASSWORD_FORMS.items():
            word = make(draw)
            text = printed(word)
            yield Canary(kind, form, tuple(_parts(word, text, form)), text)


def _parts(secret: str, text: str, form: str) -> Iterator[str]:
    """The secret, and what stands for it in the text: its wrapping, its halves."""
    yield secret
    if form == "split":
        yield from (secret[: len(secret) // 2], secret[len(secret) // 2 :])
    elif secret not in text:
        yield from (
            word for word in text.replace('"', " ").split() if len(word) >= 16 and "/" not in word[:8]
        )
        yield from (_wrapped(f"svc:{secret}"), quote(secret, safe=""))
