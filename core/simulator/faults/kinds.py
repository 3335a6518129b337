"""The kinds of faults and what each may be told; JSON is checked here and nowhere else."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from core.simulator.errors import SimulatorError

_WEEK_MS = 7 * 86_400_000
Share: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0.0, le=86_400.0)]
Seed: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Instant: TypeAlias = Annotated[int, Meta(ge=0, le=10**14)]
StreamStatus: TypeAlias = Literal[403, 404, 418, 429, 451, 500, 503]
RestStatus: TypeAlias = Literal[400, 403, 408, 418, 429, 451, 500, 503]


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """
    Something that goes wrong.

    Attributes:
        seconds: How long it lasts, in seconds of life; None until it is ended.
    """

    seconds: Seconds | None = None

    @property
    def kind(self) -> str:
        """Its name in JSON."""
        return str(self.__struct_config__.tag)


class RandomFault(Fault, frozen=True, kw_only=True):
    """
    A fault that strikes some and spares others.

    Attributes:
        share: Which part is struck; 1 is all.
        seed: The same seed strikes the same frames.
    """

    share: Share = 1.0
    seed: Seed = 0


class Drop(Fault, frozen=True, kw_only=True, tag="drop"):
    """
    Every socket ends at once; with ``seconds`` so does each that connects while it lasts.

    Attributes:
        code: Of the close frame; 1006 sends none, the connection is reset.
    """

    code: Literal[1000, 1001, 1006, 1008, 1011] = 1006


class Shutdown(Fault, frozen=True, kw_only=True, tag="shutdown"):
    """``serverShutdown`` to every socket, and 1001 two seconds later; ``seconds`` as `Drop`."""


class Refuse(Fault, frozen=True, kw_only=True, tag="refuse"):
    """WebSocket handshakes are answered by an HTTP status."""

    status: StreamStatus = 503
    retry_after: Annotated[int, Meta(ge=0, le=86_400)] | None = None


class Mute(Fault, frozen=True, kw_only=True, tag="mute"):
    """Sockets stay open, pings and commands are answered, no data is sent."""


class SilentSubscription(Fault, frozen=True, kw_only=True, tag="silent_subscription"):
    """
    Streams are acknowledged and never deliver.

    Attributes:
        streams: Their names as a glob, as ``*@kline_*``.
    """

    streams: Annotated[str, Meta(min_length=1, max_length=100)] = "*"


class Duplicate(RandomFault, frozen=True, kw_only=True, tag="duplicate"):
    """Frames are sent twice."""


class Reorder(RandomFault, frozen=True, kw_only=True, tag="reorder"):
    """A frame changes places with the next one of its socket."""


class Delay(Fault, frozen=True, kw_only=True, tag="delay"):
    """Frames are sent late, in order."""

    ms: Annotated[int, Meta(ge=1, le=60_000)]


class Garbage(RandomFault, frozen=True, kw_only=True, tag="garbage"):
    """A broken copy of the frame is sent before the good one."""


class MissingClose(RandomFault, frozen=True, kw_only=True, tag="missing_close"):
    """
    The last frame of a candle is not sent.

    Attributes:
        symbols: Whose candles; None for all.
    """

    symbols: tuple[str, ...] | None = None


class RestGap(Fault, frozen=True, kw_only=True, tag="rest_gap"):
    """
    Candles that open in ``[from_ms, to_ms)`` are missing from REST.

    Attributes:
        symbol: Whose; None for all.
    """

    from_ms: Instant
    to_ms: Instant
    symbol: str | None = None

    def __post_init__(self) -> None:
        if self.to_ms <= self.from_ms:
            raise ValueError("to_ms must be after from_ms")


class RestError(RandomFault, frozen=True, kw_only=True, tag="rest_error"):
    """Requests are refused as the exchange refuses them."""

    status: RestStatus = 503
    retry_after: Annotated[int, Meta(ge=0, le=300_000)] | None = None


class RestGarbage(RandomFault, frozen=True, kw_only=True, tag="rest_garbage"):
    """Replies are 200 and nonsense."""


class RestSlow(Fault, frozen=True, kw_only=True, tag="rest_slow"):
    """Replies come late."""

    ms: Annotated[int, Meta(ge=1, le=600_000)]


class ClockSkew(Fault, frozen=True, kw_only=True, tag="clock_skew"):
    """``serverTime`` and the ``E`` of frames are off."""

    ms: Annotated[int, Meta(ge=-_WEEK_MS, le=_WEEK_MS)]


AnyFault: TypeAlias = (
    Drop
    | Shutdown
    | Refuse
    | Mute
    | SilentSubscription
    | Duplicate
    | Reorder
    | Delay
    | Garbage
    | MissingClose
    | RestGap
    | RestError
    | RestGarbage
    | RestSlow
    | ClockSkew
)
KINDS = tuple(sorted(str(kind.__struct_config__.tag) for kind in AnyFault.__args__))


def parse_fault(text: str | bytes) -> AnyFault:
    """
    Read one fault.

    Raises:
        SimulatorError: If the text is no JSON, or a kind or parameter is unknown, missing or
            out of range; the message names it.
    """
    try:
        fault: AnyFault = msgspec.json.decode(text, type=AnyFault)
    except (msgspec.MsgspecError, ValueError) as error:
        known = f" (kinds: {', '.join(KINDS)})" if "kind" in str(error) else ""
        raise SimulatorError(f"not a fault: {error}{known}") from error
    return fault
