"""What one overlay asks to have drawn."""

from dataclasses import dataclass

from core.model.overlay import Pane
from core.model.shapes import Line, Shape


@dataclass(frozen=True, slots=True)
class DrawnOverlay:
    """
    The shapes of an overlay and where they go.

    Attributes:
        guides: Levels drawn faintly in its own pane.
        bounds: Fixed range of its own pane; None where it follows the values.
    """

    key: str
    title: str
    pane: Pane
    shapes: tuple[Shape, ...]
    guides: tuple[float, ...] = ()
    bounds: tuple[float, float] | None = None

    @property
    def has_own_scale(self) -> bool:
        """Whether one of its lines shares no axis with the rest; rows of a strip are no values."""
        return any(
            isinstance(shape, Line) and (shape.own_scale or self.pane is Pane.STRIP)
            for shape in self.shapes
        )
