"""A refusal is worth little without the one line of RBAC that ends it."""

from scanners.facts.slices import Slice


def mend_of(slice_: Slice, namespace: str = "") -> str:
    """The rule that would let this slice be read, and the command that shows whether it does."""
    permission = slice_.permission
    if permission is None:
        return ""
    verbs = ", ".join(f'"{verb}"' for verb in permission.verbs)
    rule = f'{{apiGroups: ["{permission.group}"], resources: ["{permission.resource}"], verbs: [{verbs}]}}'
    where = f"-n {namespace}" if namespace else "-A"
    plural, _, subresource = permission.resource.partition("/")
    named = f"{plural}.{permission.group}" if permission.group else plural
    part = f" --subresource={subresource}" if subresource else ""
    kind = "Role" if namespace else "ClusterRole"
    return f"add to its {kind}: {rule}; test: kubectl auth can-i {permission.verbs[-1]} {named}{part} {where}"
