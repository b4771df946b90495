"""A placeholder tells where the same secret stands again, and nothing that a reader could try passwords with."""

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.semantics.egress import secrets_in
from scanners.semantics.split_secrets import redact_lines, redact_text, redact_value

KEY = "AKIAIOSFODNN7EXAMPLE"
PRINTED = st.lists(
    st.sampled_from(
        ["password", "token", "key", "=", ":", " ", '"', "'", "\\", "\\n", "\n", "://", "@", "u", KEY,
         "hf_" + "aB3" * 10,
         "‹", "›", "‹secret:jwt›", "‹secret:api-key:12ab›", "Basic ", "QUtJQUlPU0ZPRE5ON0VYQU1QTEU=",
         "-----BEGIN PRIVATE KEY-----",
         "-----END PRIVATE KEY-----", "--", "%41", "x", "9", ";", "{", "authorization", "bearer ", "cookie", "a=b"]
    ), max_size=14,
).map("".join)  # fmt: skip


def test_the_same_secret_has_the_same_mark_wherever_and_however_it_stands() -> None:
    wrapped = base64.b64encode(KEY.encode()).decode()
    texts = [KEY, f'{{"key": "{KEY}"}}', f"x={wrapped}", f"aws {KEY[:9]}\n{KEY[9:]}", f"https://{KEY}:x@h"]
    marks = {redact_text(text).partition("‹")[2].partition("›")[0] for text in texts}
    assert len(marks) == 1 and next(iter(marks)).startswith("secret:aws-key:")
    assert redact_text("AKIAIOSFODNN7EXAMPLF") != redact_text(KEY)


@pytest.mark.parametrize(
    "word", ["hunter2", "correct-horse-battery-staple", "P4$$w0rd!", "s3cr3t-s3cr3t-s3cr3t"]
)
def test_a_password_that_a_person_chose_has_no_mark(word: str) -> None:
    for text in (f"password={word}", f"postgres://me:{word}@db/x", f"run --db-password {word} now"):
        told = redact_text(text)
        assert word not in told and "›" in told
        assert told.count(":") == redact_text(text.replace(word, "another-one")).count(":")
        assert told == redact_text(text.replace(word, "another-one")), "two passwords look the same"


def test_lines_keep_their_number() -> None:
    key = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEpAIBAAKCAQEAx3kQ",
        "aB3d==",
        "-----END RSA PRIVATE KEY-----",
    ]
    lines = ["a", *key, "b"]
    told = redact_lines(lines)
    assert len(told) == 6 and told[0] == "a" and told[5] == "b" and len(set(told[1:5])) == 1


def test_a_value_is_known_by_its_name() -> None:
    assert redact_value("db.password", "tr0ub4dor") == "‹secret:credential›"
    assert redact_value("tokenizer", "llama") == "llama" and redact_value("secretName", "creds") == "creds"
    assert redact_value("token", "expired") == "expired"


@settings(deadline=None)
@given(PRINTED)
def test_what_is_redacted_stays_as_it_is_and_may_leave(text: str) -> None:
    told = redact_text(text)
    assert redact_text(told) == told
    assert secrets_in(told) == []


@pytest.mark.parametrize(
    "piece",
    ["token", "token-", 'token="', "://a:", "http://", "%41a", "A1b", "basic ", "authorization: digest a=1, ",
     "login a ",
     "mysql -p", "cookie: a=", "--a-", "password '", "sk-ab-", "eyJaaaaaaaa.", "a7Q~", "a:b@tcp(", "QUJD", "token:\n",
     "AKIA\n",
     "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----\nabcd\n", "secret\t \n", "\x1b]", "password=\\\"a"],
)  # fmt: skip
def test_no_hostile_text_makes_it_slow(piece: str) -> None:
    text = piece * (16_384 // len(piece))
    began = time.process_time()
    redact_text(text)
    assert time.process_time() - began < 2.0
