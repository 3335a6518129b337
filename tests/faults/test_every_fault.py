"""Each fault against the real client: it is told while it lasts, and ends with every candle."""

import asyncio
import logging

import pytest

from tests.faults.cases import CASES, Case
from tests.faults.market import Exchange
from tests.faults.scene import Scene, scene

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.simulator, pytest.mark.faults]

# The real limit is ten seconds (tests/core/data/sockets, by their own clock); machines that run
# tests may be busy.
NOTICED_WITHIN_S = 400.0
# A fault that strikes at random may let a few requests pass, and a busy machine makes few.
CHANCES = 20


async def has_struck(market: Exchange, case: Case) -> bool:
    """Whether the first fault has done as much as it should, or is over."""
    struck = await market.struck()
    return struck.get(str(case.faults[0]["kind"]), case.strikes) >= case.strikes


async def suffered(at: Scene, case: Case) -> tuple[float, float]:
    """Let a fault come and go; return the seconds until it was seen and until all was well."""
    market, client = at.market, at.client
    for fault in case.faults:
        await market.start(fault)
    if case.drop:
        await market.start({"kind": "drop"})
    client.clock.move(case.skip_s)
    seen_s = await at.until(
        lambda: case.sees(client), f"the page shows {case.name}", deadline_s=NOTICED_WITHIN_S
    )
    if case.strikes:
        for _ in range(CHANCES):
            await at.market_passes(case.minutes)
            if await has_struck(market, case):
                break
            if case.drop:
                await market.start({"kind": "drop"})
        else:
            raise AssertionError(f"{case.name} struck too seldom: {await market.struck()}")
    await market.heal()
    client.clock.move(case.skip_after_s)
    return seen_s, await at.is_well()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_fault_is_told_and_leaves_no_trace(case, tmp_path):
    async def scenario() -> None:
        async with scene(tmp_path, **case.feed) as at:
            seen_s, well_s = await suffered(at, case)
            await at.ends_equal()
            logger.warning("fault=%s seen_s=%.2f well_s=%.2f", case.name, seen_s, well_s)

    asyncio.run(scenario())
