"""The page fetches nothing, runs nothing of a tenant's, and reads as a document without script."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from reports.faces import FACES
from reports.faces.drawing import chain
from reports.page import page_of
from tests.reports.sample import sample
from tests.reports.test_faces import many, unseen

VOID = {"meta", "input", "br", "rect", "path"}


class Outline(HTMLParser):
    """What a browser would see: elements in order, ids, attributes, and whether tags are nested well."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.misnested: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misnested.append(f"{tag} at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name))]


@pytest.fixture(scope="module")
def page() -> str:
    return FACES["html"](sample())


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


def test_the_policy_is_first_in_head_and_names_what_is_inline(page: str, outline: Outline) -> None:
    names = [tag for tag, _ in outline.elements]
    first, attributes = outline.elements[names.index("head") + 1]
    assert (first, attributes["http-equiv"]) == ("meta", "Content-Security-Policy")
    policy = attributes["content"] or ""
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        inline = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(inline) == 1
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_nothing_is_fetched_and_no_attribute_runs(page: str, outline: Outline) -> None:
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {
        tag for tag, _ in outline.elements
    }
    assert not outline.values("src")
    assert all(link.startswith("#") for link in outline.values("href"))
    for _, attributes in outline.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    style = re.findall("<style>(.*?)</style>", page, re.DOTALL)[0]
    assert "url(" not in style
    assert "@import" not in style


def test_links_lead_somewhere_and_ids_are_unique(outline: Outline) -> None:
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in outline.values("href")} <= set(ids)
    assert {name for value in outline.values("aria-labelledby") for name in value.split()} <= set(ids)


def test_tags_are_nested_well(outline: Outline) -> None:
    assert outline.misnested == []
    assert outline.open == []


def test_cluster_text_is_text(page: str, outline: Outline) -> None:
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)</script>[bold]x|y`z`redgpj.exe" in "".join(outline.text)
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_it_is_a_document_for_everybody(outline: Outline) -> None:
    tags = [tag for tag, _ in outline.elements]
    assert dict(outline.elements)["html"] == {"lang": "en"}
    assert tags.count("main") == tags.count("h1") == 1
    assert "nav" in tags
    assert outline.elements[tags.index("a")][1] == {"class": "skip", "href": "#problems"}
    assert tags.count("table") == tags.count("caption")
    assert all(attributes.get("scope") for tag, attributes in outline.elements if tag == "th")
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_severity_is_a_word_and_a_shape(page: str) -> None:
    assert re.search(r'aria-hidden="true">▲</span> high', page)
    assert re.search(r'aria-hidden="true">◆</span> critical', page)


def test_own_script_is_small(page: str) -> None:
    script = re.findall("<script>(.*?)</script>", page, re.DOTALL)[0]
    assert len(script.encode()) < 12 * 1024


def test_the_chain_is_drawn_with_a_title_and_a_description() -> None:
    cards = page_of(sample()).cards
    drawing = chain(cards[1])
    assert drawing.count("<g class=") == 4
    assert drawing.count('class="arrow"') == 3
    assert "<title id=" in drawing
    assert "<desc id=" in drawing
    assert chain(cards[-1]) == ""


@pytest.mark.parametrize("report", [unseen(), many(120)], ids=["empty", "many"])
def test_other_reports_are_well_formed_too(report: object) -> None:
    from reports.report import Report

    assert isinstance(report, Report)
    outline = Outline(FACES["html"](report))
    ids = outline.values("id")
    assert outline.misnested == []
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in outline.values("href")} <= set(ids)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_ink_is_readable_on_every_ground_by_day_and_by_night(page: str) -> None:
    pairs = {
        name: colours for name, *colours in re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", page)
    }
    for night in (0, 1):
        for ink in ("ink", "soft", "link", "critical", "high", "medium", "low", "info"):
            for ground in ("paper", "sheet", "tint"):
                light, dark = sorted(
                    (_luminance(pairs[ink][night]), _luminance(pairs[ground][night])), reverse=True
                )
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground, night)
