"""
Tests set the stage through the API server, as an administrator, and must not use the code under test for it.

A blocking client on purpose: the control plane lives for the whole session, while each asynchronous test has
an event loop of its own. It may be used from several threads; each keeps its own connection.
"""

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

Json: TypeAlias = dict[str, Any]

FIELD_MANAGER = "deepscan-test"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


class ApiError(Exception):
    """The API server said no: its status code, reason and message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class Client:
    """Create, read, change and delete any object, by its own apiVersion and kind."""

    def __init__(self, url: str, tls: ssl.SSLContext, token: str | None = None) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port
        self._tls = tls
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._connections = threading.local()
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def create(self, item: Json) -> Json:
        return self._json("POST", self._collection(item), item, {"fieldManager": FIELD_MANAGER})

    def apply(self, item: Json) -> Json:
        """Server-side apply: creates the object or makes it as given."""
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        return self._json("PATCH", self._path_of(item), item, query, APPLY_PATCH)

    def apply_all(self, items: Iterable[Json]) -> list[Json]:
        return [self.apply(item) for item in items]

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Json:
        return self._json("GET", self.path(api_version, kind, namespace, name))

    def list(self, api_version: str, kind: str, namespace: str = "", **query: str) -> "list[Json]":
        """The items, each with apiVersion and kind; `query` as the API names it (labelSelector=…)."""
        answer = self._json("GET", self.path(api_version, kind, namespace), None, query)
        return [{"apiVersion": api_version, "kind": kind, **item} for item in answer.get("items") or []]

    def patch(self, item: Json, change: Json, content_type: str = MERGE_PATCH) -> Json:
        """Changes the object that `item` names by a merge patch."""
        return self._json("PATCH", self._path_of(item), change, {}, content_type)

    def patch_status(self, item: Json, status: Json, content_type: str = STRATEGIC_PATCH) -> Json:
        """Writes through the status subresource, as kubelets and controllers do."""
        return self._json("PATCH", self._path_of(item) + "/status", {"status": status}, {}, content_type)

    def delete(self, item: Json, grace_seconds: int = 0) -> None:
        """Deletes the object that `item` names; one that is already gone is fine."""
        options = {"gracePeriodSeconds": grace_seconds, "propagationPolicy": "Background"}
        try:
            self._json("DELETE", self._path_of(item), options)
        except ApiError as error:
            if error.status != 404:
                raise

    def text(self, path: str, **query: str) -> str:
        """The raw body of a GET, such as a container's log."""
        return self.request("GET", path, query=query).decode()

    def path(self, api_version: str, kind: str, namespace: str = "", name: str = "") -> str:
        """The path of a collection or, with a name, of an object."""
        plural, namespaced = self._resource(api_version, kind)
        parts = [_root(api_version)]
        if namespaced and namespace:
            parts += ["namespaces", quote(namespace)]
        parts.append(plural)
        if name:
            parts.append(quote(name))
        return "/".join(parts)

    def request(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        """One request; raises ApiError for a status of 400 and above."""
        target = f"{path}?{urlencode(query)}" if query else path
        payload = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, "Content-Type": content_type}
        response, content = self._exchange(method, target, payload, headers)
        if response.status >= 400:
            raise _refusal(response.status, content)
        return content

    def _json(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Json:
        answer: Json = json.loads(self.request(method, path, body, query, content_type))
        return answer

    def _exchange(
        self, method: str, target: str, payload: bytes | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection: http.client.HTTPSConnection | None = getattr(self._connections, "value", None)
        for attempt in (1, 2):
            if connection is None:
                connection = http.client.HTTPSConnection(
                    self._host, self._port, timeout=30, context=self._tls
                )
                self._connections.value = connection
            try:
                connection.request(method, target, payload, dict(headers))
                response = connection.getresponse()
                return response, response.read()
            except (http.client.HTTPException, ConnectionError, ssl.SSLEOFError):
                # a kept connection may have been closed by the other side: once more, on a new one
                connection.close()
                connection = self._connections.value = None
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _collection(self, item: Json) -> str:
        return self.path(item["apiVersion"], item["kind"], item["metadata"].get("namespace", ""))

    def _path_of(self, item: Json) -> str:
        return f"{self._collection(item)}/{quote(item['metadata']['name'])}"

    def _resource(self, api_version: str, kind: str) -> tuple[str, bool]:
        """The plural of a kind and whether it lives in namespaces, from the API's own discovery."""
        if (api_version, kind) not in self._kinds:
            for resource in self._json("GET", _root(api_version)).get("resources", []):
                if "/" not in resource["name"]:
                    known = (resource["name"], resource["namespaced"])
                    self._kinds[(api_version, resource["kind"])] = known
        return self._kinds[(api_version, kind)]


def wait_until(happened: Callable[[], bool], what: str, seconds: float = 30, pause: float = 0.1) -> None:
    """Returns as soon as `happened` is true; raises TimeoutError that names `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not seen within {seconds:g} s: {what}")
        time.sleep(pause)


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _refusal(status: int, content: bytes) -> ApiError:
    try:
        answer = json.loads(content)
        return ApiError(status, answer.get("reason", ""), answer.get("message", ""))
    except (ValueError, AttributeError):
        return ApiError(status, "", content.decode(errors="replace")[:500])
