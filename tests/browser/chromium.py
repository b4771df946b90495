"""
A real Chromium without a window, spoken to by its own debugging protocol: everything that a page does is written down.

No name is resolved and no proxy answers, so nothing leaves the machine whatever a page tries.
"""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-default-apps", "--metrics-recording-only", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9",
)  # fmt: skip
POKE = """
(() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const element of document.querySelectorAll("*")) {
    for (const kind of ["mouseover", "mouseenter", "focus", "load", "error", "toggle", "animationstart", "begin"])
      element.dispatchEvent(new Event(kind, {bubbles: false}));
    if (element.focus) element.focus();
  }
  const filter = document.getElementById("filter");
  if (filter) { filter.value = "train"; filter.dispatchEvent(new Event("input")); }
  const pressed = document.querySelectorAll("button");
  for (const button of pressed) button.click();
  return [window.deepscanRan === undefined, pressed.length, document.title.length, location.protocol];
})()
"""
"""What an impatient reader does, and more: everything is opened, hovered, focused and pressed."""


def binary() -> str | None:
    """Chromium on this machine, None without one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Seen:
    """What a page did: requests beside itself, dialogs, lines of the console, navigations, what :data:`POKE` gave."""

    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    state: list[Any] = field(default_factory=list)

    @property
    def hits(self) -> list[str]:
        """All of it that should not be."""
        hits = [f"request {url[:100]}" for url in self.requests] + [f"dialog {text}" for text in self.dialogs]
        hits += [f"console {text[:160]}" for text in self.console] + [
            f"went to {url[:100]}" for url in self.places[1:]
        ]
        return hits + ["a script of theirs ran"] * (not self.state or self.state[0] is not True)


class Browser:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._session = ""
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._loaded = asyncio.Event()
        self._seen = Seen()
        self._page = ""

    async def listen(self) -> None:
        """Take what the browser says, until it ends."""
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told.get("result", told.get("error")))
            else:
                await self._happened(told["method"], told["params"])

    async def call(self, method: str, session: bool = True, **parameters: Any) -> Any:
        """One command and its answer."""
        sending = self._send(method, session, **parameters)
        async with asyncio.timeout(30):
            return await (await sending)

    async def open_tab(self) -> None:
        """A tab that tells everything."""
        target = await self.call("Target.createTarget", session=False, url="about:blank")
        attached = await self.call(
            "Target.attachToTarget", session=False, targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Security"):
            await self.call(f"{domain}.enable")

    async def visit(self, page: Path) -> Seen:
        """Open a file, poke at it, and tell what it did."""
        self._seen, self._page = Seen(), page.resolve().as_uri()
        self._loaded.clear()
        await self.call("Page.navigate", url=self._page)
        async with asyncio.timeout(30):
            await self._loaded.wait()
        poked = await self.call("Runtime.evaluate", expression=POKE, returnByValue=True)
        self._seen.state = poked["result"].get("value") or []
        await self.call(
            "Runtime.evaluate", expression="new Promise(r => setTimeout(r, 30))", awaitPromise=True
        )
        return self._seen

    async def _send(self, method: str, session: bool, **parameters: Any) -> asyncio.Future[Any]:
        self._number += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._number] = answer
        command: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        await self._socket.send_json(command | ({"sessionId": self._session} if session else {}))
        return answer

    async def _happened(self, method: str, told: dict[str, Any]) -> None:
        seen = self._seen
        if method == "Network.requestWillBeSent" and told["request"]["url"] != self._page:
            seen.requests.append(told["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            seen.dialogs.append(told["message"])
            await self._send("Page.handleJavaScriptDialog", True, accept=False)
        elif method == "Runtime.consoleAPICalled":
            seen.console.append(str([argument.get("value") for argument in told["args"]]))
        elif method == "Log.entryAdded":
            seen.console.append(f"{told['entry']['source']}: {told['entry']['text']}")
        elif method == "Runtime.exceptionThrown":
            seen.console.append(told["exceptionDetails"]["text"])
        elif method in ("Page.frameNavigated", "Page.windowOpen"):
            seen.places.append(told.get("url") or told["frame"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded.set()


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Browser]:
    """A browser with a profile of its own; it ends with the block."""
    program = binary()
    assert program
    process = await asyncio.create_subprocess_exec(
        program, *FLAGS, f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    try:
        async with asyncio.timeout(60):
            while not (
                found := re.search(rb"DevTools listening on (ws://\S+)", await process.stderr.readline())
            ):
                assert process.returncode is None, "chromium ended"
        address = found[1].decode()
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
            tab = Browser(socket)
            tasks = [asyncio.create_task(tab.listen()), asyncio.create_task(process.stderr.read())]
            await tab.open_tab()
            yield tab
            for task in tasks:
                task.cancel()
    finally:
        process.terminate()
        async with asyncio.timeout(20):
            await process.wait()
