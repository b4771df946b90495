"""
AWS's protocols from the server's side: which operation of which service a request asks for, and how a refusal is said.
"""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from aiohttp import web

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_EKS = (
    ("ListClusters", re.compile(r"/clusters/?")),
    ("DescribeCluster", re.compile(r"/clusters/[^/]+")),
    ("ListNodegroups", re.compile(r"/clusters/[^/]+/node-groups/?")),
    ("DescribeNodegroup", re.compile(r"/clusters/[^/]+/node-groups/[^/]+")),
)
JSON = ("eks", "servicequotas")


class Call(NamedTuple):
    """
    What a request asks for. ``service`` is the name it is signed for (both generations of balancers are
    ``elasticloadbalancing``), ``version`` that of the API.
    """

    service: str
    operation: str
    region: str
    path: str = ""
    version: str = ""
    parameters: Mapping[str, str] = {}

    @property
    def permission(self) -> str:
        """As a policy names it."""
        return f"{self.service}:{self.operation}"


def call_of(request: web.Request, body: bytes) -> Call:
    """The call behind a request, by its signature, its path or its form."""
    scope = _SCOPE.search(request.headers.get("Authorization", ""))
    service, region = (scope["service"], scope["region"]) if scope else ("unsigned", "")
    path = unquote(request.path)
    if service == "eks":
        named = next((name for name, shape in _EKS if shape.fullmatch(path)), "")
        operation = named if named and request.method == "GET" else f"{request.method} {path}"
        return Call(service, operation, region, path, parameters=dict(request.query))
    target = request.headers.get("X-Amz-Target", "")
    if target:
        return Call(service, target.rpartition(".")[2], region, path)
    form = {key: values[0] for key, values in parse_qs(body.decode("latin1")).items()}
    operation, version = form.pop("Action", f"{request.method} {path}"), form.pop("Version", "")
    return Call(service, operation, region, path, version, form)


def refused(call: Call, code: str, message: str, status: int = 403, **headers: str) -> web.Response:
    """The refusal in the dialect of the call's service."""
    if call.service in JSON:
        body = json.dumps({"__type": code, "message": message})
        told = {**headers, "x-amzn-ErrorType": code}
        return web.Response(status=status, text=body, content_type="application/json", headers=told)
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    if call.service == "ec2":
        body = f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
    else:
        body = f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"
    return web.Response(status=status, text=body, content_type="text/xml", headers=headers)
