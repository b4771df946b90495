"""Every way to check the house, one session each: `nox` runs what CI runs, `nox -s tests` is the quick part."""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = [
    "lint", "types", "house", "docs", "tests", "metrics", "history", "model", "browser", "clouds", "cluster",
]  # fmt: skip
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "uv|venv"
os.environ.setdefault("UV_COMPILE_BYTECODE", "1")  # as pip does: the first start of the command is measured

PROJECT = nox.project.load_toml("pyproject.toml")
CLOUDS = [extra for extra in PROJECT["project"]["optional-dependencies"] if extra in ("aws", "gcp", "azure")]


def groups(*names: str) -> list[str]:
    """Requirements of dependency groups of pyproject.toml."""
    return nox.project.dependency_groups(PROJECT, *names)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: mistakes and format."""
    session.install(*groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict, over the four packages."""
    session.install("-e", ".", *groups("types"))
    session.run("mypy")


@nox.session
def house(session: nox.Session) -> None:
    """The rules of the house: import contracts, sizes of modules and functions, what the wheel holds."""
    session.install("-e", ".", *groups("test", "lint"))
    session.run("lint-imports")
    session.run("pytest", "tests/house", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Blocks of the README against the real commands, the published schema against the models."""
    session.install("-e", ".", *groups("test"))
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The quick part: no external part is needed."""
    session.install("-e", ".[mcp]", *groups("test"))
    ignored = [
        f"--ignore=tests/{folder}"
        for folder in ("cluster", "house", "docs", "clouds", "browser", "metrics", "history")
    ]
    ignored.append("--ignore=tests/model/by_litellm")
    session.run("pytest", "tests", *ignored, "-n", "2", "--dist", "loadfile", *session.posargs)


@nox.session
def history(session: nox.Session) -> None:
    """Scans remembered, in SQLite and in a real PostgreSQL (Debian package postgresql)."""
    session.install("-e", ".[postgres]", *groups("test"))
    session.run("pytest", "tests/history", "-n", "2", "--dist", "loadfile", *session.posargs)


@nox.session
def cluster(session: nox.Session) -> None:
    """Live scans of a real control plane: kube-apiserver, etcd, controllers and scheduler, with kwok's nodes."""
    session.install("-e", ".", *groups("test"))
    session.run("python", "-m", "tests.cluster.build")
    session.run("pytest", "tests/cluster", "-s", *session.posargs)


@nox.session
def clouds(session: nox.Session) -> None:
    """Accounts of three clouds on local servers, entered and scanned; behind each cluster a real API server."""
    session.install("-e", f".[{','.join(CLOUDS)}]", *groups("test", "clouds"))
    session.run("python", "-m", "tests.cluster.build")
    session.run("pytest", "tests/clouds", "-n", "2", "--dist", "loadfile", *session.posargs)


@nox.session
def metrics(session: nox.Session) -> None:
    """Measured use on a real Prometheus, filled with a week of a seeded cluster (Debian package `prometheus`)."""
    session.install("-e", ".", *groups("test"))
    session.run("pytest", "tests/metrics", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The page of a report under attack in a real Chromium (Debian package chromium)."""
    session.install("-e", ".", *groups("test"))
    session.run("pytest", "tests/browser", "-n", "2", *session.posargs)


@nox.session
def model(session: nox.Session) -> None:
    """Words of a model by way of litellm; who is called is watched from outside (Debian package `strace`)."""
    session.install("-e", ".[llm]", *groups("test"))
    session.run("pytest", "tests/model/by_litellm", "-n", "2", "--dist", "loadfile", "-rP", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed and memory as ratios to curl, gates included; `-- --small` is the short gate of CI."""
    if shutil.which("curl") is None:
        session.error("the yardstick needs curl")
    session.install("-e", ".", *groups("test"))
    session.run("python", "-m", "benchmarks.run", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Make the demo cluster anew from its seed, and fail if the kept one differs."""
    session.install("-e", ".", *groups("test"))
    session.run(
        "python", "-m", "fixtures.make_demo", "--check" if "--check" in session.posargs else "--write"
    )


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel and list what it holds."""
    session.install("build")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build", "--wheel")
    for path in sorted(Path("dist").glob("*.whl")):
        session.log(f"{path} {path.stat().st_size / 1024:.0f} KiB")
