"""Dataclasses as rows, where `dataclasses.asdict` would copy all that is in their fields."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

_Row = TypeVar("_Row")


def row_maker(kind: type[_Row]) -> Callable[[_Row], dict[str, Any]]:
    """Return what makes a dict of a dataclass's fields, in their order; values are not copied."""
    names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    return lambda row: {name: getattr(row, name) for name in names}
