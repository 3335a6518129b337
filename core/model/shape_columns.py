"""Columns that belong together."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.model.candles import TimeArray

SignArray: TypeAlias = npt.NDArray[np.int8]


class ShapeError(ValueError):
    """A shape whose columns do not fit together."""


def seal(
    name: str, first: npt.NDArray[np.generic], *others: npt.NDArray[np.generic] | None
) -> None:
    """Make columns read-only; raise `ShapeError` where their lengths differ."""
    first.setflags(write=False)
    for column in others:
        if column is None:
            continue
        if column.shape != first.shape:
            raise ShapeError(f"{name}: columns of shapes {first.shape} and {column.shape}")
        column.setflags(write=False)


def require_order(name: str, confirmed_ms: TimeArray) -> None:
    """Raise `ShapeError` where a row became known before the one above it."""
    if confirmed_ms.size > 1 and bool((confirmed_ms[1:] < confirmed_ms[:-1]).any()):
        raise ShapeError(f"{name}: not in the order in which they became known")
