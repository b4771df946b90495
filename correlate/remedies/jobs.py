"""Remedies for work that failed by itself: the first failing attempt tells more than the last."""

from correlate.remedies.template import Template, change, look
from scanners.kinds import Kind

_LOG = look(
    "Read the log of a failed attempt.", "kubectl logs {pod} -n {pod_namespace} -c {container} --tail=60"
)
_SEE = look("See its conditions and events.", "kubectl describe {resource_kind} {name} -n {namespace}")

TEMPLATES = (
    Template(
        Kind.JOB_FAILED,
        "mend-and-recreate",
        "{said}. Mend what its first failing pod says, then create the Job again: a failed Job does not "
        "start over.",
        (
            _SEE,
            _LOG,
            change(
                "Create {kind} {place} again from its manifest under a new name once the cause is mended.",
                verify="kubectl get jobs -n {namespace}",
                undo="Delete the new Job by its name.",
            ),
        ),
    ),
    Template(
        Kind.JOB_FAILING,
        "before-last-attempt",
        "{said}. {attempts_left} attempts are left: mend the cause before the last one, or suspend the Job.",
        (
            _SEE,
            _LOG,
            change(
                "Suspend the Job while its cause is mended, so that no attempt is lost.",
                "kubectl patch {resource_kind} {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"suspend":true}}}}',
                verify="kubectl get {resource_kind} {name} -n {namespace} -o jsonpath={{.spec.suspend}}",
                undo="kubectl patch {resource_kind} {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"suspend":false}}}}',
            ),
        ),
        when=lambda cause: (cause.subject.group, cause.subject.kind) == ("batch", "Job"),
    ),
    Template(Kind.JOB_FAILING, "read-log", "{said}. Mend the cause before the last attempt.", (_SEE, _LOG)),
    Template(
        Kind.RUNS_FAILING,
        "run-once",
        "{said}. Mend the newest failing run, then start one by hand before the next tick.",
        (
            _SEE,
            _LOG,
            change(
                "Start one run by hand to prove the mend.",
                "kubectl create job {name}-proof -n {namespace} --from=cronjob/{name}",
                verify="kubectl get job {name}-proof -n {namespace}",
                undo="kubectl delete job {name}-proof -n {namespace}",
            ),
        ),
        when=lambda cause: (cause.subject.group, cause.subject.kind) == ("batch", "CronJob"),
        edits=False,
    ),
    Template(Kind.RUNS_FAILING, "read-log", "{said}. Mend the newest failing run first.", (_SEE, _LOG)),
    Template(
        Kind.SCHEDULE_MISSED,
        "correct-schedule",
        "{said}. The schedule is {schedule}; correct it, its time zone, or startingDeadlineSeconds.",
        (
            _SEE,
            change(
                "Correct schedule, timeZone or startingDeadlineSeconds of {kind} {place}.",
                verify="kubectl get {resource_kind} {name} -n {namespace} -o "
                "jsonpath={{.status.lastScheduleTime}}",
                undo="Set the former schedule {schedule} again.",
            ),
        ),
    ),
    Template(Kind.SCHEDULE_MISSED, "see-why", "{said}. Its events say why no run was started.", (_SEE,)),
)
