"""Parameters of an overlay: numbers with a unit, a meaning and bounds they cannot leave."""

from dataclasses import dataclass, field, fields
from typing import Any, cast

_KEY = "parameter"


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    What may be chosen, for people.

    Attributes:
        low, high: Bounds, both allowed.
        unit: Such as ``candles`` or ``ATR``; empty for a plain number.
        meaning: One phrase.
    """

    name: str
    default: float
    low: float
    high: float
    unit: str
    meaning: str


def parameter(default: float, low: float, high: float, unit: str, meaning: str) -> Any:
    """Declare a field of a frozen dataclass that inherits `Bounded`."""
    return field(default=default, metadata={_KEY: (low, high, unit, meaning)})


class Bounded:
    """
    Base of parameter dataclasses: refuses values outside their bounds, NaN included.

    Raises:
        ValueError: On construction, naming the parameter and its value.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for declared in parameters(self):
            value = getattr(self, declared.name)
            if not declared.low <= value <= declared.high:
                bounds = f"between {declared.low:g} and {declared.high:g}"
                raise ValueError(f"{declared.name} must be {bounds}, was {value}")


def parameters(of: Any) -> tuple[Parameter, ...]:
    """Return the declared parameters of a dataclass or an instance of one, in order."""
    return tuple(
        Parameter(declared.name, cast("float", declared.default), *declared.metadata[_KEY])
        for declared in fields(of)
        if _KEY in declared.metadata
    )
