"""
Remedies for images: by the class of the refusal, because a wrong tag and a throttled registry look alike in a
pod.
"""

from correlate.remedies.template import Template, change, is_class, look
from scanners.kinds import Kind

_SEE = look("Read the kubelet's own words.", "kubectl describe pod {pod} -n {pod_namespace}")
_VERIFY = "kubectl get pods -n {pod_namespace} -o wide"

TEMPLATES = (
    Template(
        Kind.IMAGE_PULL_FAILED,
        "not-found",
        "The registry does not have {image}. Push that tag, or name one that exists.",
        (
            _SEE,
            change(
                "Push {image}, or correct the image of container {container} of {kind} {place}.",
                verify=_VERIFY,
                undo="Set the former image again.",
            ),
        ),
        when=is_class("not-found", "invalid-name", "name"),
    ),
    Template(
        Kind.IMAGE_PULL_FAILED,
        "denied",
        "The registry {registry_host} refuses the pull of {image}. Renew the pull credentials, or name them "
        "in imagePullSecrets.",
        (
            _SEE,
            look(
                "See which pull secrets the pod names (their content is not read).",
                "kubectl get pod {pod} -n {pod_namespace} -o jsonpath={{.spec.imagePullSecrets}}",
            ),
            change(
                "Renew the pull credentials for {registry_host} in namespace {pod_namespace}, or add them "
                "to imagePullSecrets of {kind} {place}.",
                verify=_VERIFY,
                undo="Take the added entry out of imagePullSecrets.",
            ),
        ),
        when=is_class("denied"),
    ),
    Template(
        Kind.IMAGE_PULL_FAILED,
        "no-arch",
        "{image} has no build for the node's processor. Build it for that architecture, or select nodes "
        "that match.",
        (
            look("See the architecture of the nodes.", "kubectl get nodes -L kubernetes.io/arch"),
            change(
                "Select nodes of the image's architecture in {kind} {place} (nodeSelector "
                "kubernetes.io/arch), or push a multi-architecture image.",
                verify=_VERIFY,
                undo="Take the selector out again.",
            ),
        ),
        when=is_class("no-arch"),
    ),
    Template(
        Kind.IMAGE_PULL_FAILED,
        "unreachable",
        "The node cannot reach or trust {registry_host} ({class}). Look at the node's network, DNS and "
        "certificates before the image.",
        (_SEE, look("See the node.", "kubectl describe node {node}")),
        when=is_class("dns", "timeout", "tls", "unavailable"),
    ),
    Template(
        Kind.IMAGE_PULL_FAILED,
        "rate",
        "The pull of {image} is throttled. It goes on by itself more slowly; start fewer pods at once, or "
        "pull "
        "through a mirror.",
        (
            _SEE,
            change(
                "Start {kind} {place} in smaller waves, or let its nodes pull through a mirror of "
                "{registry_host}.",
                verify=_VERIFY,
                undo="Set the former number of replicas again.",
            ),
        ),
        when=is_class("rate"),
    ),
    Template(
        Kind.IMAGE_PULL_FAILED,
        "never-pull",
        "{image} is not on the node and imagePullPolicy is Never. Allow the pull, or bring the image to the "
        "node.",
        (
            _SEE,
            change(
                "Set imagePullPolicy of container {container} of {kind} {place} to IfNotPresent.",
                verify=_VERIFY,
                undo="Set imagePullPolicy to Never again.",
            ),
        ),
        when=is_class("never-pull"),
    ),
    Template(Kind.IMAGE_PULL_FAILED, "see-why", "{said}. The kubelet's message names the cause.", (_SEE,)),
    Template(
        Kind.REGISTRY_FAILING,
        "rate",
        "{name} throttles the cluster: {owners_hit} owners wait. Pull with credentials, through a mirror or "
        "a cache, and in smaller waves.",
        (
            _SEE,
            change(
                "Give the nodes a pull-through mirror for {name}, or pull with an account of a higher rate.",
                verify=_VERIFY,
                undo="Take the mirror out of the container runtime's configuration.",
            ),
        ),
        when=is_class("rate"),
        edits=False,
    ),
    Template(
        Kind.REGISTRY_FAILING,
        "denied",
        "{name} refuses the cluster's credentials: {owners_hit} owners wait. Renew them.",
        (
            _SEE,
            change(
                "Renew the credentials for {name} in the place that hands them to the namespaces.",
                verify=_VERIFY,
                undo="Restore the former credentials.",
            ),
        ),
        when=is_class("denied"),
        edits=False,
    ),
    Template(
        Kind.REGISTRY_FAILING,
        "see-why",
        "{said}. Check the registry's own status, then the way from the nodes to it (DNS, proxy, "
        "certificates).",
        (_SEE, look("See whether the cluster's DNS is well.", "kubectl get endpointslices -n kube-system")),
    ),
    Template(
        Kind.CONFIG_REF_MISSING,
        "missing-key",
        "{ref_kind} {ref_name} has no key {ref_key}. Add the key, or correct the name that {kind} {place} "
        "asks for.",
        (
            _SEE,
            change(
                "Add key {ref_key} to {ref_kind} {ref_name} in namespace {namespace}, or correct the "
                "reference in {kind} {place}.",
                verify=_VERIFY,
                undo="Remove the added key again.",
            ),
        ),
    ),
    Template(
        Kind.CONFIG_REF_MISSING,
        "missing-object",
        "{ref_kind} {ref_name} is missing in namespace {namespace}. Create it, or correct the name in "
        "{kind} {place}.",
        (
            _SEE,
            change(
                "Create {ref_kind} {ref_name} in namespace {namespace} from where its content is kept, or "
                "correct the reference.",
                verify=_VERIFY,
                undo="Remove the created {ref_kind} {ref_name} again.",
            ),
        ),
        when=lambda cause: not cause.facts.get("ref_key"),
    ),
    Template(
        Kind.CONFIG_REF_MISSING,
        "see-why",
        "{said}. The kubelet's message names what the container cannot be created with.",
        (_SEE,),
    ),
)
