"""Shape of the code base: the rules of CONTRIBUTING.md that a tool can check."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import REPOSITORY

PACKAGES = ("core", "deepseek", "ops", "scripts", "ui")
MODULES = [
    REPOSITORY / "main.py",
    *sorted(path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")),
]
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # of a statement, as ast calls them
JUNK_DRAWERS = {"utils", "helpers", "base", "common", "manager", "misc"}
TOP_LEVEL = {
    ".ci",
    ".env.example",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "config.yaml",
    "core",
    "data",
    "deepseek",
    "docs",
    "main.py",
    "ops",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
    "scripts",
    "tests",
    "ui",
}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Each module's text by its path: one test looks at all of them, and names each offender."""
    return {str(path.relative_to(REPOSITORY)): path.read_text() for path in MODULES}


@pytest.fixture(scope="module")
def classes_and_globals(texts: dict[str, str]) -> list[tuple[str, str, list[str]]]:
    """
    Where each class and each ``global`` is, however deep in other statements, and what it names.

    One tree at a time: all 800 of them at once keep the garbage collector busy.
    """
    return [
        (f"{path}:{node.lineno}", type(node).__name__, named(node))
        for path, text in texts.items()
        for node in statements(ast.parse(text))
        if isinstance(node, ast.ClassDef | ast.Global)
    ]


def named(node: ast.ClassDef | ast.Global) -> list[str]:
    return node.names if isinstance(node, ast.Global) else public_methods(node)


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        for field in BLOCKS:
            waiting += getattr(node, field, ())


def test_a_module_fits_in_the_head(texts: dict[str, str]):
    lengths = {path: len(text.splitlines()) for path, text in texts.items()}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_a_module_is_no_junk_drawer():
    assert [path for path in MODULES if path.stem in JUNK_DRAWERS] == []


def public_methods(node: ast.ClassDef) -> list[str]:
    functions = (i for i in node.body if isinstance(i, ast.FunctionDef | ast.AsyncFunctionDef))
    return [function.name for function in functions if not function.name.startswith("_")]


def test_a_class_has_at_most_ten_public_methods(
    classes_and_globals: list[tuple[str, str, list[str]]],
):
    found = [told for told in classes_and_globals if told[1] == "ClassDef"]
    assert len(found) > 100
    assert [told for told in found if len(told[2]) > 10] == []


def test_no_module_keeps_state(classes_and_globals: list[tuple[str, str, list[str]]]):
    assert [told for told in classes_and_globals if told[1] == "Global"] == []


def test_nothing_else_lies_at_the_top_level():
    listing = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout: there is no list of what belongs to it")
    assert {Path(line).parts[0] for line in listing.stdout.splitlines()} <= TOP_LEVEL


def test_every_requirement_is_pinned_exactly_and_names_no_host():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (REPOSITORY / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[A-Za-z0-9_.-]+==[\w.]+", line), line
