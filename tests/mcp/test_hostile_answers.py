"""Whatever a tenant wrote reaches an agent as data in one place, without a character that acts."""

import json
from pathlib import Path

from tests.hostile.inert import unprintable
from tests.hostile.payloads import PAYLOADS
from tests.hostile.reports import tame
from tests.hostile.slots import attacked
from tests.mcp.client import over_pipes, reply

TRUSTED = {
    "notice", "scan", "now", "partial", "coverage_percent", "checks_not_measured", "total", "offset", "next_offset",
    "summary", "of", "gpu_hours", "old", "new", "why", "untrusted",
}  # fmt: skip


async def test_no_answer_holds_a_control_character_and_cluster_text_is_in_its_place(tmp_path: Path) -> None:
    answers = 0
    base = tame()
    for number, batch in enumerate(PAYLOADS[at : at + 25] for at in range(0, len(PAYLOADS), 25)):
        path = tmp_path / f"{number}.json"
        path.write_text(attacked(base, " ".join(batch)).to_json())
        problem, finding = base.problems[0].id, base.problems[0].root.finding
        async with over_pipes("--from", path) as client:
            for tool, arguments in [
                ("list_scans", {}), ("get_summary", {}), ("list_problems", {}), ("get_problem", {"id": problem}),
                ("list_findings", {}), ("get_evidence", {"id": finding}), ("gpu_ledger", {}),
                ("query", {"question": "what is my cluster doing?"}), ("query", {"query": {"views": ["findings"]}}),
                ("diff_scans", {"old": base.scan.id}),
            ]:  # fmt: skip
                result = await client.call_tool(tool, arguments)
                text = result.content[0].text  # type: ignore[union-attr]
                assert unprintable(text, "") == set(), (number, tool)
                told = reply(result)
                assert set(told) <= TRUSTED, tool
                ours = json.dumps({name: value for name, value in told.items() if name != "untrusted"})
                assert "evil" not in ours and "deepscanRan" not in ours, tool
                answers += 1
    assert answers == 10 * -(-len(PAYLOADS) // 25)


async def test_what_is_refused_quotes_nothing_that_acts(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(tame().to_json())
    async with over_pipes("--from", path) as client:
        for payload in PAYLOADS:
            result = await client.session.call_tool("get_problem", {"id": payload[:80]})
            assert result.is_error
            assert unprintable(result.content[0].text, "") == set(), payload  # type: ignore[union-attr]
