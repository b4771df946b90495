"""
AWS on the loopback: moto's server, with a front that records every call, fills what moto leaves out, and says no when a
test wants it to.
"""

import asyncio
import json
import logging
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Self

import aiohttp
from aiohttp import web
from moto.server import ThreadedMotoServer

from swarm.sources.aws.session import USER_AGENT

from .wire import Call, call_of, refused

SILENCE = web.Response(status=599)
"""What a rule gives for a call that is never answered."""

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
"""Those that the account has switched on; moto would name them all, and takes a second to wake each."""

Rule = Callable[[Call], web.Response | None]
Patch = Callable[[dict[str, Any]], dict[str, Any]]

QUOTA = {
    "ServiceCode": "ec2", "QuotaArn": "arn:aws:servicequotas:us-east-1:111111111111:ec2/L-DB2E81BA",
    "QuotaCode": "L-DB2E81BA", "QuotaName": "Running On-Demand G and VT instances", "Value": 64.0,
    "Unit": "None", "Adjustable": True,
}  # fmt: skip
OTHER_QUOTA = {
    "ServiceCode": "ec2",
    "QuotaCode": "L-0263D0A3",
    "QuotaName": "EC2-VPC Elastic IPs",
    "Value": 5.0,
}
HOP = ("content-length", "transfer-encoding", "connection", "content-encoding")


def _no_rule(_: Call) -> web.Response | None:
    return None


class AwsFront:
    """
    One URL for all services. ``calls`` are those that came; ``rule`` may answer one before moto is asked.
    ``of_deepscan`` counts what deepscan itself asked for in the whole run, by service and operation; ``secrets`` are
    all secret keys by access key, those of assumed roles too.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.of_deepscan: Counter[tuple[str, str]] = Counter()
        self.rule: Rule = _no_rule
        self.regions = REGIONS
        self.secrets = {"testing": "testing"}
        self.patches: dict[tuple[str, str], Patch] = {}
        self.url = ""
        self._moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._loop = asyncio.new_event_loop()
        self.moto = ""
        self._session: aiohttp.ClientSession | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="aws-front", daemon=True)

    def start(self) -> Self:
        # images that nobody asks for, at a second a region
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._moto.start()
        host, port = self._moto.get_host_and_port()
        self.moto = f"http://{host}:{port}"
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._moto.stop()

    def forget(self) -> None:
        """As new: nothing recorded, no rule. What moto holds stays."""
        self.calls.clear()
        self.rule, self.regions = _no_rule, REGIONS

    def counted(self) -> Counter[str]:
        """How often each operation was asked for, as permissions name them."""
        return Counter(call.permission for call in self.calls)

    def _lent(self, answer: str) -> None:
        """Remember the keys that were lent, so that what is signed with them can be checked."""
        key = re.search("<AccessKeyId>(.+?)</AccessKeyId>", answer)
        secret = re.search("<SecretAccessKey>(.+?)</SecretAccessKey>", answer)
        if key and secret:
            self.secrets[key[1]] = secret[1]

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        if self._session is not None:
            self._loop.run_until_complete(self._session.close())

    async def _start(self) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=16 << 20)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        call = call_of(request, body)
        self.calls.append(call)
        if request.headers.get("User-Agent", "").startswith(USER_AGENT):
            self.of_deepscan[call.service, call.operation] += 1
        answer = self.rule(call)
        if answer is SILENCE:
            await asyncio.sleep(3600)
        if answer is not None:
            return answer
        if call.operation == "DescribeRegions":
            return _regions(self.regions)
        if call.operation == "ListServiceQuotas":
            return web.json_response(
                {"Quotas": [QUOTA, OTHER_QUOTA]}, content_type="application/x-amz-json-1.1"
            )
        return await self._forwarded(request, body, call)

    async def _forwarded(self, request: web.Request, body: bytes, call: Call) -> web.Response:
        assert self._session is not None
        async with self._session.request(
            request.method,
            self.moto + request.path_qs,
            data=body,
            headers=request.headers,
            allow_redirects=False,
        ) as answer:
            told = await answer.read()
            if call.operation == "AssumeRole":
                self._lent(told.decode())
            patch = self.patches.get((call.service, call.operation))
            if patch is not None and answer.status == 200:
                told = json.dumps(patch(json.loads(told))).encode()
            headers = {key: value for key, value in answer.headers.items() if key.lower() not in HOP}
            return web.Response(status=answer.status, body=told, headers=headers)


def _regions(names: Iterable[str]) -> web.Response:
    items = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        "<optInStatus>opt-in-not-required</optInStatus></item>"
        for name in names
    )
    body = (
        '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>r</requestId><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )
    return web.Response(text=body, content_type="text/xml")


def denying(*permissions: str, message: str = "not authorized", region: str = "") -> Rule:
    """A rule that denies these, everywhere or in one region."""

    def rule(call: Call) -> web.Response | None:
        if call.permission not in permissions or region not in ("", call.region):
            return None
        code = "UnauthorizedOperation" if call.service == "ec2" else "AccessDeniedException"
        return refused(call, code, f"User: arn:aws:iam::111111111111:user/x is {message}: {call.permission}")

    return rule
