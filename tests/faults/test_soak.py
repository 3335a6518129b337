"""Faults at random for minutes: every candle is there in the end, and nothing has grown."""

import asyncio
import logging
import os
from pathlib import Path

import pytest

from tests.faults.market import START_MS, SYMBOLS, Exchange
from tests.faults.scene import watched
from tests.faults.soak import Soak
from tests.system.product import Exchange as SimulatorProcess

logger = logging.getLogger(__name__)
SPEED = float(os.environ.get("SOAK_SPEED", "300"))
SEED = int(os.environ.get("SOAK_SEED", "20260"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
QUICK_MINUTES = 0.25
LEAST_STRIKES = 5
# Looks at the process that do not count: pools and caches fill while everything happens first.
WARM_UP_LOOKS = 5
# Allocator and Arrow keep what was once needed: between looks of an idle process the resident
# size moves by some megabytes. Candles lost to a leak would come to more within minutes.
GROWTH_BYTES = 16_000_000
# A reply or a socket that is being closed may still be open at either look.
SPARE_FILES = 4
SPARE_TASKS = 6
# The loop's pool of threads for blocking work begins a thread only when it needs one more.
SPARE_THREADS = 4


async def soaked(folder: Path, minutes: float) -> Soak:
    symbols = ("--symbols", ",".join(SYMBOLS), "--start-ms", str(START_MS))
    with SimulatorProcess(folder, SPEED, symbols) as process:
        market = Exchange(SPEED, process.port)
        await market.meet()
        try:
            async with watched(market, folder) as at:
                await at.is_well()
                await at.ends_equal()
                soak = Soak(at, SEED)
                await soak.run(minutes * 60.0, LEAST_STRIKES)
        finally:
            await market.close()
    logger.warning("struck=%s of %s", soak.struck.total(), dict(soak.struck))
    logger.warning("healed_s max=%.2f looks=%d", max(soak.healed_s), len(soak.healed_s))
    for footprint in soak.footprints:
        logger.warning("%s", footprint)
    return soak


@pytest.mark.simulator
@pytest.mark.faults
def test_faults_at_random_leave_no_trace(tmp_path):
    soak = asyncio.run(soaked(tmp_path, QUICK_MINUTES))
    assert soak.struck.total() >= LEAST_STRIKES


@pytest.mark.soak
def test_minutes_of_random_faults_leave_no_trace_and_nothing_grows(tmp_path):
    soak = asyncio.run(soaked(tmp_path, MINUTES))
    before, after = soak.footprints[WARM_UP_LOOKS], soak.footprints[-1]
    assert len(soak.struck) >= 12
    assert after.rss_bytes - before.rss_bytes <= GROWTH_BYTES
    assert after.tasks - before.tasks <= SPARE_TASKS
    assert after.files - before.files <= SPARE_FILES
    assert after.threads - before.threads <= SPARE_THREADS
