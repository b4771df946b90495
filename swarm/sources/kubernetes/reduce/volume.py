"""A volume of a template: which of the API's thirty sources it has, and what that names."""

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from scanners.facts.pod import Reference, Volume
from swarm.sources.kubernetes.reduce.pool import Pool, text_of
from swarm.sources.kubernetes.wire import pod, template
from swarm.sources.kubernetes.wire.metadata import NOTHING

_SOURCES = tuple(
    (field.name, field.encode_name) for field in msgspec.structs.fields(pod.Volume) if field.name != "name"
)
_empty_dir = msgspec.json.Decoder(template.EmptyDir | None).decode
_object = msgspec.json.Decoder(template.ObjectSource | None).decode
_projected = msgspec.json.Decoder(template.Projected | None).decode


def volume(read: pod.Volume, pool: Pool) -> Volume:
    """A volume with its type in the API's own word; ``""`` for a source that this version does not know."""
    name = pool.string(read.name)
    claim = read.persistent_volume_claim
    if claim is not None:
        return Volume(name, "persistentVolumeClaim", pool.string(claim.claim_name))
    if read.empty_dir is not NOTHING:
        directory = _empty_dir(read.empty_dir) or template.EmptyDir()
        return Volume(name, "emptyDir", "", pool.string(directory.medium), text_of(directory.size_limit))
    for field, type_ in _SOURCES:
        raw = getattr(read, field)
        if isinstance(raw, Raw) and raw is not NOTHING:
            return Volume(name, type_, _names(raw, pool))
    return Volume(name, "")


def volume_references(read: pod.Volume, pool: Pool) -> Iterator[Reference]:
    """The Secrets and ConfigMaps that a volume mounts."""
    if read.secret is not NOTHING:
        yield from _reference("Secret", _object(read.secret), pool)
    if read.config_map is not NOTHING:
        yield from _reference("ConfigMap", _object(read.config_map), pool)
    projected = _projected(read.projected) if read.projected is not NOTHING else None
    for part in (projected.sources if projected else None) or ():
        yield from _reference("Secret", part.secret, pool)
        yield from _reference("ConfigMap", part.config_map, pool)


def _reference(kind: str, source: template.ObjectSource | None, pool: Pool) -> Iterator[Reference]:
    name = (source.secret_name or source.name) if source else None
    if source and name:
        yield Reference(kind, pool.string(name), "", bool(source.optional))


def _names(raw: Raw, pool: Pool) -> str:
    source = _object(raw) or template.ObjectSource()
    named = (source.driver, source.server, source.secret_name, source.name, source.reference, source.path)
    return pool.value(next(filter(None, named), ""))
