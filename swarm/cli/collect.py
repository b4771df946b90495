"""
``deepscan capture`` at work: the same reading as a scan, written down instead of judged.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from scanners.facts.gaps import SliceState
from scanners.facts.inventory import Target
from scanners.facts.slices import GPU_METRICS, KUBERNETES, POD_LOGS, PROMETHEUS
from swarm.cli.failure import Exit
from swarm.cli.scan import Request
from swarm.cli.targets import cluster_source
from swarm.errors import DeepscanError
from swarm.reader import Reader
from swarm.settings import Settings, load
from swarm.sources.recorded.writer import CaptureWriter
from swarm.sources.source import Source
from swarm.version import installed

COLLECTED = (*KUBERNETES, GPU_METRICS, PROMETHEUS)


def collect(request: Request, output: Path) -> Exit:
    """Write the capture; 3 if the cluster could not be read at all."""
    settings = load(request.flags, file=request.config).settings
    with tempfile.TemporaryDirectory(prefix="deepscan-capture-") as folder:
        writer = CaptureWriter(Path(folder))
        source = cluster_source(request, settings, writer.take, writer.take_metrics)
        size, gaps = asyncio.run(_collect(source, writer, settings, output))
    for gap in gaps:
        sys.stderr.write(f"gap: {gap}\n")
    if not request.quiet:
        sys.stderr.write(f"wrote {output} ({size / 1024:.0f} KiB, {source.counters.requests} requests)\n")
    return Exit.DONE


async def _collect(
    source: Source, writer: CaptureWriter, settings: Settings, output: Path
) -> tuple[int, list[str]]:
    try:
        target: Target = await source.open()
        reader = Reader(source)
        wanted = [slice_ for slice_ in COLLECTED if settings.logs or slice_ != POD_LOGS]
        reader.begin(wanted)
        try:
            async with asyncio.timeout(settings.deadline):
                reads = [await reader.read(slice_) for slice_ in wanted]
        except TimeoutError:
            detail = f"not read within the deadline of {settings.deadline:g} s"
            source.stop(SliceState.TIMED_OUT, detail, "raise --deadline")
            await reader.finish(SliceState.TIMED_OUT, detail, "raise --deadline")
            reads = [reader.reads[slice_] for slice_ in wanted]
        writer.take_logs(reader.objects.get(POD_LOGS, ()))
        readings = [reading for read in reads for reading in read.readings]
        if not any(read.objects for read in reads):
            raise DeepscanError(
                "nothing could be read", where=target.name, mend="see `deepscan permissions --kubernetes`"
            )
        size = await asyncio.to_thread(writer.pack, output, target, source.now(), readings, installed())
    finally:
        await source.close()
    gaps = [
        f"{r.slice} ({r.scope}): {r.state} {r.detail}"
        for r in readings
        if r.state not in ("complete", "absent")
    ]
    return size, gaps
