"""What somebody printed in a hurry stays in the cluster; what findings are made of stays readable."""

import pytest

from scanners.semantics.redaction import redact_line

SECRETS = [
    ("password=hunter2 ok", "hunter2"),
    ("db postgres://u:p4ss@db.ns:5432/x", "p4ss"),
    ("redis://:abc@r:6379", "abc"),
    ("Authorization: Bearer abcdef123456", "abcdef123456"),
    ("using eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM.abc", "eyJ"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIA"),
    ("hf_abcdefghijklmnopqrstuv", "hf_abc"),
    ("sk-proj-abcdefghijklmnop1234567890", "abcdefgh"),
    ('{"password":"abc def","x":1}', "abc def"),
    ("client_secret='zz top'", "zz top"),
    ("key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYab", "wJalr"),
    ("run --token abcdef", "abcdef"),
    ("AccountKey=abc/def==;EndpointSuffix=x", "abc/def"),
    ("git clone https://ghp_abcdefghijklmnopqrst1234@github.com/x", "ghp_"),
    ("-----BEGIN RSA PRIVATE KEY-----MIIEpAIBAAKCAQEA", "MIIE"),
]
PLAIN = [
    "image sha256:" + "ab" * 32,
    "pod 3f2b8c1e-1111-2222-3333-444455556666 was killed",
    "tokens per second: 1234",
    "max_tokens=4096",
    "token limit exceeded",
    "secret: not found",
    'MountVolume.SetUp failed for volume "x" : secret "db-creds" not found',
    "couldn't find key password in Secret ml/db",
    "pod my-training-job-worker-abcdefgh-7d9f8c6b5d-x2x9z",
    "File /usr/lib/python3.11/site-packages/torch/nn/parallel/distributed_sampler_extra.py",
    "CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 79.15 GiB total capacity)",
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_secrets_are_hidden(line: str, secret: str) -> None:
    assert secret not in redact_line(line)
    assert "‹secret:" in redact_line(line)
    assert redact_line(redact_line(line)) == redact_line(line)


@pytest.mark.parametrize("line", PLAIN)
def test_what_findings_are_made_of_stays(line: str) -> None:
    assert redact_line(line) == line


def test_terminals_are_not_commanded() -> None:
    assert redact_line("\x1b[31mred\x1b[0m\x07 \u202eevil\u200b\ttab") == "red evil tab"
