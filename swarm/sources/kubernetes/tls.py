"""
Each cluster brings its own authority, and a key that was given to us must not stay on a disk.
"""

import os
import ssl
import tempfile
from pathlib import Path

from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.connection import Connection, Identity


def tls_context(connection: Connection, identity: Identity) -> ssl.SSLContext:
    """
    The TLS context for a connection: its own CA, the system's only where it names none.

    ConfigurationError if the CA, the certificate or its key cannot be read.
    """
    try:
        context = trusting(connection.authority, insecure=connection.insecure)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError(
            "the cluster's certificate authority cannot be read",
            where=connection.where or connection.name,
            cause=str(error),
            mend="compare certificate-authority-data with the cluster's CA",
        ) from error
    if identity.certificate:
        _show(context, identity, connection)
    return context


def trusting(authority: str, *, insecure: bool = False) -> ssl.SSLContext:
    """
    Trust in that CA as PEM, in the system's for ``""``; in anybody for ``insecure``. SSLError or ValueError for none.
    """
    if not authority and not insecure:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(cadata=authority)
    # Python 3.13 turns on X509_STRICT, which refuses CAs without key identifiers: most clusters' own.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _show(context: ssl.SSLContext, identity: Identity, connection: Connection) -> None:
    """OpenSSL takes a client certificate from a file only: ours lives for one call, readable by us alone."""
    with tempfile.TemporaryDirectory(prefix="deepscan-") as folder:
        path = Path(folder) / "identity.pem"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(identity.certificate.rstrip() + b"\n" + identity.key)
        try:
            context.load_cert_chain(path, password="")
        except ssl.SSLError as error:
            raise ConfigurationError(
                "the client certificate and its key do not fit together, or the key is encrypted",
                where=connection.where or connection.name,
                cause=error.reason or str(error),
                mend="renew client-certificate-data and client-key-data in the kubeconfig",
            ) from error
