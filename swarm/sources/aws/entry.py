"""
An EKS cluster takes a signed question to AWS for a password: whoever can ask "who am I" may knock.

The token is a presigned GetCallerIdentity URL, signed for one cluster by a header with its name. It is made without a
call and without any vendor's command; the cluster honours it for 15 minutes, whatever the URL says of its expiry.
"""

import asyncio
import base64
import time
from typing import Any

from swarm.errors import DeepscanError, Unauthorized
from swarm.sources.aws.refusals import LOG_IN
from swarm.sources.aws.session import configuration, open_session, refuse_plain_http
from swarm.sources.cloud import ClusterEntry
from swarm.sources.kubernetes.connection import Connection, Identity

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
URL_SECONDS = 60
FRESH_SECONDS = 14 * 60
"""How long a token is shown: a minute less than the cluster honours it."""
READ_SECONDS = 30.0


class EksToken:
    """Tokens for one cluster, as the profile that found it."""

    def __init__(self, entry: ClusterEntry) -> None:
        self._entry = entry
        self._lock = asyncio.Lock()
        self._session: Any = None
        self._current: Identity | None = None
        self._made_at = 0.0

    async def identity(self, stale: Identity | None = None) -> Identity:
        """
        A fresh token. A refused one is replaced once for all who hold it, with credentials read anew. DeepscanError
        where no credentials are to be had.
        """
        async with self._lock:
            refused = self._current is not None and self._current == stale
            if refused:
                self._session = None
            aged = time.monotonic() - self._made_at >= FRESH_SECONDS
            if self._current is None or refused or aged:
                self._current = Identity(token=PREFIX + _packed(await self._signed()))
                self._made_at = time.monotonic()
            return self._current

    async def _signed(self) -> str:
        """The presigned URL."""
        if self._session is None:
            self._session = await asyncio.to_thread(open_session, self._entry.place.name)
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            async with self._session.create_client(
                "sts", region_name=self._entry.region, config=configuration(READ_SECONDS)
            ) as client:
                refuse_plain_http(client.meta.endpoint_url)
                client.meta.events.register("before-sign.sts.GetCallerIdentity", self._name_cluster)
                return str(
                    await client.generate_presigned_url(
                        "get_caller_identity", ExpiresIn=URL_SECONDS, HttpMethod="GET"
                    )
                )
        except (BotoCoreError, ClientError) as error:
            raise Unauthorized(
                f"no credentials could be had to enter {self._entry.cluster}",
                where=self._entry.region,
                cause=str(error),
                mend=LOG_IN,
            ) from error

    def _name_cluster(self, request: Any, **_: Any) -> None:
        request.headers.add_header(CLUSTER_HEADER, self._entry.cluster)


def connection(entry: ClusterEntry) -> Connection:
    """How the cluster's API server is reached, and as whom. Nobody is called before an identity is asked for."""
    if not entry.authority and entry.server.startswith("https://"):
        raise DeepscanError(
            f"EKS tells no certificate authority of {entry.cluster}",
            where=entry.region,
            mend="scan it again later",
        )
    return Connection(
        name=entry.cluster,
        server=entry.server.rstrip("/"),
        authority=entry.authority,
        where=f"EKS in {entry.region}",
        let_in=_access_entry(entry),
        credential=EksToken(entry),
    )


def _access_entry(entry: ClusterEntry) -> str:
    """The one line that makes the cluster know whoever found it."""
    principal = entry.details.get("principal") or "ARN_OF_THE_IDENTITY"
    return (
        f"give the identity an access entry: `aws eks create-access-entry --region {entry.region} --cluster-name "
        f"{entry.cluster} --principal-arn {principal} --kubernetes-groups deepscan`, and bind that group to the "
        "ClusterRole that `deepscan permissions --kubernetes` prints"
    )


def _packed(url: str) -> str:
    return base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
