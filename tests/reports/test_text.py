"""Text of a cluster can repaint no terminal and turn no line around; the JSON still says what was there."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.text import clean, cleaned, escaped, one_line
from tests.reports.sample import HOSTILE, sample


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1bPdevice\x1b\\x", "x"),
        ("\x1bcreset", "reset"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("pay\u200bpal\ufeff\u2060", "paypal"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("a\rb\x0cc\u2028d", "a\nb\nc\nd"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("tab\there", "tab here"),
        ("lone\udc80", "lone"),
        ("größe 日本語 ✓", "größe 日本語 ✓"),
    ],
)
def test_clean(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    left = {unicodedata.category(character) for character in clean(text) if character != "\n"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert "\n" not in one_line(text)


@given(st.text())
def test_json_is_faithful_and_harmless(text: str) -> None:
    written = escaped(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert clean(written) == written


def test_a_cleaned_report_is_clean_all_through_and_otherwise_the_same() -> None:
    report = sample()
    page = cleaned(report)
    assert HOSTILE in report.problems[3].root.subject.name
    assert page.problems[3].root.subject.name == clean(HOSTILE)
    assert page.problems[0] == report.problems[0]
    assert cleaned(page) == page
