"""Asks an address each minute while all is well: when it stops, an outside switch notices."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

logger = logging.getLogger(__name__)

EVERY_S: Final = 60.0
AGAIN_S: Final = 5.0
"""How soon the first one follows when all is well again."""
_TIMEOUT_S: Final = 10.0
_REFUSED_FROM: Final = 400


class Heartbeat:
    """
    The dead-man's switch of an installation.

    Args:
        url: A secret: whoever knows it can keep the switch quiet. Never logged.
        is_well: Whether the engine is; nothing is asked while it is not.
    """

    def __init__(
        self,
        url: str,
        is_well: Callable[[], bool],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._is_well = is_well
        self._sleep = sleep
        self._trouble = ""

    async def run(self) -> None:
        """Ask until cancelled."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                is_well = self._is_well()
                if is_well:
                    self._settle(await self._ask(session))
                await self._sleep(EVERY_S if is_well else AGAIN_S)

    async def _ask(self, session: aiohttp.ClientSession) -> str:
        """Return why it did not go; its words never hold the address."""
        try:
            async with session.get(self._url) as answer:
                status = answer.status
        except TimeoutError:
            return f"no answer within {_TIMEOUT_S:.0f} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return type(error).__name__
        return f"answered {status}" if status >= _REFUSED_FROM else ""

    def _settle(self, trouble: str) -> None:
        if trouble and not self._trouble:
            logger.warning("heartbeat does not arrive: reason=%s", trouble)
        elif self._trouble and not trouble:
            logger.info("heartbeat arrives again")
        self._trouble = trouble
