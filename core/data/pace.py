"""Spreading requests that are in no hurry, so that those which are find the way free."""

import asyncio
from collections.abc import Awaitable, Callable

# Of our own weight limit; what the chart and the signals wait for has the rest.
HISTORY_SHARE = 0.5
_MINUTE_S = 60.0


class Pace:
    """
    Lets weight pass one after the other, at no more than a share of the limit.

    Args:
        per_minute: The weight limit.
        share: Fraction of it that may be used.
        sleep: Time, for tests.
    """

    def __init__(
        self,
        per_minute: int,
        share: float = HISTORY_SHARE,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._s_per_weight = _MINUTE_S / (per_minute * share)
        self._sleep = sleep
        self._turn = asyncio.Lock()

    async def spent(self, weight: int) -> None:
        """Wait as long as the weight just used takes; others wait behind."""
        async with self._turn:
            await self._sleep(weight * self._s_per_weight)
