"""The small message that moves a page: the running candle, the feed, the market's clock."""

from collections.abc import Sequence
from typing import Any

from core.model.candles import Candle
from ops.feed_status import FeedStatus
from ui.feed_figures import FeedFigures
from ui.provisional import Tail
from ui.services import Services
from ui.view import View

_LIVE = "LIVE"


def live_payload(
    services: Services,
    view: View,
    number: int,
    figures: FeedFigures,
    tails: Sequence[Tail] | None = None,
) -> dict[str, Any]:
    """
    Describe this instant of ``view``'s market; nothing in it blocks.

    Args:
        services: Where it is read.
        view: What the page shows.
        number: Counts the pushes of a page, so that it can confirm them.
        figures: The newest reading of the streams.
        tails: What the running candle adds to overlays; None while that is not known.
    """
    feed = services.feed.status()
    return {
        "number": number,
        "market": view.market,
        "candle": _candle(services.store.running(view.symbol, view.interval)),
        "tails": None if tails is None else [tail.told() for tail in tails],
        "market_ms": services.feed.market_time_ms(),
        "feed": {
            "state": feed.state.upper(),
            "live": is_live(feed),
            "age_s": feed.age_s,
            "detail": feed.detail,
            "frames": feed.frames,
            "malformed": feed.malformed,
            "reconnects": feed.reconnects,
            "gaps": feed.gaps,
            "differences": feed.differences,
            "unreadable": dict(feed.unreadable),
        },
        "shown": _shown(services, view.symbol, figures),
        "label": services.feed.market_label,
    }


def _shown(services: Services, symbol: str, figures: FeedFigures) -> dict[str, Any]:
    """Describe the feed of the one symbol that the chart shows."""
    state, detail = services.feed.standing(symbol)
    return {
        "state": state.value,
        "live": state.value == _LIVE,
        "age_s": figures.age_s(symbol, services.monotonic()),
        "detail": detail,
    }


def is_live(status: FeedStatus) -> bool:
    """Whether the feed delivers."""
    return status.state.upper() == _LIVE


def _candle(candle: Candle | None) -> list[float] | None:
    if candle is None:
        return None
    return [
        candle.open_time_ms,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
    ]
