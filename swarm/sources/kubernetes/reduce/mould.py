"""
A replica's spec is its neighbour's letter for letter, but for the node and five letters of a volume's name.

The admission controller gives each pod a volume for its token, ``kube-api-access-`` and five random letters, and each
container a mount of that name; the scheduler adds the node. A text that is another one with other letters in just these
places says the same, and need not be decoded to know it.
"""

from typing import NamedTuple

from scanners.facts.pod import Kin

TOKEN_VOLUME = "kube-api-access-"  # noqa: S105 - a volume's name, not a token
"""Name of the volume that the API server injects into every pod; five random letters follow."""

_TOKEN = f'"name":"{TOKEN_VOLUME}'.encode()
_LETTERS = 5
_TOKEN_LENGTH = len(_TOKEN) + _LETTERS
_NODE = b'"nodeName":"'

Claims = tuple[tuple[str, str], ...]


class Mould(NamedTuple):
    """
    The text of a spec with its holes, beside that of the labels: ``head`` and ``tail`` are what stands around the
    token volume's names before the node's, and around the node's own name after it. ``token`` and ``node`` are where
    the first of each begins.
    """

    kin: Kin
    claims: Claims
    labels: bytes
    head: list[bytes]
    tail: list[bytes]
    token: int
    node: int

    def says(self, namespace: str, phase: str, labels: bytes) -> bool:
        """Whether a pod of the same owners, with these labels as text, is of the same kin as far as they tell."""
        kin = self.kin
        return labels == self.labels and phase == kin.phase and namespace == kin.namespace

    def node_in(self, text: bytes) -> bytes | None:
        """
        The node's name as it stands in a text out of this mould; None for any other text, and for no name.
        """
        start = self.node
        if not text.startswith(text[self.token : self.token + _TOKEN_LENGTH].join(self.head)):
            return None
        end = text.find(b'"', start)
        node = text[start:end]
        tail = self.tail[0] if len(self.tail) == 1 else (b'"%b"' % node).join(self.tail)
        return node if node and len(text) - end == len(tail) and text.endswith(tail) else None


def mould_of(text: bytes, node: str, kin: Kin, claims: Claims, labels: bytes, made: bytes) -> Mould | None:
    """
    The mould of a spec that was decoded: ``node`` is what it says, ``made`` the text of what was made of it.

    None where what was made of it holds the node or the token, and so would not be the same for another pod.
    """
    before, found, rest = text.rpartition(_NODE)
    written = b'"%b"' % node.encode()
    if not found or not node or not rest.startswith(written[1:]) or written in made:
        return None
    head = before + found
    at = head.find(_TOKEN)
    token = head[at : at + len(_TOKEN) + _LETTERS] if at >= 0 else b""
    if token and token.removeprefix(b'"name":') in made:
        return None
    start = len(head)
    tail = text[start + len(written) - 2 :]
    return Mould(
        kin, claims, labels, head.split(token) if token else [head], tail.split(written), max(at, 0), start
    )
