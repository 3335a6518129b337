"""Options into a running simulator."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.data.recording.reader import is_recording
from core.simulator.clock import Lease, MarketClock
from core.simulator.errors import SimulatorError
from core.simulator.faults.kinds import AnyFault
from core.simulator.frame_replay.server import ReplayServer, serve_recording
from core.simulator.generated import GeneratedMarket
from core.simulator.market import Market
from core.simulator.replay_files import recorded
from core.simulator.replayed import ReplayedMarket
from core.simulator.seconds import DAY_MS
from core.simulator.server import serve

logger = logging.getLogger(__name__)

_LEASE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """
    What to simulate.

    Attributes:
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        speed: Market seconds per second.
        symbols: What is traded; for a replay, which of the recorded symbols (empty: all).
        replay: A Parquet file of 1m candles or a folder of them, or recorded frames, which are
            played once with all their details; None generates a market.
        seed: The same seed gives the same market.
        start_ms: Market time at the start; None is now, or follows from the recording.
        history_days: Most days of a recording that lie in the past at the start.
        clock_file: Keeps market time from running backwards over a restart.
        faults: What goes wrong from the start on.
    """

    port: int
    speed: float = 1.0
    symbols: tuple[str, ...] = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    replay: Path | None = None
    seed: int = 7
    start_ms: int | None = None
    history_days: int = 30
    clock_file: Path | None = None
    faults: tuple[AnyFault, ...] = ()

    def __post_init__(self) -> None:
        for name, value, lowest, highest in (
            ("port", self.port, 0, 65_535),
            ("seed", self.seed, 0, 2**63),
            ("history_days", self.history_days, 1, 3_650),
        ):
            if not lowest <= value <= highest:
                raise SimulatorError(f"{name} must be {lowest} to {highest}, was {value}")


async def simulate(
    options: SimulatorOptions,
    *,
    on_ready: Callable[[int], None] = lambda port: None,
    wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """
    Run a simulator until cancelled.

    Raises:
        SimulatorError: If an option, the replay, the clock file or the port cannot be used.
    """
    if options.replay is not None and is_recording(options.replay):
        await _replay_frames(options, options.replay, on_ready, monotonic)
        return
    market, origin_ms, end_ms = await asyncio.to_thread(_market, options, wall_ms())
    lease = Lease(options.clock_file) if options.clock_file else None
    if lease is not None:
        origin_ms = lease.origin_ms(origin_ms)
    if end_ms is not None and origin_ms >= end_ms:
        logger.warning("market time is past the last candle origin_ms=%s", origin_ms)
    clock = MarketClock(origin_ms, options.speed, end_ms=end_ms, monotonic=monotonic)
    if lease is not None:
        lease.write(clock.lease_ms())
    try:
        async with asyncio.TaskGroup() as tasks:
            if lease is not None:
                tasks.create_task(_keep(lease, clock))
            tasks.create_task(
                serve(market, clock, port=options.port, on_ready=on_ready, faults=options.faults)
            )
    except* SimulatorError as group:
        raise _first(group) from None
    finally:
        if lease is not None:
            _renew(lease, clock.now_ms())


async def _replay_frames(
    options: SimulatorOptions,
    path: Path,
    on_ready: Callable[[int], None],
    monotonic: Callable[[], float],
) -> None:
    if options.start_ms is not None or options.clock_file is not None:
        raise SimulatorError(
            f"{path}: recorded frames have a time of their own: "
            "--start-ms and --clock-file do not go with them"
        )
    server = await asyncio.to_thread(
        ReplayServer, path, options.symbols, speed=options.speed, monotonic=monotonic
    )
    await serve_recording(server, port=options.port, on_ready=on_ready, faults=options.faults)


def _market(options: SimulatorOptions, wall_ms: int) -> tuple[Market, int, int | None]:
    """Return the market, where its clock starts, and where it stops."""
    if options.replay is None:
        generated = GeneratedMarket(options.symbols, options.seed)
        origin_ms = wall_ms if options.start_ms is None else options.start_ms
        span = generated.span(options.symbols[0])
        if not span.first_ms <= origin_ms < span.end_ms:
            raise SimulatorError(
                f"start_ms must be {span.first_ms} to {span.end_ms}, was {origin_ms}"
            )
        return generated, origin_ms, span.end_ms
    recordings = recorded(options.replay)
    held = {recording.listing.symbol for recording in recordings}
    if absent := [symbol for symbol in options.symbols if symbol not in held]:
        raise SimulatorError(f"{options.replay}: no 1m candles of {', '.join(absent)}")
    replayed = ReplayedMarket(
        tuple(r for r in recordings if not options.symbols or r.listing.symbol in options.symbols),
        options.seed,
    )
    first_ms, common_ms, end_ms = _common_span(replayed)
    past_ms = min(options.history_days * DAY_MS, (common_ms - first_ms) // 2)
    origin_ms = first_ms + past_ms if options.start_ms is None else options.start_ms
    return replayed, min(origin_ms, end_ms), end_ms


def _common_span(market: Market) -> tuple[int, int, int]:
    """Return where all symbols begin, where the first and where the last of them ends."""
    spans = [market.span(symbol) for symbol in market.listings]
    first_ms, common_ms = max(s.first_ms for s in spans), min(s.end_ms for s in spans)
    end_ms = max(s.end_ms for s in spans)
    if first_ms >= common_ms:  # they never trade together
        first_ms, common_ms = min(s.first_ms for s in spans), end_ms
    return first_ms, common_ms, end_ms


async def _keep(lease: Lease, clock: MarketClock) -> None:
    while True:
        await asyncio.sleep(_LEASE_EVERY_S)
        _renew(lease, clock.lease_ms())


def _renew(lease: Lease, until_ms: int) -> None:
    """Write a running market's lease; a full disk must not end the market."""
    try:
        lease.write(until_ms)
    except SimulatorError as error:
        logger.warning("after a restart market time may run backwards reason=%s", error)


def _first(group: BaseExceptionGroup[SimulatorError]) -> SimulatorError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
