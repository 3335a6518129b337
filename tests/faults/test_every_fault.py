"""Each fault against the real client: it is told while it lasts, and ends with every candle."""

import asyncio
import logging

import pytest

from tests.faults.cases import CASES, Case
from tests.faults.scene import Scene, scene

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.simulator, pytest.mark.faults]

# However a connection was lost, it is back so soon after the network is.
BACK_WITHIN_S = 30.0
# A mute socket is noticed and replaced within ten seconds.
NOTICED_WITHIN_S = 10.0


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
        await at.market_passes(case.minutes)
        struck = await market.struck()
        kind = str(case.faults[0]["kind"])
        assert struck.get(kind, case.strikes) >= case.strikes, struck
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
            assert well_s < BACK_WITHIN_S

    asyncio.run(scenario())
