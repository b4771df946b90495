"""What is answered to which request; bytes are ready or cheap, so the server's own work hardly shows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.cluster.identity import NOW
from benchmarks.cluster.pages import BadToken, continue_token
from benchmarks.generate import read_manifest
from benchmarks.server import discovery
from benchmarks.server.answers import Answers, Framing
from benchmarks.server.faults import Fault, Faults
from benchmarks.server.kinds import KINDS
from benchmarks.server.lists import PagedList, load_lists

TOKEN = "benchmark"  # the bearer token that the kubeconfig carries; worth nothing anywhere else
LOG = re.compile(r"/api/v1/namespaces/[^/]+/pods/[^/]+/log")
REVIEW = re.compile(r"/apis/authorization\.k8s\.io/v1/(selfsubjectaccessreviews|selfsubjectrulesreviews)")
LOG_LINES = "".join(
    f"2026-06-15T11:5{line % 10}:0{line % 7}Z request {line} failed: upstream timed out\n"
    for line in range(20)
)
EXPIRED = (  # in the words of k8s.io/apiserver/pkg/storage/etcd3
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list without the continue parameter, or use the continue token in this response to retrieve the "
    "remainder of the results. Continuing with the provided token results in an inconsistent list - objects "
    "that were created, modified, or deleted between the time the first chunk was returned and now may show "
    "up in the list."
)


@dataclass(frozen=True)
class Request:
    """A parsed request; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def query(self, name: str) -> str:
        return parse_qs(urlsplit(self.target).query).get(name, [""])[0]

    @property
    def takes_gzip(self) -> bool:
        offers = (offer.replace(" ", "") for offer in self.headers.get("accept-encoding", "").split(","))
        return any(offer.split(";")[0] == "gzip" and not offer.endswith(";q=0") for offer in offers)


@dataclass(frozen=True)
class Reply:
    """Bytes to send, the status they carry, and how the sending goes wrong, if it does."""

    data: bytes
    status: int = 200
    is_page: bool = False
    fault: Fault | None = None


@dataclass
class Counts:
    """What was asked of the server so far."""

    requests: int = 0
    connections: int = 0
    bytes_sent: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    methods: dict[str, int] = field(default_factory=dict)
    paths: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)

    def note(self, request: Request, reply: Reply) -> None:
        self.requests += 1
        self.bytes_sent += len(reply.data)
        for counter, key in ((self.methods, request.method), (self.statuses, str(reply.status))):
            counter[key] = counter.get(key, 0) + 1
        self.paths[request.path] = self.paths.get(request.path, 0) + 1
        if reply.fault:
            self.faults[reply.fault] = self.faults.get(reply.fault, 0) + 1


class Routes:
    """Answers a request from the data in a folder."""

    def __init__(self, folder: Path, framing: Framing, faults: Faults, cluster_uid: str = "") -> None:
        manifest = read_manifest(folder)
        self._uid = manifest["cluster_uid"], cluster_uid or manifest["cluster_uid"]
        self._answers = Answers(NOW)
        self._faults = faults
        self._lists = load_lists(folder, manifest, self._answers, framing)
        self._documents = self._ready_documents(folder)

    def reply(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(self._answers.status(401, "Unauthorized", "Unauthorized"), 401)
        if request.method == "POST":
            return self._review(request)
        if request.method != "GET":
            message = "the server does not allow this method on the requested resource"
            return Reply(self._answers.status(405, "MethodNotAllowed", message), 405)
        if paged := self._lists.get(request.path):
            return self._list(paged, request)
        return self._document(request)

    def _ready_documents(self, folder: Path) -> dict[str, bytes]:
        documents = {path: self._answers.document(value) for path, value in discovery.classic().items()}
        for kind in KINDS:
            if "list" in kind.verbs:
                documents[kind.path] = self._answers.document(_empty_list(kind.kind, kind.api_version))
        documents["/version"] = self._answers.document(discovery.VERSION)
        documents |= {
            path: self._answers.sized(b"ok", content_type="text/plain") for path in ("/readyz", "/livez")
        }
        kube_system = (folder / "kube-system.json").read_text().replace(*self._uid).encode()
        documents["/api/v1/namespaces/kube-system"] = self._answers.sized(kube_system)
        return documents

    def _document(self, request: Request) -> Reply:
        accept = request.headers.get("accept", "")
        if request.path in ("/api", "/apis") and discovery.wants_aggregated(accept):
            value = discovery.aggregated(core=request.path == "/api")
            return Reply(self._answers.document(value, content_type=discovery.AGGREGATED_TYPE))
        if LOG.fullmatch(request.path):
            return Reply(self._answers.sized(LOG_LINES.encode(), content_type="text/plain"))
        if found := self._documents.get(request.path):
            return Reply(found)
        return Reply(
            self._answers.status(404, "NotFound", "the server could not find the requested resource"), 404
        )

    def _list(self, paged: PagedList, request: Request) -> Reply:
        asked = request.query("limit")
        limit = int(asked) if asked.isdigit() else 0
        try:
            start = paged.start(request.query("continue"))
        except BadToken:
            return Reply(self._answers.status(400, "BadRequest", "continue key is not valid"), 400)
        size = min(limit, paged.page_size) if limit else paged.page_size
        fault = self._faults.of(paged.kind.name, start // size + 1)
        if fault is Fault.GONE:
            token = continue_token(paged.kind.name, start, "-1")
            return Reply(self._answers.status(410, "Expired", EXPIRED, token=token), 410, fault=fault)
        if fault is Fault.TOO_MANY:
            message = "too many requests, please try again later"
            return Reply(
                self._answers.status(429, "TooManyRequests", message, retry_after=1), 429, fault=fault
            )
        return Reply(paged.answer(start, limit, request.takes_gzip), is_page=True, fault=fault)

    def _review(self, request: Request) -> Reply:
        """Everything is allowed to the benchmark's user."""
        found = REVIEW.fullmatch(request.path)
        if not found:
            message = "the server does not allow this method on the requested resource"
            return Reply(self._answers.status(405, "MethodNotAllowed", message), 405)
        asked: dict[str, object] = json.loads(request.body or b"{}")
        all_resources = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        all_urls = {"verbs": ["*"], "nonResourceURLs": ["*"]}
        rules = {"resourceRules": [all_resources], "nonResourceRules": [all_urls], "incomplete": False}
        status = {"allowed": True} if "access" in found[1] else rules
        return Reply(self._answers.document({**asked, "status": status}, 201), 201)


def _empty_list(kind: str, api_version: str) -> dict[str, object]:
    metadata = {"resourceVersion": "987654321"}
    return {"kind": f"{kind}List", "apiVersion": api_version, "metadata": metadata, "items": []}
