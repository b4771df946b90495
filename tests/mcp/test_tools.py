"""An agent lists, reads and asks over a finished report, and gets nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swarm.mcp.arguments import LARGEST
from swarm.mcp.reply import MOST
from tests.mcp.client import NIGHT_BEFORE, MCPError, over_pipes, refusal, reply
from tests.swarm.cli.command import deepscan

TOOLS = [
    "list_scans", "get_summary", "list_problems", "get_problem", "list_findings", "get_evidence", "query",
    "diff_scans", "gpu_ledger", "explain_check",
]  # fmt: skip


async def test_the_tools_are_the_ten_of_the_contract_and_all_only_read(report: Path) -> None:
    async with over_pipes("--from", report) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == TOOLS
        for tool in tools:
            assert tool.annotations is not None
            assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
            assert tool.input_schema["additionalProperties"] is False
        assert client.server_capabilities.prompts is None
        assert client.server_capabilities.resources is None
        assert "never an instruction" in (client.instructions or "")


async def test_the_descriptions_cost_a_reader_less_than_3000_tokens(report: Path) -> None:
    """Counted as if a token were three characters, which no common tokenizer exceeds on English and JSON."""
    async with over_pipes("--from", report) as client:
        tools = (await client.list_tools()).tools
        told = json.dumps([tool.model_dump(by_alias=True, exclude_none=True) for tool in tools])
        told += client.instructions or ""
    tokens = -(-len(told) // 3)
    print(f"tool descriptions: {len(told)} characters, at most {tokens} tokens")
    assert tokens < 3000


async def test_problems_are_those_of_the_report_in_its_order(report: Path, told: dict[str, Any]) -> None:
    async with over_pipes("--from", report) as client:
        rows, offset = [], 0
        while True:
            page = reply(await client.call_tool("list_problems", {"offset": offset, "limit": 7}))
            rows += page["untrusted"]["rows"]
            if page["next_offset"] is None:
                break
            offset = page["next_offset"]
    assert [row["id"] for row in rows] == [problem["id"] for problem in told["problems"]]
    assert page["total"] == len(rows) > 20
    assert page["coverage_percent"] == told["summary"]["coverage_percent"]


async def test_a_problem_its_findings_and_their_evidence_can_be_followed(
    report: Path, told: dict[str, Any]
) -> None:
    first = told["problems"][0]
    async with over_pipes("--from", report) as client:
        whole = reply(await client.call_tool("get_problem", {"id": first["id"][:8]}))["untrusted"]
        assert whole["problem"]["cause"] == first["cause"]
        assert [row["id"] for row in whole["explains"]] == first["findings"][:40]
        commands = [step["command"] for step in first["remediation"]["steps"] if step["command"]]
        assert commands and commands == [
            step["command"] for step in whole["problem"]["remediation"]["steps"] if step["command"]
        ]
        rows = reply(await client.call_tool("get_evidence", {"id": first["root"]["finding"]}))["untrusted"][
            "rows"
        ]
    (finding,) = [f for f in told["findings"] if f["id"] == first["root"]["finding"]]
    assert [row["id"] for row in rows] == [row["id"] for row in finding["evidence"]]
    assert rows[0]["path"] == finding["evidence"][0]["path"]


FILTERS: list[tuple[dict[str, str], Callable[[dict[str, Any]], bool]]] = [
    ({"min_severity": "high"}, lambda f: f["severity"] in ("critical", "high")),
    ({"concern": "gpu"}, lambda f: f["concern"] == "gpu"),
    ({"namespace": "team-vision"}, lambda f: f["subject"]["namespace"] == "team-vision"),
    ({"kind": "job"}, lambda f: f["subject"]["kind"] == "Job"),
    ({"name": "*-finetune"}, lambda f: f["subject"]["name"].endswith("-finetune")),
    ({"code": "wrk101"}, lambda f: f["code"] == "WRK101"),
]


async def test_findings_are_filtered(report: Path, told: dict[str, Any]) -> None:
    async with over_pipes("--from", report) as client:
        for filters, holds in FILTERS:
            page = reply(await client.call_tool("list_findings", {**filters, "limit": 100}))
            wanted = [finding["id"] for finding in told["findings"] if holds(finding)]
            assert [row["id"] for row in page["untrusted"]["rows"]] == wanted, filters
            assert 0 < page["total"] == len(wanted) < len(told["findings"]), filters


async def test_the_summary_tells_gaps_before_anybody_believes_the_numbers(tmp_path: Path) -> None:
    manifests = tmp_path / "pods.json"
    manifests.write_text('{"kind": "PodList", "apiVersion": "v1", "items": []}')
    scanned = tmp_path / "blind.json"
    assert (
        deepscan(
            "run", "--from", manifests, "-q", "--now", "2026-11-19T02:00:00Z", "--format", f"json={scanned}"
        ).status
        == 0
    )
    async with over_pipes("--from", scanned) as client:
        page = reply(await client.call_tool("get_summary", {}))
        rows = reply(await client.call_tool("list_findings", {}))
    assert page["untrusted"]["gaps"]
    assert rows["total"] == 0 and rows["checks_not_measured"] > 10


async def test_two_scans_are_compared(report: Path, told: dict[str, Any]) -> None:
    before = json.loads(NIGHT_BEFORE.read_text())["scan"]["id"]
    async with over_pipes("--from", report, "--from", NIGHT_BEFORE) as client:
        scans = reply(await client.call_tool("list_scans", {}))["untrusted"]["rows"]
        assert [(scan["id"], scan["source"]) for scan in scans] == [
            (told["scan"]["id"], report.name), (before, NIGHT_BEFORE.name),
        ]  # fmt: skip
        page = reply(await client.call_tool("diff_scans", {"old": before, "limit": 100}))
    ours = json.loads(deepscan("diff", NIGHT_BEFORE, report, "--format", "json=-").out)
    assert page["summary"] == ours["summary"]
    assert page["summary"]["new"] > 0
    assert {row["id"] for row in page["untrusted"]["rows"]} == {
        row["id"] for row in ours["problems"] if row["state"] != "persisting"
    }


async def test_the_ledger_adds_up(report: Path, told: dict[str, Any]) -> None:
    async with over_pipes("--from", report) as client:
        page = reply(await client.call_tool("gpu_ledger", {}))
    assert page["gpu_hours"] == told["ledger"]["gpu_hours"]
    pools = page["untrusted"]["rows"]
    assert [pool["pool"] for pool in pools] == [pool["pool"] for pool in told["ledger"]["pools"]]
    for pool, whole in zip(pools, told["ledger"]["pools"], strict=True):
        assert sum(pool["gpus_by_state"].values()) == len(whole["cells"])


async def test_a_check_is_explained(report: Path) -> None:
    async with over_pipes("--from", report) as client:
        page = reply(await client.call_tool("explain_check", {"code": "oom102"}))
    assert "## When it is wrong" in page["page"]


async def test_remembered_scans_are_served(tmp_path: Path, report: Path) -> None:
    history = tmp_path / "history.db"
    assert (
        deepscan("run", "--demo", "-q", "--history", history, "--format", f"json={tmp_path}/x.json").status
        == 0
    )
    async with over_pipes(DEEPSCAN_HISTORY=str(history)) as client:
        (scan,) = reply(await client.call_tool("list_scans", {}))["untrusted"]["rows"]
        assert scan["source"] == "history"
        page = reply(await client.call_tool("list_problems", {"scan": scan["id"][:6]}))
        assert page["scan"] == scan["id"] and page["total"] > 20


async def test_an_answer_stays_small_however_large_the_report(tmp_path: Path, told: dict[str, Any]) -> None:
    large = json.loads(json.dumps(told))
    large["findings"][0]["message"] = "x" * 100_000
    large["findings"][0]["facts"] = {f"key{i}": ["y" * 5000] * 500 for i in range(50)}
    large["problems"][0]["cause"] = "z" * 500_000
    large["problems"][0]["unknowns"] = ["w" * 3000] * 4000
    path = tmp_path / "large.json"
    path.write_text(json.dumps(large))
    name = large["findings"][0]["id"]
    async with over_pipes("--from", path) as client:
        for tool, arguments in [
            ("list_findings", {"limit": 100}), ("get_problem", {"id": large["problems"][0]["id"]}),
            ("get_evidence", {"id": name, "limit": 100}), ("get_summary", {}), ("list_problems", {"limit": 100}),
        ]:  # fmt: skip
            result = await client.call_tool(tool, arguments)
            assert len(result.content[0].text) <= MOST, tool  # type: ignore[union-attr]
            page = reply(result)
            if tool == "list_findings":
                assert page["next_offset"] == len(page["untrusted"]["rows"]) < page["total"]
                assert page["untrusted"]["rows"][0]["id"] == name


async def test_an_unlisted_tool_is_refused(report: Path) -> None:
    async with over_pipes("--from", report) as client:
        for tool in ("run", "scan", "start_scan", "list_scans ", "../list_scans", "suppress", ""):
            with pytest.raises(MCPError, match="no such tool"):
                await client.session.call_tool(tool, {})


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("get_problem", {"id": "p" * 1_000_000}, f"larger than {LARGEST}"),
    ("get_problem", {"id": "p" * 1000}, "at most 80"),
    ("list_findings", {"name": "*" * 5000}, "at most 253"),
    ("list_problems", {"limit": 10_000}, "less than or equal to 100"),
    ("list_problems", {"offset": -1}, "greater than or equal to 0"),
    ("list_problems", {"path": "/etc/passwd"}, "Extra inputs"),
    ("get_problem", {"id": "p-", "scan": "/etc/passwd"}, "no stored scan"),
    ("get_problem", {}, "Field required"),
    ("explain_check", {"code": "NOPE1"}, "no check named"),
    ("query", {}, "either a question or a query"),
    ("query", {"question": "q" * 501}, "at most 500"),
    ("query", {"query": {"views": ["problems"], "sql": "drop"}}, "Extra inputs"),
]


async def test_arguments_that_are_huge_or_unknown_are_refused(report: Path) -> None:
    async with over_pipes("--from", report) as client:
        for tool, arguments, why in REFUSED:
            said = refusal(await client.session.call_tool(tool, arguments))
            assert why in said, tool
            assert len(said) < 1000
            reply(await client.call_tool("list_scans", {}))  # and it goes on answering


async def test_a_file_of_the_machine_is_no_scan(report: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_bytes(report.read_bytes())
    async with over_pipes("--from", report, cwd=tmp_path) as client:
        for scan in ("other.json", "./other.json", "file:other.json", "../other.json"):
            assert "no stored scan" in refusal(await client.call_tool("get_summary", {"scan": scan}))


def test_without_the_extra_it_says_how_to_install_it(report: Path, hidden_extra: dict[str, str]) -> None:
    ended = deepscan("mcp", "--from", report, **hidden_extra)
    assert ended.status == 2
    assert "needs the extra mcp" in ended.err and "pip install 'deepscan-swarm[mcp]'" in ended.err
    assert "Traceback" not in ended.err and ended.out == ""


def test_a_file_that_is_no_report_is_told_before_anything_is_served(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    ended = deepscan("mcp", "--from", path)
    assert ended.status == 2 and "not a deepscan report" in ended.err


def test_help_does_not_need_the_extra(hidden_extra: dict[str, str]) -> None:
    ended = deepscan("mcp", "--help", **hidden_extra)
    assert ended.status == 0 and re.search(r"--http\s+PORT", ended.out)


async def test_the_server_opens_no_connection(report: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*arguments, **more): raise AssertionError('a connection was tried')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse\n"
    )
    async with over_pipes("--from", report, first=tmp_path) as client:
        for tool in ("list_scans", "get_summary", "list_problems", "list_findings", "gpu_ledger"):
            reply(await client.call_tool(tool, {}))
        reply(await client.call_tool("query", {"question": "CronJobs that fail"}))
