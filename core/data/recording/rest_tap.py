"""Overhears REST: whatever the exchange answers is kept beside the frames."""

from collections.abc import Callable
from typing import Any, TypeAlias

from core.data.binance_client import Client

Note: TypeAlias = Callable[[str, dict[str, Any], Any], None]


class OverheardClient:
    """
    Passes requests on, and notes what was answered.

    Args:
        client: What sends them.
        note: Told path, query and answer.
    """

    def __init__(self, client: Client, note: Note) -> None:
        self._client = client
        self._note = note

    async def klines(self, params: dict[str, Any]) -> Any:
        """Ask for ``/fapi/v1/klines``."""
        return self._noted("/fapi/v1/klines", params, await self._client.klines(params))

    async def time(self) -> Any:
        """Ask for ``/fapi/v1/time``."""
        return self._noted("/fapi/v1/time", {}, await self._client.time())

    async def exchange_info(self) -> Any:
        """Ask for ``/fapi/v1/exchangeInfo``."""
        return self._noted("/fapi/v1/exchangeInfo", {}, await self._client.exchange_info())

    async def depth(self, params: dict[str, Any]) -> Any:
        """Ask for ``/fapi/v1/depth``."""
        return self._noted("/fapi/v1/depth", params, await self._client.depth(params))

    async def tickers(self) -> Any:
        """Ask for ``/fapi/v1/ticker/24hr`` of every symbol."""
        return self._noted("/fapi/v1/ticker/24hr", {}, await self._client.tickers())

    async def funding_rates(self, params: dict[str, Any]) -> Any:
        """Ask for ``/fapi/v1/fundingRate``."""
        return self._noted("/fapi/v1/fundingRate", params, await self._client.funding_rates(params))

    async def open_interest(self, params: dict[str, Any]) -> Any:
        """Ask for ``/futures/data/openInterestHist``."""
        path = "/futures/data/openInterestHist"
        return self._noted(path, params, await self._client.open_interest(params))

    async def close(self) -> None:
        """Give up the connections."""
        await self._client.close()

    def _noted(self, path: str, params: dict[str, Any], answer: Any) -> Any:
        self._note(path, params, answer)
        return answer
