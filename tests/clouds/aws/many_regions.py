"""
Thirty regions with twenty clusters each, in a process of its own: every region answers after its own seeded time, some
calls are throttled, and a region may stay silent. It is quicker than moto, which is what the clock is for.

    python -m tests.clouds.aws.many_regions '{"regions": 30, "clusters": 20, "seed": 7, ...}'
"""

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from .wire import Call, call_of, refused

ACCOUNT = "123456789012"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
MACHINES = 40
DISKS = 5
TYPE = "p4d.24xlarge"


@dataclass(frozen=True)
class World:
    """
    What is simulated. A region's calls take between half and one and a half of its own time, which lies between
    ``quickest`` and ``slowest`` seconds; ``throttled`` is the share of calls that are refused for now. ``only`` are the
    regions that are switched on, empty for all.
    """

    regions: int = 30
    clusters: int = 20
    seed: int = 7
    quickest: float = 0.05
    slowest: float = 0.5
    throttled: float = 0.0
    silent: str = ""
    only: tuple[str, ...] = ()

    @property
    def times(self) -> dict[str, float]:
        """Seconds that a region takes on average, by region; the last one is the slowest."""
        pace = random.Random(self.seed)
        times = {f"sim-{n:02}": pace.uniform(self.quickest, self.slowest) for n in range(1, self.regions)}
        return {**times, f"sim-{self.regions:02}": self.slowest}


class ManyRegions:
    """A world that runs; `with ManyRegions(world) as url:`."""

    def __init__(self, world: World) -> None:
        self._command = [sys.executable, "-m", __name__, json.dumps(asdict(world))]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=10)


class _Server:
    def __init__(self, world: World) -> None:
        self._world = world
        self._random = random.Random(world.seed)
        self._times = world.times
        self._throttled: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        call = call_of(request, await request.read())
        if call.region and call.region == self._world.silent:
            await asyncio.sleep(3600)
        mean = self._times.get(call.region, 0.01)
        await asyncio.sleep(mean * self._random.uniform(0.5, 1.5))
        login = call.operation in ("GetCallerIdentity", "DescribeRegions")
        if not login and self._random.random() < self._world.throttled:
            return refused(
                call, "ThrottlingException" if call.service == "eks" else "Throttling", "Rate exceeded", 400
            )
        return self._eks(call) if call.service == "eks" else self._other(call)

    def _eks(self, call: Call) -> web.Response:
        parts = call.path.strip("/").split("/")
        name = parts[1] if len(parts) > 1 else ""
        arn = f"arn:aws:eks:{call.region}:{ACCOUNT}"
        if call.operation == "ListClusters":
            return web.json_response({"clusters": [f"c{n:02}" for n in range(self._world.clusters)]})
        if call.operation == "DescribeCluster":
            return web.json_response({"cluster": {
                "name": name, "arn": f"{arn}:cluster/{name}", "status": "ACTIVE", "version": "1.36",
                "endpoint": f"https://{name}.{call.region}.example", "certificateAuthority": {"data": "eA=="},
                "resourcesVpcConfig": {"endpointPublicAccess": True}, "health": {"issues": []},
            }})  # fmt: skip
        if call.operation == "ListNodegroups":
            return web.json_response({"nodegroups": ["gpu"]})
        return web.json_response({"nodegroup": {
            "nodegroupName": "gpu", "nodegroupArn": f"{arn}:nodegroup/{name}/gpu/1", "clusterName": name,
            "status": "ACTIVE", "instanceTypes": [TYPE], "health": {"issues": []},
            "scalingConfig": {"minSize": 0, "maxSize": 4, "desiredSize": 2},
            "resources": {"autoScalingGroups": [{"name": f"eks-{name}"}]},
        }})  # fmt: skip

    def _other(self, call: Call) -> web.Response:
        maker = getattr(self, f"_{call.operation}", None)
        if call.operation == "ListServiceQuotas":
            return web.json_response({"Quotas": []}, content_type="application/x-amz-json-1.1")
        body = maker(call) if maker is not None else ""
        space = EC2 if call.service == "ec2" else ""
        if call.service != "ec2":
            body = f"<{call.operation}Result>{body}</{call.operation}Result>"
        text = f'<{call.operation}Response xmlns="{space}">{body}</{call.operation}Response>'
        return web.Response(text=text, content_type="text/xml")

    def _GetCallerIdentity(self, call: Call) -> str:
        return f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/x</Arn><UserId>x</UserId>"

    def _DescribeRegions(self, call: Call) -> str:
        names = self._world.only or tuple(self._times)
        return f"<regionInfo>{''.join(f'<item><regionName>{name}</regionName></item>' for name in names)}</regionInfo>"

    def _DescribeAutoScalingGroups(self, call: Call) -> str:
        names = [value for key, value in call.parameters.items() if key.startswith("AutoScalingGroupNames.")]
        machine = (
            f"<member><InstanceType>{TYPE}</InstanceType><LifecycleState>InService</LifecycleState></member>"
        )
        groups = "".join(
            f"<member><AutoScalingGroupName>{name}</AutoScalingGroupName><Instances>{machine * 2}</Instances></member>"
            for name in names
        )
        return f"<AutoScalingGroups>{groups}</AutoScalingGroups>"

    def _DescribeInstances(self, call: Call) -> str:
        """Two pages of machines, each of some cluster."""
        half, second = MACHINES // 2, "NextToken" in call.parameters
        items = "".join(
            _machine(call.region, n, self._world.clusters) for n in range(half * second, half * (1 + second))
        )
        more = "" if second else "<nextToken>more</nextToken>"
        return f"<reservationSet><item><instancesSet>{items}</instancesSet></item></reservationSet>{more}"

    def _DescribeInstanceTypes(self, call: Call) -> str:
        gpus = "<item><name>A100</name><manufacturer>NVIDIA</manufacturer><count>8</count></item>"
        info = f"<gpuInfo><gpus>{gpus}</gpus></gpuInfo>"
        return f"<instanceTypeSet><item><instanceType>{TYPE}</instanceType>{info}</item></instanceTypeSet>"

    def _DescribeVolumes(self, call: Call) -> str:
        items = "".join(
            f"<item><volumeId>vol-{call.region}-{n}</volumeId><status>available</status><size>8</size></item>"
            for n in range(DISKS)
        )
        return f"<volumeSet>{items}</volumeSet>"


def _machine(region: str, number: int, clusters: int) -> str:
    tag = f"<item><key>eks:cluster-name</key><value>c{number % clusters:02}</value></item>"
    return (
        f"<item><instanceId>i-{region}-{number}</instanceId><instanceType>{TYPE}</instanceType>"
        f"<instanceState><name>running</name></instanceState><tagSet>{tag}</tagSet></item>"
    )


async def _serve(settings: dict[str, Any]) -> None:
    world = World(**{**settings, "only": tuple(settings["only"])})
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", _Server(world).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1])))
