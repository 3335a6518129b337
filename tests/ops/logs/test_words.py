"""Nothing healthy says "error": the runbook looks for trouble with ``grep -i error``."""

import ast
import re

from core.config import REPOSITORY

HEALTHY = frozenset({"debug", "info"})
HEALTHY_CALL = re.compile(r"log\w*\.(debug|info)\(")
FOLDERS = ("core", "deepseek", "ops", "scripts", "ui")


def spoken(tree):
    """Yield the line, the constant words and the names of each healthy message of a module."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        whose = ast.unparse(node.func.value)
        if node.func.attr in HEALTHY and "log" in whose.lower():
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield node.lineno, part.value
                elif isinstance(part, ast.Name):
                    yield node.lineno, part.id


def test_no_healthy_message_of_ours_contains_the_word_error():
    files = [p for folder in FOLDERS for p in (REPOSITORY / folder).rglob("*.py")]
    found = [
        (path, line, words)
        for path in (*files, REPOSITORY / "main.py")
        if HEALTHY_CALL.search(text := path.read_text(encoding="utf-8"))
        for line, words in spoken(ast.parse(text))
    ]
    assert len(found) > 20
    assert not [one for one in found if "error" in one[2].lower()]


def test_such_a_message_would_be_found():
    tree = ast.parse('logger.info("an Error count: %d", 1 if x else "errors", error)')
    words = {words for _, words in spoken(tree)}
    assert {"an Error count: %d", "errors", "error"} <= words
