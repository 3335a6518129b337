"""What the regime overlay says of the newest candle."""

from collections.abc import Mapping, Sequence

from core.model.regime import Regime
from core.model.shapes import Ribbon, Shape

REGIME_OVERLAY = "market_regime"
"""Key of the overlay whose ribbon has a state for each `Regime`."""


def newest_regime(shapes: Mapping[str, Sequence[Shape]]) -> Regime | None:
    """
    Return the regime at the newest candle; None where it is not known.

    Args:
        shapes: By overlay key; the overlay may be absent.

    Raises:
        ValueError: If the ribbon has a state that is no `Regime`.
    """
    for shape in shapes.get(REGIME_OVERLAY, ()):
        if isinstance(shape, Ribbon) and shape.code.size and shape.code[-1] >= 0:
            found = Regime(shape.states[int(shape.code[-1])].key)
            return None if found is Regime.UNKNOWN else found
    return None
