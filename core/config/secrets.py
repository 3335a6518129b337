"""What a configuration holds that nobody may read in a log, page, backup or message."""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, SecretStr

_SHORTEST_PART: Final = 12
"""Characters: a shorter piece of an address is a word, not a token."""


def secrets_of(settings: BaseModel) -> tuple[str, ...]:
    """
    Return every secret of a configuration, longest first.

    Of an address also its pieces that are as long as a token: programs that fail tell parts of it.
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
        if scheme:
            yield address
            for mark in "@:?&=":
                rest = rest.replace(mark, "/")
            yield from (part for part in rest.split("/") if len(part) >= _SHORTEST_PART)
