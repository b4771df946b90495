"""
The first thing anybody types is ``deepscan --help``; it must not pay for a scan.
"""

import subprocess
import sys
import time

HEAVY = (
    "networkx",
    "kubernetes_asyncio",
    "aiohttp",
    "boto3",
    "aiobotocore",
    "google.cloud",
    "azure",
    "litellm",
    "jinja2",
    "sqlalchemy",
)


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys\n"
        "sys.argv = ['deepscan', '--help']\n"
        "from swarm.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert ended.stderr.strip().splitlines()[-1] == "[]"
    assert "deepscan run --demo" in ended.stdout


def test_help_costs_less_than_a_few_interpreter_starts() -> None:
    """As a ratio to a start of Python with its site packages, so that a busy machine passes."""

    def seconds(*arguments: str) -> float:
        best = 9.0
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds("-m", "swarm", "--help") <= 12 * seconds("-c", "import json, logging")
