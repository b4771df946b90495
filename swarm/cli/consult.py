"""
``deepscan doctor`` at work: targets and probes side by side, one checkup, an exit status.
"""

import asyncio
import sys
from collections.abc import Sequence

from reports.arithmetic import coverage, printed_coverage
from scanners.facts.gaps import Reading
from swarm.cli.failure import Exit, say
from swarm.cli.gates import check_rules
from swarm.cli.output import Destination, destinations, replace
from swarm.cli.scan import Request, plan_for
from swarm.cli.targets import targets
from swarm.doctor.checkup import Checkup
from swarm.doctor.probes import PROBES, Probed, not_configured
from swarm.doctor.targets import Looked, look_at, look_at_account
from swarm.doctor.words import text
from swarm.errors import ConfigurationError
from swarm.settings import Loaded, load
from swarm.spec import TargetSpec
from swarm.target import Plan
from swarm.version import installed

FORMATS = ("terminal", "json")


def consult(request: Request) -> Exit:
    """Look at what was asked for and tell it; 3 where a target is out of reach or too little would be covered."""
    loaded = load(request.flags, file=request.config)
    check_rules(loaded.settings.fail_on)
    wanted = _destinations(request)
    specs, plan = targets(request, loaded.settings), plan_for(loaded.settings)
    looked, probed = asyncio.run(_look(specs, plan, loaded))
    rows = [row for each in looked for row in each.checkup.checks]
    checkup = Checkup(
        deepscan_version=installed(),
        coverage_percent=printed_coverage(coverage(rows)),
        targets=[each.checkup for each in looked],
        probes=[*(each.row for each in probed), *not_configured(plan.checks, _answered(looked, probed))],
    )
    for each in looked:
        if each.error is not None:
            say(each.error)
    _write(checkup, wanted, verbose=request.verbose)
    short = coverage(rows) < loaded.settings.min_coverage
    return Exit.INCOMPLETE if short or any(each.error for each in looked) else Exit.DONE


def _answered(looked: Sequence[Looked], probed: Sequence[Probed]) -> set[str]:
    """Slices of which something is known: of the probes, and of the targets."""
    beside = {reading.slice for each in probed for reading in each.readings}
    return beside | {row.slice for each in looked for row in each.checkup.coverage}


async def _look(
    specs: Sequence[TargetSpec], plan: Plan, loaded: Loaded
) -> tuple[Sequence[Looked], Sequence[Probed]]:
    told = await asyncio.gather(*(probe(loaded) for probe in PROBES))
    probed = [each for each in told if each is not None]
    beside = [reading for each in probed for reading in each.readings]
    looked = await asyncio.gather(*(_looked(spec, plan, beside) for spec in specs))
    return [each for one in looked for each in one], probed


async def _looked(spec: TargetSpec, plan: Plan, beside: Sequence[Reading]) -> list[Looked]:
    if spec.account is not None:
        return await look_at_account(spec, plan, beside)
    return [await look_at(spec, plan, beside)]


def _destinations(request: Request) -> list[Destination]:
    wanted = destinations(request.formats, None)
    for destination in wanted:
        if destination.format not in FORMATS:
            what = f"a checkup has no {destination.format} format"
            raise ConfigurationError(what, where="--format", mend=f"known are {' and '.join(FORMATS)}")
    return wanted


def _write(checkup: Checkup, wanted: Sequence[Destination], *, verbose: bool) -> None:
    for destination in sorted(wanted, key=lambda d: d.path is None):
        told = checkup.to_json() if destination.format == "json" else text(checkup, verbose=verbose)
        if destination.path is None:
            sys.stdout.write(told)
        else:
            replace(destination.path, told)
            sys.stderr.write(f"wrote {destination.path}\n")
