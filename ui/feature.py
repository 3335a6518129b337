"""
What the page is put together from: features, each with its parts, panels and routes.

A feature is added to the page by listing it in `ui.composition`; the layout finds a place
for its parts, and the push loop reads its panels while somebody can see them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar

from dash import Dash
from fastapi import APIRouter

from core.attempts import FAILURES as COMPUTATION_FAILURES
from core.journal.errors import JournalError
from ui.view import View

Reading = TypeVar("Reading")
FAILURES = (*COMPUTATION_FAILURES, JournalError, OSError)
"""What may go wrong in one part of the page, and must not take the others with it."""

Update: TypeAlias = tuple[str, str, Any]
"""Component id, property, value."""


class Place(StrEnum):
    """Where on the page a part is put."""

    HEADER = "header"
    """In the header, before the switches at its right end."""
    TOOLS = "tools"
    """In the bar above the chart."""
    CHART = "chart"
    """Over the chart, placed by its own style."""
    RIGHT = "right"
    """A card of the right column; foldable."""
    TAB = "tab"
    """A tab below the chart."""
    PERFORMANCE = "performance"
    """A section of the page Performance."""
    SYSTEM = "system"
    """A section of the page System."""
    ASIDE = "aside"
    """Once per page, in no region: dialogs, drawers, banners, stores."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    A piece of the page.

    Attributes:
        key: A stable word. The part's element is ``part-<key>``; a `LivePanel` of the same key is
            read while that element can be seen.
        build: Makes its components, afresh for each load of the page.
        title: Of the card, tab, section or group of tools; empty where the place shows none.
        order: Among the parts of its place, lowest first.
        always: Whether it is there also while there is no market to show.
    """

    place: Place
    key: str
    build: Callable[[], Any]
    title: str = ""
    order: int = 50
    always: bool = False


@dataclass(frozen=True, slots=True)
class LivePanel(Generic[Reading]):
    """
    What is read again and again while a part of the page can be seen.

    Attributes:
        key: Of its `Part`.
        every_s: How old a reading may become; a change of what the page shows reads it at once.
        read: Reads it for a view. Called in a thread, so it may touch files and the database; an
            expected failure is part of the reading, never an exception.
        updates: Yields the properties to be set, from the new reading and the one before (None at
            first). Not called when the two are equal.
    """

    key: str
    every_s: float
    read: Callable[[View], Reading]
    updates: Callable[[Reading, Reading | None], Iterable[Update]]


def _nothing(_: Dash) -> None:
    """Register no callback."""


@dataclass(frozen=True, slots=True)
class Feature:
    """
    Attributes:
        parts: What the layout places.
        panels: What the push loop reads while it is seen.
        register: Attaches callbacks, once.
        router: Routes of its own, all beginning with a word of its own.
    """

    parts: tuple[Part, ...] = ()
    panels: tuple[LivePanel[Any], ...] = ()
    register: Callable[[Dash], None] = _nothing
    router: APIRouter | None = None


def parts_of(features: Iterable[Feature], place: Place) -> list[Part]:
    """Return the parts of a place in their order."""
    found = [part for feature in features for part in feature.parts if part.place is place]
    return sorted(found, key=lambda part: (part.order, part.key))
