"""What a person wants the engine to do, as another process puts it into the journal."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from core.model.alert import MOST, Alert
from core.model.instrument import is_symbol
from core.model.signal import Direction
from core.model.source import BY_PEOPLE, Source

_MOST_PCT = 100.0


class CommandState(StrEnum):
    """What has become of a command."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Enter:
    """
    Open a position in the account by hand, at the open of the next minute.

    Attributes:
        risk_pct: Percent of that account's equity to lose at the stop; None with ``quantity``.
        quantity: Base units; None with ``risk_pct``.

    Raises:
        ValueError: If a number is not above 0, the levels lie on one side, or not exactly one
            size is given.
    """

    symbol: str
    direction: Direction
    stop: float
    target: float
    risk_pct: float | None = None
    quantity: float | None = None

    def __post_init__(self) -> None:
        _must_be_symbol(self.symbol)
        if self.direction not in {Direction.LONG, Direction.SHORT}:
            raise ValueError(f"direction must be LONG or SHORT, was {self.direction!r:.80}")
        _must_be_above_0(stop=self.stop, target=self.target)
        if (self.risk_pct is None) == (self.quantity is None):
            raise ValueError("exactly one of risk_pct and quantity must be given")
        if self.risk_pct is not None:
            _must_be_above_0(risk_pct=self.risk_pct)
            if self.risk_pct > _MOST_PCT:
                raise ValueError(f"risk_pct must be at most 100, was {self.risk_pct}")
        if self.quantity is not None:
            _must_be_above_0(quantity=self.quantity)
        if self.direction.sign * (self.target - self.stop) <= 0.0:
            raise ValueError(
                f"stop {self.stop} and target {self.target} are on the wrong sides of "
                f"a {self.direction}"
            )


@dataclass(frozen=True, slots=True)
class Close:
    """
    Close a trade, or a share of it, at the open of the next minute.

    Attributes:
        share: Above 0 and at most 1; a smaller part than one step of the quantity is refused.

    Raises:
        ValueError: If a number is out of bounds.
    """

    trade_id: int
    share: float = 1.0

    def __post_init__(self) -> None:
        _must_be_number_of(trade_id=self.trade_id)
        _must_be_above_0(share=self.share)
        if self.share > 1.0:
            raise ValueError(f"share must be at most 1, was {self.share}")


@dataclass(frozen=True, slots=True)
class MoveLevels:
    """
    Move stop, target or both of a trade; None leaves one where it is.

    Raises:
        ValueError: If neither is given, or one is not above 0.
    """

    trade_id: int
    stop: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        _must_be_number_of(trade_id=self.trade_id)
        if self.stop is None and self.target is None:
            raise ValueError("stop or target must be given")
        if self.stop is not None:
            _must_be_above_0(stop=self.stop)
        if self.target is not None:
            _must_be_above_0(target=self.target)


@dataclass(frozen=True, slots=True)
class Flatten:
    """
    Close every trade of some accounts at the open of the next minute.

    Raises:
        ValueError: If there is none, one twice, or a shadow: those trade by themselves.
    """

    sources: tuple[Source, ...] = (Source.HAND,)

    def __post_init__(self) -> None:
        fit = isinstance(self.sources, tuple) and len(self.sources) > 0
        if not fit or len(set(self.sources)) < len(self.sources):
            raise ValueError(f"sources must be accounts, each once: {self.sources!r:.80}")
        if not set(self.sources) <= set(BY_PEOPLE):
            raise ValueError(f"sources may be hand and policy only: {self.sources!r:.80}")


@dataclass(frozen=True, slots=True)
class PauseSymbol:
    """Let the policy enter nothing in a symbol until somebody resumes it."""

    symbol: str

    def __post_init__(self) -> None:
        _must_be_symbol(self.symbol)


@dataclass(frozen=True, slots=True)
class ResumeSymbol:
    """Let the policy enter a symbol again."""

    symbol: str

    def __post_init__(self) -> None:
        _must_be_symbol(self.symbol)


@dataclass(frozen=True, slots=True)
class AddAlert:
    """Watch for something."""

    alert: Alert

    def __post_init__(self) -> None:
        if not isinstance(self.alert, Alert):
            raise ValueError("alert must be an alert")  # noqa: TRY004 - one kind of error


@dataclass(frozen=True, slots=True)
class RemoveAlert:
    """Watch for something no more."""

    alert_id: int

    def __post_init__(self) -> None:
        _must_be_number_of(alert_id=self.alert_id)


Command: TypeAlias = (
    Enter | Close | MoveLevels | Flatten | PauseSymbol | ResumeSymbol | AddAlert | RemoveAlert
)

_KINDS: Mapping[str, type[Command]] = MappingProxyType(
    {
        "enter": Enter,
        "close": Close,
        "move_levels": MoveLevels,
        "flatten": Flatten,
        "pause_symbol": PauseSymbol,
        "resume_symbol": ResumeSymbol,
        "add_alert": AddAlert,
        "remove_alert": RemoveAlert,
    }
)
_NAMES = MappingProxyType({kind: name for name, kind in _KINDS.items()})


def to_json(command: Command) -> str:
    """Return a command as a JSON object; ``kind`` says which it is."""
    told = {field.name: getattr(command, field.name) for field in fields(command)}
    if isinstance(command, AddAlert):
        told["alert"] = command.alert.values()
    return json.dumps({"kind": _NAMES[type(command)]} | told)


def from_json(text: str) -> Command:
    """
    Read what `to_json` wrote, and nothing else.

    Raises:
        ValueError: If it is something else; the words name what is wrong.
    """
    try:
        told = json.loads(text, object_pairs_hook=_distinct)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(told, dict) or not isinstance(told.get("kind"), str):
        raise ValueError("no object with a kind")  # noqa: TRY004 - one kind of error
    kind = _KINDS.get(told.pop("kind"))
    if kind is None:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}")
    names = {field.name for field in fields(kind)}
    if told.keys() != names:
        wrong = ", ".join(sorted(names ^ told.keys()))
        raise ValueError(f"fields are missing or unknown: {wrong:.80}")
    for name, read in _READ.items():
        if name in told:
            told[name] = read(told[name])
    return kind(**told)


def _sources(told: object) -> tuple[Source, ...]:
    if not isinstance(told, list):
        raise ValueError("sources must be a list")  # noqa: TRY004 - one kind of error
    return tuple(Source(name) for name in told)


def _alert(told: object) -> Alert:
    if not isinstance(told, dict):
        raise ValueError("alert must be an object")  # noqa: TRY004 - one kind of error
    return Alert.of_values(told)


_READ: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"direction": Direction, "sources": _sources, "alert": _alert}
)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a field is there twice")
    return told


def _must_be_symbol(symbol: object) -> None:
    if not isinstance(symbol, str) or not is_symbol(symbol):
        raise ValueError(f"symbol must be a name of the exchange, was {symbol!r:.80}")


def _must_be_above_0(**numbers: object) -> None:
    for name, number in numbers.items():
        if not isinstance(number, int | float) or isinstance(number, bool) or not 0 < number < MOST:
            raise ValueError(f"{name} must be a number above 0, was {number!r:.80}")


def _must_be_number_of(**numbers: object) -> None:
    for name, number in numbers.items():
        if type(number) is not int or number < 1:
            raise ValueError(f"{name} must be a row's number, was {number!r:.80}")
