"""A question asked through the server has the rows that ``deepscan ask`` prints, and no more certainty."""

import json
from pathlib import Path

from tests.mcp.client import over_pipes, reply
from tests.swarm.cli.command import deepscan

QUESTIONS = (
    "GPU allocation ratio per node pool",
    "CronJobs that fail, with their last success",
    "network policy gaps in ml-research",
    "what is my cluster doing?",
)


async def test_a_question_has_the_rows_of_ask_and_so_has_its_query(report: Path) -> None:
    rows = 0
    async with over_pipes("--from", report) as client:
        for question in QUESTIONS:
            ours = json.loads(deepscan("ask", question, "--from", report, "--format", "json=-").out)
            told = reply(await client.call_tool("query", {"question": question, "limit": 100}))["untrusted"]
            assert [table["seen"] for table in told["tables"]] == [table["seen"] for table in ours["tables"]]
            for table, same in zip(told["tables"], ours["tables"], strict=True):
                assert [row["finding"] for row in table["rows"]] == [row["finding"] for row in same["rows"]]
                assert table["total"] == len(same["rows"]) + same["left_out"]
                rows += len(table["rows"])
            again = reply(await client.call_tool("query", {"query": told["query"], "limit": 100}))[
                "untrusted"
            ]
            assert again["tables"] == told["tables"], question
    assert rows > 15


async def test_what_was_not_understood_is_no_answer(report: Path) -> None:
    async with over_pipes("--from", report) as client:
        told = reply(await client.call_tool("query", {"question": "colourless green ideas"}))["untrusted"]
    assert "tables" not in told
    assert told["not_understood"]["why"] and told["not_understood"]["examples"]


async def test_what_could_not_be_seen_is_no_none(tmp_path: Path) -> None:
    (tmp_path / "pods.json").write_text('{"kind": "PodList", "apiVersion": "v1", "items": []}')
    blind = tmp_path / "blind" / "report.json"
    ended = deepscan(
        "run",
        "--from",
        tmp_path / "pods.json",
        "-q",
        "--now",
        "2026-11-19T02:00:00Z",
        "--format",
        f"json={blind}",
    )
    assert ended.status == 0, ended.err
    async with over_pipes("--from", blind) as client:
        told = reply(await client.call_tool("query", {"question": "CronJobs that fail"}))["untrusted"]
    assert [table["seen"] for table in told["tables"]] == ["cannot-tell"]
    assert told["tables"][0]["missing"]


async def test_rows_come_in_pages(report: Path) -> None:
    async with over_pipes("--from", report) as client:
        asked = {"question": "network policy gaps", "limit": 100}
        (whole,) = reply(await client.call_tool("query", asked))["untrusted"]["tables"]
        assert whole["total"] > 2
        pages = []
        for offset in range(0, whole["total"], 2):
            page = reply(await client.call_tool("query", asked | {"limit": 2, "offset": offset}))
            pages += page["untrusted"]["tables"][0]["rows"]
    assert pages == whole["rows"]
