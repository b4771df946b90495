"""
Two thousand replicas run the same spec: its inner parts are worth decoding once.

These types are used only when a pod template is built for the first time.
"""

import msgspec

from swarm.sources.kubernetes.wire.metadata import IntOrString, NodeSelector, Scalar, Wire


class Named(Wire):
    """Anything of which only the name is read: local references, scheduling gates, resource claims."""

    name: str | None = None


class Gated(Wire):
    """spec of a pod that is held back."""

    scheduling_gates: list[Named] | None = None


class Port(Wire):
    """containers[].ports[]."""

    container_port: int | None = None
    host_port: int | None = None
    name: str | None = None
    protocol: str | None = None


class Resources(Wire):
    """resources of a container or a pod."""

    requests: dict[str, Scalar | None] | None = None
    limits: dict[str, Scalar | None] | None = None
    claims: list[Named] | None = None


class KeySelector(Wire):
    """valueFrom.secretKeyRef and .configMapKeyRef, envFrom[].secretRef and .configMapRef."""

    name: str | None = None
    key: str | None = None
    optional: bool | None = None


class ValueSource(Wire):
    """env[].valueFrom."""

    secret_key_ref: KeySelector | None = None
    config_map_key_ref: KeySelector | None = None


class Variable(Wire):
    """env[]."""

    name: str = ""
    value: Scalar | None = None
    value_from: ValueSource | None = None


class Environment(Wire):
    """envFrom[]."""

    secret_ref: KeySelector | None = None
    config_map_ref: KeySelector | None = None


class Toleration(Wire):
    """tolerations[]."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None


class NodeAffinity(Wire):
    """affinity.nodeAffinity."""

    required: NodeSelector | None = msgspec.field(
        default=None, name="requiredDuringSchedulingIgnoredDuringExecution"
    )


class PodAffinity(Wire):
    """affinity.podAffinity and .podAntiAffinity: only whether they require something."""

    required: list[msgspec.Raw] | None = msgspec.field(
        default=None, name="requiredDuringSchedulingIgnoredDuringExecution"
    )


class Affinity(Wire):
    """affinity."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class SpreadConstraint(Wire):
    """topologySpreadConstraints[]."""

    when_unsatisfiable: str | None = None


class EmptyDir(Wire):
    """volumes[].emptyDir."""

    medium: str | None = None
    size_limit: IntOrString | None = None


class ObjectSource(Wire):
    """
    volumes[].configMap (name), .secret (secretName), .csi (driver), .nfs (server), .hostPath (path), .image.
    """

    name: str | None = None
    secret_name: str | None = None
    optional: bool | None = None
    driver: str | None = None
    server: str | None = None
    path: str | None = None
    reference: str | None = None


class ProjectedPart(Wire):
    """volumes[].projected.sources[]."""

    secret: ObjectSource | None = None
    config_map: ObjectSource | None = None


class Projected(Wire):
    """volumes[].projected."""

    sources: list[ProjectedPart] | None = None
