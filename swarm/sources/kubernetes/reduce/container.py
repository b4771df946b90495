"""A container of a template: what it asks for, which ports it opens, which objects and services it names."""

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from scanners.facts.pod import Container, Port, Reference
from swarm.sources.kubernetes.reduce import environment
from swarm.sources.kubernetes.reduce.pool import Pool, digest, text_of
from swarm.sources.kubernetes.wire import pod, template
from swarm.sources.kubernetes.wire.metadata import NOTHING

_encode = msgspec.json.Encoder().encode
_ports = msgspec.json.Decoder(list[template.Port] | None).decode
_resources = msgspec.json.Decoder(template.Resources | None).decode
_variables = msgspec.json.Decoder(list[template.Variable] | None).decode
_environments = msgspec.json.Decoder(list[template.Environment] | None).decode
_words = msgspec.json.Decoder(list[str | int | float | bool | None] | None).decode


def container(read: pod.Container, pool: Pool, *, init: bool = False) -> Container:
    """A container as its template holds it; built once for all that are word for word the same."""
    key = digest(_encode(read)), init
    found = pool.containers.get(key)
    if found is None:
        found = pool.containers[key] = pool.container(_built(read, pool, init))
    return found


def _built(read: pod.Container, pool: Pool, init: bool) -> Container:
    resources = (
        _resources(read.resources) if read.resources is not NOTHING else None
    ) or template.Resources()
    variables = (_variables(read.env) if read.env is not NOTHING else None) or []
    values = {each.name: text_of(each.value) for each in variables if each.value is not None}
    words = [*_line(read.command), *_line(read.args)]
    links = {
        *environment.links(environment.searchable(values, words)),
        *environment.links(environment.paired(values)),
    }
    return Container(
        name=pool.string(read.name),
        image=pool.image(read.image),
        requests=pool.table(resources.requests),
        limits=pool.table(resources.limits),
        ports=tuple(_port(each.container_port, each, pool) for each in _declared(read)),
        env=pool.table({**environment.arguments(words), **environment.listed(values)}),
        links=pool.strings(sorted(links)),
        references=tuple(dict.fromkeys(_references(read, variables, pool))),
        claims=pool.strings(each.name for each in resources.claims or ()),
        init=init,
        sidecar=init and read.restart_policy == "Always",
        sleeps=environment.only_sleeps(words),
        has_readiness_probe=read.readiness_probe is not None,
        has_liveness_probe=read.liveness_probe is not None,
        has_startup_probe=read.startup_probe is not None,
    )


def host_ports(read: pod.Container, host_network: bool, pool: Pool) -> Iterator[Port]:
    """Ports a container takes on its node; with the host's network every declared one."""
    for each in _declared(read):
        number = each.host_port or (each.container_port if host_network else None)
        if number:
            yield _port(number, each, pool)


def _declared(read: pod.Container) -> list[template.Port]:
    return (_ports(read.ports) if read.ports is not NOTHING else None) or []


def _port(number: int | None, read: template.Port, pool: Pool) -> Port:
    return Port(number or 0, pool.string(read.name), pool.string(read.protocol) or "TCP")


def _line(raw: Raw) -> list[str]:
    return [text_of(word) for word in (_words(raw) if raw is not NOTHING else None) or ()]


def _references(read: pod.Container, variables: list[template.Variable], pool: Pool) -> Iterator[Reference]:
    for variable in variables:
        source = variable.value_from or template.ValueSource()
        yield from _selected("Secret", source.secret_key_ref, pool)
        yield from _selected("ConfigMap", source.config_map_key_ref, pool)
    for each in (_environments(read.env_from) if read.env_from is not NOTHING else None) or ():
        yield from _selected("Secret", each.secret_ref, pool)
        yield from _selected("ConfigMap", each.config_map_ref, pool)


def _selected(kind: str, selected: template.KeySelector | None, pool: Pool) -> Iterator[Reference]:
    if selected and selected.name:
        yield Reference(kind, pool.string(selected.name), pool.string(selected.key), bool(selected.optional))
