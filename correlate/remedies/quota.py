"""Remedies for quotas: raise what is full by the shortfall, or ask the named holders."""

from correlate.remedies.template import Template, change, is_class, look
from scanners.kinds import Kind

_SEE = look(
    "See what the quota allows and what is used.", "kubectl describe resourcequota {name} -n {namespace}"
)

TEMPLATES = (
    Template(
        Kind.QUOTA_EXHAUSTED,
        "raise-hard",
        "Raise {resource} of quota {place} from {old_hard_said} to {new_hard_said}: it is short by "
        "{shortfall}. "
        "Or let a holder go.",
        (
            _SEE,
            change(
                "Raise {resource} of quota {place} from {old_hard_said} to {new_hard_said}, if the team's "
                "share allows it.",
                "kubectl patch resourcequota {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"hard":{{{resource_json}:"{new_hard}"}}}}}}',
                verify="kubectl get resourcequota {name} -n {namespace} -o yaml",
                undo="kubectl patch resourcequota {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"hard":{{{resource_json}:"{old_hard}"}}}}}}',
            ),
        ),
    ),
    Template(
        Kind.QUOTA_EXHAUSTED,
        "free-holders",
        "{resource} of quota {place} is full ({used} of {hard} used). It is held by {holders}.",
        (
            _SEE,
            change(
                "Ask whether one of the holders can stop or shrink: {holders}.",
                verify="kubectl describe resourcequota {name} -n {namespace}",
                undo="Start what was stopped again.",
            ),
        ),
        objects=2,
        edits=False,
    ),
    Template(
        Kind.QUOTA_EXHAUSTED, "see-quota", "{said}. Raise the quota, or let one of its holders go.", (_SEE,)
    ),
    Template(
        Kind.QUOTA_NEARLY_FULL,
        "plan-raise",
        "{resource} of quota {place} is at {used} of {hard}. Plan a raise before work is refused, or ask "
        "its holders: {holders}.",
        (
            _SEE,
            change(
                "Agree on a higher {resource} for quota {place} and set it in the quota's own manifest.",
                verify="kubectl describe resourcequota {name} -n {namespace}",
                undo="Set {resource} back to {hard}.",
            ),
        ),
    ),
    Template(Kind.QUOTA_NEARLY_FULL, "see-quota", "{said}. Plan a raise before work is refused.", (_SEE,)),
    Template(
        Kind.PODS_NOT_CREATED,
        "service-account",
        "{said}. Create the ServiceAccount that the message names, or name one that exists.",
        (
            look("See which ServiceAccounts exist.", "kubectl get serviceaccounts -n {namespace}"),
            change(
                "Create the missing ServiceAccount in namespace {namespace}, or correct serviceAccountName "
                "of {kind} {place}.",
                verify="kubectl get pods -n {namespace}",
                undo="Delete the ServiceAccount again by its name.",
            ),
        ),
        when=is_class("service-account"),
    ),
    Template(
        Kind.PODS_NOT_CREATED,
        "priority-class",
        "{said}. Name a PriorityClass that exists.",
        (
            look("See which PriorityClasses exist.", "kubectl get priorityclasses"),
            change(
                "Correct priorityClassName of {kind} {place}.",
                verify="kubectl get pods -n {namespace}",
                undo="Set the former priorityClassName again.",
            ),
        ),
        when=is_class("priority-class"),
    ),
    Template(
        Kind.PODS_NOT_CREATED,
        "admission",
        "{said}. An admission policy or webhook refuses the pods; its message says what it wants.",
        (
            look("Read the refusal in full.", "kubectl describe {resource_kind} {name} -n {namespace}"),
            change(
                "Change the pod template of {kind} {place} to what the refusal asks for.",
                verify="kubectl get pods -n {namespace}",
                undo="Set the former pod template again.",
            ),
        ),
        when=is_class("admission"),
    ),
    Template(
        Kind.PODS_NOT_CREATED,
        "quota",
        "A quota of namespace {namespace} refuses the pods of {kind} {place} ({resources}). Free or raise "
        "that quota.",
        (look("See the quotas of the namespace.", "kubectl describe resourcequotas -n {namespace}"),),
        when=is_class("quota"),
    ),
    Template(
        Kind.PODS_NOT_CREATED,
        "name",
        "The name or a label that {kind} {place} gives its pods is not valid, often too long: {said}.",
        (
            look("Read the refusal in full.", "kubectl describe {resource_kind} {name} -n {namespace}"),
            change(
                "Create {kind} {place} again under a shorter name.",
                verify="kubectl get pods -n {namespace}",
                undo="Create it again under its former name.",
            ),
        ),
        when=is_class("name"),
    ),
    Template(
        Kind.PODS_NOT_CREATED,
        "read-refusal",
        "{said}. The controller's event or condition says what is missing.",
        (look("Read the controller's own words.", "kubectl describe {resource_kind} {name} -n {namespace}"),),
    ),
)
