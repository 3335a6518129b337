"""What a configuration holds that nobody may read in a log, page, backup or message."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from pydantic import BaseModel, SecretStr

_SHORTEST_PART: Final = 12
"""Characters: a shorter piece of an address is a word, not a token."""
_IS_SECRET: Final = re.compile(r"(?i)pass|pwd|secret|token|key")
"""Of the name of a query's value."""


def secrets_of(settings: BaseModel) -> tuple[str, ...]:
    """
    Return every secret of a configuration, longest first.

    Of an address also its password and the pieces that are as long as a token, as they are written
    in it and as they are meant: programs that fail tell parts of it.
    """
    found = {word for text in _texts(settings) for word in (text, *_parts(text))}
    return tuple(sorted((word for word in found if word), key=lambda word: (-len(word), word)))


def _texts(section: BaseModel) -> Iterator[str]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value().strip()
        elif isinstance(value, BaseModel):
            yield from _texts(value)


def _parts(text: str) -> Iterator[str]:
    for address in text.split():
        _, scheme, rest = address.partition("://")
        if not scheme:
            continue
        yield address
        for part in (*_long(rest), *_passwords(rest)):
            yield from (part, unquote(part), unquote_plus(part))


def _long(rest: str) -> Iterator[str]:
    pieces = re.split(r"[/@:?&=]", rest)
    yield from (piece for piece in pieces if len(piece) >= _SHORTEST_PART)


def _passwords(rest: str) -> Iterator[str]:
    """Yield what is a secret by its place, however short it is."""
    place, _, query = rest.partition("?")
    user, _, _ = place.partition("/")[0].rpartition("@")
    yield user.partition(":")[2]
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if _IS_SECRET.search(name):
            yield value
