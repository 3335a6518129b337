"""Replaces secrets in finished text, however they were written into it."""

import base64
import html
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
# A shorter secret is a placeholder for a local server; hiding it would eat ordinary words.
_SHORTEST_SECRET: Final = 6


def hiding(secrets: Sequence[str]) -> Callable[[str], str]:
    """
    Return what replaces each secret of at least six characters with ``***``.

    A secret is also found as addresses, JSON, Python, HTML and Base64 write it.
    """
    stripped = (secret.strip() for secret in secrets)
    words = {form for secret in stripped for form in _forms(secret)}
    if not words:
        return str
    # The longest first: one may begin with another.
    ordered = sorted(words, key=lambda word: (-len(word), word))

    def hide(text: str) -> str:
        for word in ordered:
            text = text.replace(word, HIDDEN)
        return text

    return hide


def _forms(secret: str) -> Iterator[str]:
    if len(secret) < _SHORTEST_SECRET:
        return
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    # Without its last letters: they depend on what follows.
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
    if len(encoded) >= _SHORTEST_SECRET:
        yield encoded
