"""
What EKS does with a bearer token, by hand: unpack the presigned URL and recompute its signature.

The algorithm is AWS's Signature Version 4 for query strings, as its reference describes it.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

PREFIX = "k8s-aws-v1."
HONOURED = timedelta(minutes=15)
CLUSTER_HEADER = "x-k8s-aws-id"


def key_of(token: str, cluster: str, secrets: Mapping[str, str], host: str) -> str | None:
    """
    The access key that signed a token for this cluster, for STS at this host; None for any other token. ``secrets`` are
    the secret keys by access key.
    """
    try:
        url = base64.urlsafe_b64decode(
            token.removeprefix(PREFIX) + "=" * (-len(token.removeprefix(PREFIX)) % 4)
        ).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    address = urlsplit(url)
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    wanted = {"Action": "GetCallerIdentity", "X-Amz-Algorithm": "AWS4-HMAC-SHA256"}
    if (
        not token.startswith(PREFIX)
        or address.netloc != host
        or any(query.get(k) != v for k, v in wanted.items())
    ):
        return None
    key, date, region, service, _ = query["X-Amz-Credential"].split("/")
    signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    names = query["X-Amz-SignedHeaders"]
    if (
        key not in secrets
        or CLUSTER_HEADER not in names.split(";")
        or datetime.now(UTC) - signed_at > HONOURED
    ):
        return None
    given = query.pop("X-Amz-Signature")
    canonical = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
    headers = {"host": host, CLUSTER_HEADER: cluster}
    told = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
    request = "\n".join(["GET", address.path or "/", canonical, told, names, hashlib.sha256(b"").hexdigest()])
    scope = f"{date}/{region}/{service}/aws4_request"
    text = "\n".join(
        ["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()]
    )
    signing = f"AWS4{secrets[key]}".encode()
    for part in (date, region, service, "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    computed = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    return key if hmac.compare_digest(computed, given) else None
