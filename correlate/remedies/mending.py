"""
The best remedy changes the least, can be undone, and is written for this class of fault.

Chooses the templates of a cause (correlation.md 12.1) and fills them: look, mend, check, way back. What
destroys comes last and only where nothing else mends. deepscan runs none of it.
"""

from collections.abc import Sequence
from dataclasses import replace

from correlate.explanation import Explanation
from correlate.observation import Observation
from correlate.problem import Remediation, Step
from correlate.remedies.catalogue import TEMPLATES
from correlate.remedies.slots import slots_of
from correlate.remedies.template import Act, MissingSlot, Slots, Template, commanded, look, said
from scanners.facts.inventory import Inventory
from scanners.kinds import Kind

OTHERS = 2
"""Besides the first remedy at most so many others are offered."""

EDITABLE_GROUPS = frozenset({"", "apps", "batch"})
LAST_RESORT = Template(
    Kind.JOB_FAILED,
    "look",
    "{said}. Look at the object itself first.",
    (
        look("See its conditions and events.", "kubectl describe {resource_kind} {name} -n {namespace}"),
        look("See it whole.", "kubectl get {resource_kind} {name} -o yaml"),
    ),
)
"""For a cause of which too little is known for any other template."""

_ORDER = {"read": 0, "mutates": 1, "destructive": 2}
_DRY_RUN = ("patch", "set", "scale", "create", "cordon", "uncordon", "label", "taint", "delete", "drain")


def mend(_inventory: Inventory, explanation: Explanation) -> Remediation:
    """What to do about the root; only look-steps where its cause is not established."""
    cause = explanation.root
    slots = slots_of(cause, explanation.explained)
    source = _source_of(cause)
    filled = [(template, _steps(template, slots, source)) for template in _fitting(cause)]
    usable = [(template, steps) for template, steps in filled if steps is not None]
    if not explanation.established:
        usable = [(template, steps) for template, steps in usable if not template.mends]
    if any(template.mends and template.reversible for template, _ in usable):
        usable = [(template, steps) for template, steps in usable if template.reversible]
    usable.sort(key=lambda found: _precedence(found[0]))
    if not usable:
        usable = [(LAST_RESORT, _steps(LAST_RESORT, slots, source) or [])]
    return _written(usable[: 1 + OTHERS], slots)


def _precedence(template: Template) -> tuple[bool, int, bool, bool, str]:
    """What mends before what only looks; fewest objects; reversible; the narrower class; name."""
    return not template.mends, template.objects, not template.reversible, template.when is None, template.name


def _fitting(cause: Observation) -> list[Template]:
    known = TEMPLATES.get(cause.kind, ())
    return [template for template in known if template.when is None or template.when(cause)]


def _written(usable: Sequence[tuple[Template, list[Step]]], slots: Slots) -> Remediation:
    (first, steps), *others = usable
    steps = list(steps)
    for _, more in others:
        known = {step.command or step.text for step in steps}
        for step in more:
            if (step.command or step.text) not in known:
                text = step.text if step.effect == "read" else f"Or: {step.text}"
                steps.append(replace(step, text=text))
    steps.sort(key=lambda step: _ORDER[step.effect])
    return Remediation(text=said(first.text, slots), steps=steps)


def _source_of(cause: Observation) -> str:
    """What delivers or controls the subject, so that a change of the subject itself would be overwritten."""
    delivered = cause.finding.delivered_by
    if delivered is not None:
        return f"{delivered.kind} {delivered.place}"
    subject = cause.subject
    return f"{subject.kind} {cause.finding.subject.place}" if subject.group not in EDITABLE_GROUPS else ""


def _steps(template: Template, slots: Slots, source: str) -> list[Step] | None:
    """
    The steps filled in; None where a slot of a text or of a change is missing. A look that cannot be said is
    left out.
    """
    steps = []
    try:
        said(template.text, slots)
    except MissingSlot:
        return None
    for act in template.acts:
        try:
            steps.append(_step(act, slots, source if template.edits else ""))
        except MissingSlot:
            if act.effect != "read":
                return None
    return steps


def _step(act: Act, slots: Slots, source: str) -> Step:
    text = said(act.text, slots)
    if source and act.effect != "read":
        text = f"In the source of {source}, which would overwrite a change made here: {text}"
    command = commanded(act.command, slots) if act.command and not (source and act.effect != "read") else None
    return Step(
        text=text,
        command=command,
        effect=act.effect,
        dry_run=_dry_run(command) if command and act.effect != "read" else None,
        verify=_verify(act, slots),
        undo=_line_or_words(act.undo, slots),
    )


def _dry_run(command: str) -> str | None:
    """The same command as a server-side rehearsal, where kubectl has one for its verb."""
    verb = command.split(" ", 2)[1]
    return (
        f"{command} --dry-run=server"
        if verb in _DRY_RUN or command.startswith("kubectl rollout undo")
        else None
    )


def _verify(act: Act, slots: Slots) -> str | None:
    """How to see that it helped; left out where it cannot be said, unlike the way back."""
    try:
        return _line_or_words(act.verify, slots)
    except MissingSlot:
        return None


def _line_or_words(text: str, slots: Slots) -> str | None:
    if not text:
        return None
    return commanded(text, slots) if text.startswith("kubectl ") else said(text, slots)
