"""Component ids, spelled once; scripts in ``assets`` use the same words."""

from typing import Final

PAGE: Final = "page"
WAKE: Final = "wake"
LIVE: Final = "live"
PUSHED: Final = "pushed"
"""A figure the push loop sent, as JSON."""

SYMBOL: Final = "symbol"
INTERVAL: Final = "interval"
OVERLAYS: Final = "overlays"
OFFERED: Final = "offered-overlays"
"""Keys the picker lists, and which of them are on until the viewer says otherwise."""
ABOUT: Final = "about-overlays"
"""What is to be known of each overlay, by key."""
PICKED: Final = "picked"
"""Before the name of a group: how many of its overlays are on."""
COST: Final = "cost"
"""Before the key of an overlay: what it costs, in the picker."""
SHOWN: Final = "shown"
"""What is visible of the chart, written by ``chart.js`` while an overlay depends on it."""

ACTION_KEY: Final = "action-token"

PANEL_FAULTS: Final = "panel-faults"
"""Why panels could not be read, by their key; ``panels.js`` says it in their place."""

LOOK: Final = "look"
"""How the market is shown (`ui.look`); scripts set it, and it is remembered per browser."""

MANTINE: Final = "mantine"
"""The component library's provider; it follows the theme."""

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
HEADER_FACTS: Final = "header-facts"
"""What the header says of the market and the account, written by ``header.js``."""
MARKET_LABEL: Final = "market-label"
NOTICES: Final = "notices"
CONNECTION: Final = "connection"

REGIME: Final = "regime"
REGIME_USE: Final = "regime-use"
RECOMMENDED: Final = "recommended"
TELEMETRY_CARD: Final = "telemetry-card"

FEED_CARD: Final = "feed-card"
FEED_STREAMS: Final = "feed-streams"
CACHE_CARD: Final = "cache-card"
SIGNALS: Final = "signals"
SIGNALS_SUMMARY: Final = "signals-summary"
NEXT_EVALUATION: Final = "next-evaluation"
