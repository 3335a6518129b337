"""Shape of the code base: the rules of CONTRIBUTING.md that a tool can check."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from core.config import REPOSITORY

PACKAGES = ("core", "deepseek", "ops", "scripts", "ui")
MODULES = [
    REPOSITORY / "main.py",
    *sorted(path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")),
]
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
every_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY))
)


@every_module
def test_a_module_fits_in_the_head(path: Path):
    assert len(path.read_text().splitlines()) <= 300


@every_module
def test_a_module_is_no_junk_drawer(path: Path):
    assert path.stem not in JUNK_DRAWERS


@every_module
def test_a_class_has_at_most_ten_public_methods(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            public = [
                item.name
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
                and not item.name.startswith("_")
            ]
            assert len(public) <= 10, f"{node.name}: {public}"


@every_module
def test_no_module_keeps_state(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Global), f"{path.name}:{node.lineno} global"


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
