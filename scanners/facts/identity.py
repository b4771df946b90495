"""
A hundred and fifty thousand names, uids and times of birth are 40 MB as strings, and hardly one of them is asked for.

They are kept as one MessagePack array a pod, of a hundred bytes: how many letters of its owner's name the pod's
name begins with, the rest of the name, the uid, the creation time. Nothing is lost, whatever they hold.
"""

import msgspec

from scanners.facts.fact import Owner

_encode = msgspec.msgpack.Encoder().encode

unpacked = msgspec.msgpack.Decoder(tuple[int, str, str, str]).decode
"""Letters borrowed from the first owner's name, rest of the name, uid, creation time."""


def packed(name: str, uid: str, created: str, owners: tuple[Owner, ...]) -> bytes:
    """An identity in few bytes; most pods are named after their first owner."""
    owner = owners[0].name if owners else ""
    borrowed = len(owner) if name.startswith(owner) else 0
    return _encode((borrowed, name[borrowed:], uid, created))
