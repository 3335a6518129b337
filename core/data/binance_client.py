"""The only module that knows python-binance: its client, with its errors put straight."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from core.config import Settings
from core.data.rest_faults import HttpFault

if TYPE_CHECKING:
    import aiohttp

Observe: TypeAlias = Callable[[str], None]


class Client(Protocol):
    """What sends single requests: `BinanceClient`, or a fake."""

    async def klines(self, params: dict[str, Any]) -> Any:
        """Return the answer of ``/fapi/v1/klines``."""

    async def depth(self, params: dict[str, Any]) -> Any:
        """Return the answer of ``/fapi/v1/depth``."""

    async def time(self) -> Any:
        """Return the answer of ``/fapi/v1/time``."""

    async def exchange_info(self) -> Any:
        """Return the answer of ``/fapi/v1/exchangeInfo``."""

    async def tickers(self) -> Any:
        """Return the answer of ``/fapi/v1/ticker/24hr``."""

    async def funding_rates(self, params: dict[str, Any]) -> Any:
        """Return the answer of ``/fapi/v1/fundingRate``."""

    async def open_interest(self, params: dict[str, Any]) -> Any:
        """Return the answer of ``/futures/data/openInterestHist``."""

    async def close(self) -> None:
        """Give up the connections."""


class BinanceClient:
    """
    Sends single requests; must be built inside the event loop.

    Args:
        settings: Where the exchange is and how long to wait for it.
        observe: Told the ``X-MBX-USED-WEIGHT-1M`` of each answer, empty where absent.
    """

    def __init__(self, settings: Settings, observe: Observe) -> None:
        # Not at the top: it costs 0.25 s and 40 MB, and a shell that only reads the cache, or
        # a `--help`, needs none of it.
        from aiohttp import ClientError, ClientTimeout  # noqa: PLC0415
        from binance.async_client import AsyncClient  # noqa: PLC0415
        from binance.exceptions import BinanceRequestException  # noqa: PLC0415

        # aiohttp asks this before python-binance sees the answer, whose own handling fails on
        # bodies that are not JSON objects and mixes the headers of concurrent answers.
        async def check(response: "aiohttp.ClientResponse") -> None:
            observe(response.headers.get("X-MBX-USED-WEIGHT-1M", ""))
            if not response.ok:
                text = await response.text(errors="replace")
                raise HttpFault(response.status, text, dict(response.headers))

        self._faults = (ClientError, BinanceRequestException)
        # The plain constructor: `create()` would ask the spot exchange for its time.
        self._client = AsyncClient(
            requests_params={"timeout": ClientTimeout(total=settings.exchange.request_timeout_s)},
            session_params={"raise_for_status": check},
        )
        self._client.FUTURES_URL = f"{settings.exchange.rest_url}/fapi"
        self._client.FUTURES_DATA_URL = f"{settings.exchange.rest_url}/futures/data"

    async def klines(self, params: dict[str, Any]) -> Any:
        """Ask for ``/fapi/v1/klines``; raises `HttpFault`, `ConnectionError` or `TimeoutError`."""
        return await self._translated(self._client.futures_klines(**params))

    async def time(self) -> Any:
        """Ask for ``/fapi/v1/time``; raises as `klines`."""
        return await self._translated(self._client.futures_time())

    async def depth(self, params: dict[str, Any]) -> Any:
        """Ask for ``/fapi/v1/depth``; raises as `klines`."""
        return await self._translated(self._client.futures_order_book(**params))

    async def exchange_info(self) -> Any:
        """Ask for ``/fapi/v1/exchangeInfo``; raises as `klines`."""
        return await self._translated(self._client.futures_exchange_info())

    async def tickers(self) -> Any:
        """Ask for ``/fapi/v1/ticker/24hr`` of every symbol; raises as `klines`."""
        return await self._translated(self._client.futures_ticker())

    async def funding_rates(self, params: dict[str, Any]) -> Any:
        """Ask for ``/fapi/v1/fundingRate``; raises as `klines`."""
        return await self._translated(self._client.futures_funding_rate(**params))

    async def open_interest(self, params: dict[str, Any]) -> Any:
        """Ask for ``/futures/data/openInterestHist``; raises as `klines`."""
        return await self._translated(self._client.futures_open_interest_hist(**params))

    async def close(self) -> None:
        """Give up the connections."""
        await self._client.close_connection()

    async def _translated(self, request: Any) -> Any:
        try:
            return await request
        except self._faults as error:
            raise ConnectionError(f"{type(error).__name__}: {error}"[:200]) from error
