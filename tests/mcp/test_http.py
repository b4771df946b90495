"""On loopback only who has the token is heard, and no page of a browser ever is."""

import socket
from pathlib import Path

import aiohttp

from tests.mcp.client import Listening, client_of, over_http, reply

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def headers(server: Listening, **more: str) -> dict[str, str]:
    usual = {
        "Authorization": f"Bearer {server.token}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }
    return {name: value for name, value in (usual | more).items() if value}


async def test_a_client_with_the_token_lists_reads_and_asks(report: Path) -> None:
    async with over_http("--from", report) as server:
        assert server.url.startswith("http://127.0.0.1:")
        async with client_of(server) as client:
            assert len((await client.list_tools()).tools) == 10
            page = reply(await client.call_tool("list_problems", {"limit": 3}))
            assert len(page["untrusted"]["rows"]) == 3
            page = reply(await client.call_tool("query", {"question": "CronJobs that fail"}))
            assert page["untrusted"]["query"] == {"views": ["cronjobs"]}


async def test_who_has_no_right_is_refused_and_told_nothing(report: Path) -> None:
    async with over_http("--from", report) as server, aiohttp.ClientSession() as session:
        port = server.port
        cases = [
            (200, {}),
            (401, {"Authorization": ""}),
            (401, {"Authorization": "Bearer wrong"}),
            (401, {"Authorization": f"Bearer {server.token[:-1]}"}),
            (401, {"Authorization": f"bearer {server.token}"}),
            (401, {"Authorization": f"Basic {server.token}"}),
            (403, {"Origin": "https://evil.example"}),
            (403, {"Origin": "null"}),
            (403, {"Origin": f"https://127.0.0.1:{port}"}),
            (403, {"Origin": f"http://127.0.0.1:{port}.evil.example"}),
            (421, {"Host": "evil.example"}),
            (421, {"Host": f"evil.example:{port}"}),
            (421, {"Host": "127.0.0.1:1"}),
            (200, {"Origin": f"http://127.0.0.1:{port}"}),
            (200, {"Host": f"localhost:{port}"}),
        ]
        for status, more in cases:
            async with session.post(server.url, json=CALL, headers=headers(server, **more)) as answer:
                body = await answer.text()
                assert answer.status == status, (more, body)
                assert ("list_scans" in body) == (status == 200), more
                assert server.token not in body
                assert "Access-Control-Allow-Origin" not in answer.headers


async def test_every_method_and_path_is_behind_the_token(report: Path) -> None:
    async with over_http("--from", report) as server, aiohttp.ClientSession() as session:
        for method in ("GET", "POST", "DELETE", "OPTIONS", "PUT", "HEAD"):
            for path in ("/mcp", "/", "/mcp/", "/docs"):
                url = server.url.replace("/mcp", path)
                async with session.request(method, url, headers=headers(server, Authorization="")) as answer:
                    assert answer.status == 401, (method, path)


async def test_a_body_that_is_too_large_is_refused(report: Path) -> None:
    async with over_http("--from", report) as server, aiohttp.ClientSession() as session:
        huge = CALL | {"params": {"pad": "x" * 1_000_000}}
        async with session.post(server.url, json=huge, headers=headers(server)) as answer:
            assert answer.status == 413
        async with session.post(server.url, json=CALL, headers=headers(server)) as answer:
            assert answer.status == 200


async def test_it_listens_on_loopback_alone(report: Path) -> None:
    """As the kernel tells it: every socket that listens on the port is bound to 127.0.0.1."""
    async with over_http("--from", report) as server:
        listening = []
        for table in map(Path, ("/proc/net/tcp", "/proc/net/tcp6")):
            rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
            listening += [
                row[1] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == server.port
            ]
        assert listening == [f"0100007F:{server.port:04X}"]


async def test_the_token_is_new_at_every_start_and_printed_once(report: Path) -> None:
    async with over_http("--from", report) as first, over_http("--from", report) as second:
        assert first.token != second.token
        assert len(first.token) >= 43
        assert "".join(first.err).count(first.token) == 1


async def test_a_port_that_is_taken_is_told(report: Path) -> None:
    from tests.swarm.cli.command import deepscan

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = deepscan("mcp", "--from", report, "--http", str(taken.getsockname()[1]))
    assert ended.status == 2 and "cannot listen" in ended.err and "Bearer" not in ended.err
