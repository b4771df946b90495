"""Whole HTTP responses, built once: status line, headers, and a body framed in chunks as Go frames it."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum

GO_CHUNK = 2048  # net/http's bufferBeforeChunkingSize: what a gzip writer's output comes out as
REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
}
REASONS |= {410: "Gone", 429: "Too Many Requests"}


class Framing(StrEnum):
    """How list bodies leave the server."""

    GZIP = "gzip"  # gzip for those who take it, in 2 KB chunks
    PAGE = "page"  # plain, a page in one chunk (before 1.33)
    ITEM = "item"  # plain, a chunk an item (the streaming encoder, from 1.33)


def chunked(parts: Iterable[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def pieces(body: bytes, size: int = GO_CHUNK) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


class Answers:
    """Builds responses that all carry the data's own time as their date."""

    def __init__(self, now: float) -> None:
        self._date = email.utils.formatdate(now, usegmt=True)

    def head(self, status: int, headers: dict[str, str]) -> bytes:
        fixed = {"Audit-Id": "7c1f0a52-6d3e-4b8f-9a21-5e0d4c3b2a19", "Cache-Control": "no-cache, private"}
        lines = [f"HTTP/1.1 {status} {REASONS[status]}"]
        lines += [f"{name}: {value}" for name, value in {**fixed, **headers, "Date": self._date}.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def sized(
        self, body: bytes, status: int = 200, content_type: str = "application/json", retry_after: int = 0
    ) -> bytes:
        headers = {"Content-Type": content_type, "Content-Length": str(len(body))}
        if retry_after:
            headers["Retry-After"] = str(retry_after)
        return self.head(status, headers) + body

    def document(self, value: object, status: int = 200, content_type: str = "application/json") -> bytes:
        return self.sized(json.dumps(value, separators=(",", ":")).encode() + b"\n", status, content_type)

    def status(self, code: int, reason: str, message: str, *, token: str = "", retry_after: int = 0) -> bytes:
        """A refusal in the API's own words (meta/v1 Status)."""
        failure = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": token} if token else {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            **({"details": {"retryAfterSeconds": retry_after}} if retry_after else {}),
            "code": code,
        }
        body = json.dumps(failure, separators=(",", ":")).encode() + b"\n"
        return self.sized(body, code, retry_after=retry_after)

    def streamed(self, parts: Iterable[bytes], *, encoding: str = "") -> bytes:
        headers = {"Content-Encoding": encoding} if encoding else {}
        headers |= {
            "Content-Type": "application/json",
            "Vary": "Accept-Encoding",
            "Transfer-Encoding": "chunked",
        }
        return self.head(200, headers) + chunked(parts)
