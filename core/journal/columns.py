"""What the modules that describe tables have in common."""

from typing import Any

from sqlalchemy import Column, MetaData

METADATA = MetaData()


def required(name: str, kind: Any, default: str | None = None) -> Column[Any]:
    """Return a column that every row fills."""
    return Column(name, kind, nullable=False, server_default=default)
