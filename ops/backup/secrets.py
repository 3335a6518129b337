"""Keeps keys out of a copied configuration."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from dotenv import dotenv_values

from ops.logging_setup import hiding

_NAME: Final = (
    r"(?:[a-z0-9_-]*[_-])?(?:(?:api|secret|private|access|auth)[_-]?key"
    r"|passw(?:or)?d(?:_hash)?|passphrase|secret|token|credentials?)"
)
_IS_SECRET = re.compile(rf"(?i){_NAME}")
_ENTRY = re.compile(
    rf"""(?im)((?:^|[\s{{,#"'])["']?{_NAME}["']?\s*:[ \t]*)"""
    r"""("[^"\n]*"|'[^'\n]*'|[^\s,}#][^,}#\n]*)"""
)
# Nothing tells where a value ends that nobody parses.
_IN_COMMENT = re.compile(rf"""(?im)((?:^|\s)#[^\n]*?\b{_NAME}["']?\s*[:=][ \t]*)([^\n]+)""")
_IN_ADDRESS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """
    Return a YAML document with each password, key or token emptied, also in its comments.

    Args:
        text: Comments and order stay unless a secret is written so oddly that only the parsed
            document can be cleared of it.
        secrets: Values that are hidden wherever they are.
    """
    cleared = _IN_ADDRESS.sub(r"\1***", _IN_COMMENT.sub(r"\1null", text))
    cleared = hiding(secrets)(_ENTRY.sub(r"\1null", cleared))
    try:
        before, after = yaml.safe_load(text), yaml.safe_load(cleared)
    except yaml.YAMLError:
        return cleared
    told = [value for value in _secret_values(before) if value in cleared]
    if not told and not any(_secret_values(after)):
        return cleared
    return yaml.safe_dump(_emptied(before), sort_keys=False, allow_unicode=True)


def known_secrets(config: Path, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return what the environment and the ``.env`` beside a configuration hold under such names."""
    try:
        beside = dotenv_values(config.parent / ".env")
    except (OSError, UnicodeDecodeError):
        beside = {}
    told = (*beside.items(), *environ.items())
    return tuple(value for name, value in told if value and _IS_SECRET.fullmatch(name))


def _secret_values(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        for key, value in document.items():
            if _IS_SECRET.fullmatch(str(key)) and value not in (None, ""):
                yield str(value).strip()
            else:
                yield from _secret_values(value)
    elif isinstance(document, list):
        for value in document:
            yield from _secret_values(value)


def _emptied(document: Any) -> Any:
    if isinstance(document, dict):
        return {
            key: None if _IS_SECRET.fullmatch(str(key)) else _emptied(value)
            for key, value in document.items()
        }
    return [_emptied(value) for value in document] if isinstance(document, list) else document
