"""Every face shows the same report, within its budget, and never says more than was seen."""

import io
import random
import re
import time
from dataclasses import replace

import pytest
from rich.console import Console

from correlate.problem import Problem
from reports.assemble import assemble
from reports.faces import FACES
from reports.faces.terminal import print_report
from reports.page import page_of
from reports.report import Report
from scanners.finding import Finding
from scanners.scanner import CheckState
from tests.reports.build import row
from tests.reports.golden import FILES
from tests.reports.sample import CATALOGUE, FINDINGS, PROBLEMS, RUN, TARGET, result, sample

PEOPLE = ["terminal", "markdown", "html"]
SECTIONS = ["Not checked", "not measured", "not applicable", "not configured"]


def many(count: int) -> Report:
    """A report of that many problems, each with findings of its own."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    for number in range(count):
        template = PROBLEMS[number % len(PROBLEMS)]
        ids = {name: f"{name}-{number}" for name in template.findings}
        findings += [replace(f, id=ids[f.id]) for f in FINDINGS if f.id in ids]
        moved = replace(
            template,
            id=f"p-{number}",
            findings=list(ids.values()),
            root=replace(template.root, finding=ids[template.root.finding]),
            chain=[replace(hop, source=ids[hop.source], target=ids[hop.target]) for hop in template.chain],
        )
        problems.append(moved)
    return assemble(RUN, [replace(result(), findings=findings, problems=problems)], CATALOGUE)


def unseen() -> Report:
    """Nothing found, and something not read."""
    return assemble(RUN, [replace(result(), findings=[], problems=[])], CATALOGUE)


def quiet() -> Report:
    """Nothing found, everything read."""
    return assemble(
        RUN,
        [replace(result(), findings=[], problems=[], readings=[], checks=[row("JOB101")], agents=[])],
        CATALOGUE,
    )


@pytest.mark.parametrize("face", sorted(FILES))
def test_what_a_person_reads(face: str) -> None:
    assert FACES[face](sample()) == FILES[face].read_text("utf-8"), "run: python -m tests.reports.golden"


@pytest.mark.parametrize("face", PEOPLE)
def test_every_problem_gap_and_check_is_told(face: str) -> None:
    text = FACES[face](sample())
    for code in ("DNS101", "OOM104", "QTA101", "OOM102", "GPU101", "STO101", "NET101"):
        assert code in text
    for words in ("pod-logs", "denied", "endpointslices", "timed-out", "NET110", "not measured", "12,900"):
        assert words.lower() in text.lower()


@pytest.mark.parametrize("face", PEOPLE)
def test_no_face_calls_a_cluster_healthy(face: str) -> None:
    for report in (sample(), unseen(), quiet(), assemble(RUN, [], CATALOGUE)):
        text = FACES[face](report).lower()
        assert "healthy" not in text
        assert "up to " not in text


@pytest.mark.parametrize("face", PEOPLE)
def test_no_problems_is_said_of_what_could_be_read_only(face: str) -> None:
    assert "No problems in what could be read." in FACES[face](unseen())
    assert "No problems: 1 check ran on all that was asked for" in " ".join(FACES[face](quiet()).split())
    assert "Nothing was checked." in FACES[face](assemble(RUN, [], CATALOGUE))


def test_only_checks_that_ran_whole_and_found_nothing_have_passed() -> None:
    assert [row.code for row in page_of(sample()).passed] == ["JOB101", "NOD101"]
    assert [row.code for row in page_of(unseen()).passed] == ["JOB101", "NOD101", "OOM102", "STO101"]
    assert all(row.state is CheckState.RAN for row in page_of(unseen()).passed)


def test_an_api_that_is_not_served_is_no_gap_and_namespaces_are_folded() -> None:
    gaps = {gap.slice: gap for gap in page_of(sample()).gaps}
    assert set(gaps) == {"pod-logs", "endpointslices", "resourcequotas"}
    assert gaps["resourcequotas"].scopes == "2 namespaces: vault and vision"


@pytest.mark.parametrize("face", PEOPLE)
def test_a_face_is_the_same_text_every_time(face: str) -> None:
    assert len({FACES[face](sample()) for _ in range(3)}) == 1


@pytest.mark.parametrize(("face", "budget"), [("markdown", 1024 * 1024), ("html", 2 * 1024 * 1024)])
def test_many_problems_fit_the_budget(face: str, budget: int) -> None:
    for count in (500, 3000):
        text = FACES[face](many(count))
        assert len(text.encode()) <= budget
        assert "the JSON report has everything" in text or count == 500


def test_two_hundred_findings_are_a_page_that_opens_at_once() -> None:
    started = time.perf_counter()
    report = many(109)
    assert len(report.findings) >= 200
    assert len(FACES["html"](report).encode()) <= 400 * 1024
    assert time.perf_counter() - started < 5


def test_a_giant_string_is_cut_for_people_only() -> None:
    giant = replace(FINDINGS[0], message="x" * 3_000_000)
    report = assemble(RUN, [replace(result(), findings=[giant, *FINDINGS[1:]])], CATALOGUE)
    assert len(report.to_json()) > 3_000_000
    for face in PEOPLE:
        assert len(FACES[face](report)) < 200_000


@pytest.mark.parametrize("face", PEOPLE)
def test_several_targets_are_told_apart(face: str) -> None:
    other = TARGET.model_copy(update={"id": "second", "name": "dev-eu", "cluster_uid": "second"})
    report = assemble(RUN, [result(), replace(result(), target=other, findings=[], problems=[])], CATALOGUE)
    text = FACES[face](report)
    assert "prod-gpu-eu" in text
    assert "dev-eu" in text


class TestTerminal:
    def test_lines_fit_80_columns_but_for_commands(self) -> None:
        lines = FACES["terminal"](sample()).splitlines()
        long = [line for line in lines if len(line) > 80]
        assert all(line.lstrip().startswith(("read ", "mutates ", "destructive ", "undo ")) for line in long)
        assert all(line == line.rstrip() for line in lines)

    def test_a_pipe_gets_no_colour_and_a_terminal_does(self) -> None:
        assert "\x1b" not in FACES["terminal"](sample())
        page = io.StringIO()
        print_report(sample(), Console(file=page, force_terminal=True, color_system="truecolor", width=80))
        assert "\x1b[" in page.getvalue()
        assert "\x1b[31mred" not in page.getvalue()

    def test_cluster_text_is_no_markup(self) -> None:
        text = FACES["terminal"](sample())
        assert "[bold]x|y`z`red" in text
        assert "\u202e" not in text

    def test_any_width_is_served(self) -> None:
        for width in (40, 60, 120, 200):
            page = io.StringIO()
            print_report(sample(), Console(file=page, width=width, no_color=True))
            assert "Not checked" in page.getvalue()


class TestMarkdown:
    def test_tables_have_six_columns_and_hold_their_shape(self) -> None:
        text = FACES["markdown"](sample())
        for line in text.splitlines():
            if line.startswith("|"):
                cells = line.replace("\\\\", "").replace("\\|", "").count("|") - 1
                assert cells in (3, 6), line

    def test_no_tag_of_a_tenant_is_left(self) -> None:
        text = FACES["markdown"](sample())
        outside = [part for number, part in enumerate(text.split("``")) if number % 2 == 0]
        assert "<script" not in "".join(outside)

    def test_hostile_text_starts_no_link_mention_list_or_markup(self) -> None:
        from reports.faces.markdown import code, inert

        assert inert("[x](javascript:alert(1))") == "\\[x\\](javascript:alert(1))"
        assert (
            inert("see https://evil.example www.evil.example")
            == "see https:\\//evil.example www\\.evil.example"
        )
        assert inert("@everyone a@b") == "`@`everyone a@b"
        assert inert("# not a heading") == "\\# not a heading"
        assert inert("1. not a list") == "1\\. not a list"
        assert inert("a\n\n# b") == "a # b"
        assert inert("&lt;b&gt; <b> **x** _y_ a_b") == "&amp;lt;b&amp;gt; &lt;b\\> \\*\\*x\\*\\* \\_y\\_ a_b"
        assert code("a`b``c") == "```a`b``c```"
        assert code("`x`") == "`` `x` ``"
        assert code("") == "`–`"

    def test_random_text_closes_no_code_span(self) -> None:
        from reports.faces.markdown import code

        dice = random.Random(7)
        for _ in range(500):
            words = "".join(dice.choice("`x \n|") for _ in range(12))
            span = str(code(words))
            fence = len(span) - len(span.lstrip("`"))
            assert span.endswith("`" * fence)
            assert all(len(run) < fence for run in re.findall("`+", span[fence:-fence]))
            assert "\n" not in span
