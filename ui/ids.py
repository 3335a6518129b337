"""Component ids, spelled once; scripts in ``assets`` use the same words."""

from typing import Final

PAGE: Final = "page"
WAKE: Final = "wake"
LIVE: Final = "live"
ANSWER: Final = "answer"
"""The figure that answers a choice of the viewer; only that callback writes it."""
PUSHED: Final = "pushed"
"""A figure the push loop sent; with one store for both, one would overwrite the other."""

SYMBOL: Final = "symbol"
INTERVAL: Final = "interval"
OVERLAYS: Final = "overlays"

CHART: Final = "price-chart"
CHART_BOX: Final = "chart-box"
CHART_NOTE: Final = "chart-note"
READOUT: Final = "readout"
STALE_WORDS: Final = "stale-words"
LATEST: Final = "latest"

PRICE: Final = "last-price"
COUNTDOWN: Final = "countdown"
MARKET_TIME: Final = "market-time"
FEED: Final = "feed-state"
ENGINE: Final = "engine-state"
MARKET_LABEL: Final = "market-label"
NOTICES: Final = "notices"
CONNECTION: Final = "connection"

FEED_CARD: Final = "feed-card"
FEED_STREAMS: Final = "feed-streams"
CACHE_CARD: Final = "cache-card"
SIGNALS: Final = "signals"
SIGNALS_SUMMARY: Final = "signals-summary"
NEXT_EVALUATION: Final = "next-evaluation"
