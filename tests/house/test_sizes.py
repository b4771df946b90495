"""
A newcomer reads one module at a sitting: the sizes that style.md of this house asks for.
"""

import ast
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("scanners", "correlate", "reports", "swarm")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def functions() -> list[tuple[str, int]]:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(
                    (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)
                )
    return found


def test_no_module_is_over_300_lines() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > 300} == {}


def test_half_of_the_modules_have_at_most_120_lines() -> None:
    assert median(len(path.read_text().splitlines()) for path in MODULES) <= 120


def test_no_function_is_over_60_lines() -> None:
    assert [(name, size) for name, size in functions() if size > 60] == []


def test_functions_are_short() -> None:
    sizes = [size for _, size in functions()]
    assert median(sizes) <= 10
    assert quantiles(sizes, n=10)[8] <= 35


def test_every_module_says_the_problem_first() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_nothing_is_called_common_utils_core_or_base() -> None:
    names = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & {"common", "utils", "util", "core", "base", "helpers", "misc"} == set()


def test_nothing_refers_to_a_place_outside() -> None:
    kept = [
        p
        for p in ROOT.rglob("*")
        if p.suffix in (".py", ".toml", ".md", ".yaml", ".j2") and ".nox" not in p.parts
    ]
    words = ("../" + "shared", "/work/" + "main", "/opt/" + "deepscan")
    named = [
        (str(path.relative_to(ROOT)), word) for path in kept for word in words if word in path.read_text()
    ]
    assert named == []
