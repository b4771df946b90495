"""Whatever a tenant wrote reaches an agent as data in one place, without a character that acts."""

import json
from pathlib import Path

from swarm.mcp.library import Library
from swarm.mcp.tools import TOOLS
from tests.hostile.inert import unprintable
from tests.hostile.payloads import PAYLOADS
from tests.hostile.reports import tame
from tests.hostile.slots import attacked
from tests.mcp.client import answered, over_pipes

TRUSTED = {
    "notice", "scan", "now", "partial", "coverage_percent", "checks_not_measured", "total", "offset", "next_offset",
    "summary", "of", "gpu_hours", "old", "new", "why", "page", "untrusted",
}  # fmt: skip


def test_no_answer_holds_a_control_character_and_cluster_text_is_in_its_place(tmp_path: Path) -> None:
    """The server's own answers, without the pipe: every payload in every text of a report, asked for by every tool."""
    base, path, answers = tame(), tmp_path / "report.json", 0
    problem, finding = base.problems[0].id, base.problems[0].root.finding
    calls: dict[str, dict[str, object]] = {
        "list_scans": {}, "get_summary": {}, "list_problems": {}, "get_problem": {"id": problem}, "list_findings": {},
        "get_evidence": {"id": finding}, "query": {"query": {"views": ["findings"]}}, "gpu_ledger": {},
        "diff_scans": {"old": base.scan.id}, "explain_check": {"code": "OOM102"},
    }  # fmt: skip
    assert set(calls) == {tool.name for tool in TOOLS}
    for payload in PAYLOADS:
        path.write_text(attacked(base, payload).to_json())
        library = Library([path], None)
        for tool in TOOLS:
            (content,) = answered(tool, library, calls[tool.name]).content
            text = content.text  # type: ignore[union-attr]
            assert unprintable(text, "") == set(), (tool.name, payload)
            told = json.loads(text)
            assert set(told) <= TRUSTED, tool.name
            ours = json.dumps({name: value for name, value in told.items() if name != "untrusted"})
            assert "evil" not in ours and "deepscanRan" not in ours, tool.name
            answers += 1
    print(f"{len(PAYLOADS)} payloads, {answers} answers of {len(TOOLS)} tools")


async def test_what_is_refused_quotes_nothing_that_acts(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(tame().to_json())
    async with over_pipes("--from", path) as client:
        for payload in PAYLOADS:
            result = await client.session.call_tool("get_problem", {"id": payload[:80]})
            assert result.is_error
            assert unprintable(result.content[0].text, "") == set(), payload  # type: ignore[union-attr]
