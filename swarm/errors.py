"""
Somebody reads the error at three in the morning: it must say what, where, why, and what to do about it.

    DeepscanError                what went wrong, where, the cause in the other side's words, the mend
    ├── ConfigurationError       a flag, a setting, a kubeconfig: exit status 2
    │   ├── CredentialPluginFailed   the kubeconfig's own program gave no credential
    │   └── HistoryUnavailable       the remembered scans cannot be read or written
    ├── UnreadableRecording      a file or archive that is no recording
    ├── Interrupted              the user ended the scan before this target's turn
    └── SourceError              a live source did not answer as it should
        ├── Unreachable          no connection: address, network, proxy
        ├── CertificateRejected  the server's certificate, or ours
        ├── Unauthorized         401: the credential is not accepted
        ├── Forbidden            403: the identity may not
        ├── NotServed            404: no such API here
        ├── Throttled            429, 503, 504 to the end of all patience
        ├── TimedOut             no answer in time
        ├── Expired              410: the continue token is too old; carries the one to go on with
        ├── BadBody              an answer that breaks off or is no JSON
        ├── ServerError          any other refusal
        ├── BudgetSpent          the scan's own limit of requests
        └── ReadOnlyViolation    deepscan itself asked for something that is not a read: a bug, stopped here
"""


class DeepscanError(Exception):
    """
    An expected failure: ``what`` in plain words, ``where``, the ``cause`` as the other side told it, the
    ``mend``; all without secrets, as they end in gaps, warnings and logs.
    """

    def __init__(self, what: str, *, where: str = "", cause: str = "", mend: str = "") -> None:
        from scanners.semantics.split_secrets import (
            redact_text,  # its rules take longer to load than --help may
        )

        self.what, self.where, self.cause, self.mend = map(redact_text, (what, where, cause, mend))
        super().__init__(self.what)

    @property
    def sentence(self) -> str:
        """What went wrong and why, in one line."""
        return f"{self.what}: {self.cause}" if self.cause else self.what

    def __str__(self) -> str:
        return self.sentence


class ConfigurationError(DeepscanError):
    """Something that the user wrote cannot be followed."""


class CredentialPluginFailed(ConfigurationError):
    """A kubeconfig's exec plugin failed, hung, or printed no credential."""


class HistoryUnavailable(ConfigurationError):
    """The database of remembered scans cannot be opened, read or written."""


class UnreadableRecording(DeepscanError):
    """A recording that is broken, too large, or none."""


class Interrupted(DeepscanError):
    """The user ended the scan before this target was read."""


class SourceError(DeepscanError):
    """A live source did not answer as it should."""


class Unreachable(SourceError):
    """No connection could be made, or it broke again and again."""


class CertificateRejected(SourceError):
    """TLS failed: the server's certificate is not the expected one's, or it refused ours."""


class Unauthorized(SourceError):
    """401, also with a fresh credential."""


class Forbidden(SourceError):
    """403: the identity may not do this."""


class NotServed(SourceError):
    """404: the API or the object is not there."""


class Throttled(SourceError):
    """The server asked for patience until ours ended."""


class TimedOut(SourceError):
    """No answer in time."""


class Expired(SourceError):
    """
    410: the continue token is too old. ``resume`` is the token that goes on from there, ``""`` if none was
    given.
    """

    resume: str = ""


class BadBody(SourceError):
    """The answer breaks off, or is not what the API promises."""


class ServerError(SourceError):
    """The server failed on its own."""


class BudgetSpent(SourceError):
    """The request budget of this target is used up."""


class ReadOnlyViolation(SourceError):
    """A request that would not be a plain read; it was not sent."""
