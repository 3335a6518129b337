"""The market as both processes see it: one store, one feed, one REST client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.data.binance_rest import BinanceRest
from core.data.binance_stream import BinanceStream
from core.data.data_store import DataStore
from core.data.market_feed import MarketFeed
from core.data.orderflow.order_flow import OrderFlow
from core.data.universe import Universe
from ops.launch import Installation


@asynccontextmanager
async def open_market(
    installation: Installation,
) -> AsyncIterator[tuple[DataStore, MarketFeed, BinanceRest]]:
    """Connect to the configured exchange; the connection ends with the block."""
    settings, home = installation.settings, installation.home
    store = DataStore(settings, home)
    async with BinanceRest(settings) as rest:
        yield (
            store,
            MarketFeed(
                settings,
                store,
                BinanceStream(settings),
                rest,
                Universe(settings, rest, cache=home.cache / "universe.json"),
                order_flow=OrderFlow(rest, bars=settings.data.hot_candles),
            ),
            rest,
        )
