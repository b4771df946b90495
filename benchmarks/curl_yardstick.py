"""Seconds mean nothing on another machine, so deepscan is held against what everyone has: curl to /dev/null.

    python -m benchmarks.curl_yardstick FOLDER PORT CA TOKEN

The same pages, inflated, over one kept-alive connection: pages of a list in sequence, one list after another.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.cluster.pages import LISTS, continue_token
from benchmarks.generate import read_manifest
from benchmarks.measure import Cost, measure


def page_urls(folder: Path, port: int) -> Iterator[str]:
    """Every page of every list, in the order a client reads them."""
    manifest = read_manifest(folder)
    size = manifest["sizes"]["page"]
    for name, kind in LISTS.items():
        for start in range(0, max(1, manifest["lists"][name]["objects"]), size):
            query = {"limit": str(size)} | ({"continue": continue_token(name, start)} if start else {})
            yield f"https://127.0.0.1:{port}{kind.path}?{urlencode(query)}"


def curl_yardstick(folder: Path, port: int, authority: Path, token: str) -> Cost:
    """What curl spends on the whole data."""
    if not shutil.which("curl"):
        raise SystemExit("error: the yardstick needs curl, which is not on the PATH")
    with tempfile.TemporaryDirectory() as scratch:
        options = Path(scratch) / "curl.conf"
        lines = (f'url = "{url}"\noutput = "{os.devnull}"\n' for url in page_urls(folder, port))
        options.write_text(f'header = "Authorization: Bearer {token}"\n' + "".join(lines))
        fixed = ["curl", "--silent", "--show-error", "--fail", "--http1.1", "--compressed", "--noproxy", "*"]
        command = [*fixed, "--cacert", str(authority), "--config", str(options)]
        return measure(command, environment=dict(os.environ), folder=Path(scratch))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curl_yardstick")
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("ca", type=Path)
    parser.add_argument("token")
    options = parser.parse_args()
    cost = curl_yardstick(options.folder, options.port, options.ca, options.token)
    json.dump({"cpu": round(cost.cpu, 3), "wall": round(cost.wall, 3)}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
