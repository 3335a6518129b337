"""How the feed does; scripts fill the numbers of the card's head with every push."""

from collections.abc import Mapping
from typing import Any

from dash import html

from core.data.sockets.health import StreamHealth, StreamState
from core.model.order_flow import BookPhase, BookState
from ui import ids
from ui.feed_figures import FeedFigures
from ui.figures.numbers import UNKNOWN, number
from ui.panels.card import figures

_TONES = {
    StreamState.LIVE: "good",
    StreamState.QUIET: "unknown",
    StreamState.CLOSED: "unknown",
    StreamState.STOPPED: "critical",
    StreamState.SILENT: "critical",
}
_CHANNELS = {
    "kline_1m": "candles 1m",
    "markPrice": "mark price",
    "aggTrade": "trades",
    "bookTicker": "top of book",
    "depth": "order book",
}
_BOOK_TONES = {BookPhase.LIVE: "good", BookPhase.BROKEN: "critical", BookPhase.SYNCING: "warning"}
_TROUBLES_SHOWN = 5
_MINUTE_S = 60.0
_TENTHS_BELOW_S = 10.0


def feed_panel() -> list[Any]:
    """Return the contents of the feed card."""
    return [
        html.P(
            [
                html.Span(className="dot"),
                html.Span(UNKNOWN, id="feed-card-state", className="badge-text"),
            ],
            id="feed-card-badge",
            className="badge unknown state-line",
        ),
        html.P(id="feed-detail", className="detail"),
        figures(
            [
                ("Frames", html.Span(UNKNOWN, id="feed-frames")),
                ("Unreadable", html.Span(UNKNOWN, id="feed-malformed")),
                ("Reconnects", html.Span(UNKNOWN, id="feed-reconnects")),
                ("Absent candles", html.Span(UNKNOWN, id="feed-gaps")),
                ("Corrected candles", html.Span(UNKNOWN, id="feed-differences")),
            ]
        ),
        html.P(id="feed-unreadable", className="muted"),
        html.Div(id=ids.FEED_STREAMS),
    ]


def streams_panel(feed: FeedFigures, symbol: str, book: BookState) -> list[Any]:
    """Return the streams and the order book of ``symbol``, and how all others are in sum."""
    streams = sorted(feed.of(symbol), key=_order)
    told: set[str] = set()
    body = [row for stream in streams for row in _stream_rows(stream, told)]
    # What a row says of the shown symbol need not be said again.
    troubles = {k: why for k, why in feed.troubles.items() if k != symbol or not told}
    head = html.Thead(html.Tr([html.Th(symbol), html.Th("State"), html.Th("Age")]))
    return [
        html.Table([head, html.Tbody([*body, *_book_rows(book)])], className="series streams"),
        html.P(_totals(feed.states), className="empty"),
        *_troubles(troubles),
    ]


def _order(stream: StreamHealth) -> tuple[int, str]:
    """Sort what matters most first, and what is not known last."""
    known = [i for i, channel in enumerate(_CHANNELS) if channel in stream.name]
    return (known or [len(_CHANNELS)])[0], stream.name


def _stream_rows(stream: StreamHealth, told: set[str]) -> list[html.Tr]:
    """Return the rows of one stream; a reason that another has ``told`` is not repeated."""
    expected = f"every {stream.expected_s:g} s" if stream.expected_s else "as it trades"
    facts = f"/{stream.route} · {number(stream.frames, 0)} frames · {expected}"
    rows = [
        html.Tr(
            [
                html.Td(_channel(stream.name)),
                html.Td(_state(stream.state.value, _TONES.get(stream.state, "warning"))),
                html.Td(_age(stream.age_s)),
            ],
            title=stream.name,
        ),
        html.Tr(html.Td(facts, colSpan=3), className="facts"),
    ]
    if stream.detail and stream.detail not in told:
        told.add(stream.detail)
        reason = f"{stream.name}: {stream.detail}"
        rows.append(html.Tr(html.Td(reason, colSpan=3), className="reason"))
    return rows


def _book_rows(book: BookState) -> list[html.Tr]:
    if book.state is BookPhase.NONE:
        return []
    rows = [
        html.Tr(
            [
                html.Td("local book"),
                html.Td(_state(book.state.value.upper(), _BOOK_TONES[book.state])),
                html.Td(_age(book.age_s)),
            ]
        )
    ]
    bid, ask, imbalance = book.best_bid, book.best_ask, book.imbalance()
    if bid is not None and ask is not None and imbalance is not None:
        spread_bps = (ask[0] - bid[0]) / ((ask[0] + bid[0]) / 2) * 1e4
        facts = (
            f"spread {number(spread_bps, 2)} bps · "
            f"imbalance {number(imbalance * 100, 0, signed=True)} %"
        )
        rows.append(html.Tr(html.Td(facts, colSpan=3), className="facts"))
    return rows


def _totals(states: Mapping[str, int]) -> str:
    if not states:
        return "No streams yet."
    parts = ", ".join(
        f"{number(states[state], 0)} {state.lower()}" for state in StreamState if state in states
    )
    return f"All streams: {parts}"


def _troubles(troubles: Mapping[str, str]) -> list[html.Ul]:
    if not troubles:
        return []
    shown = [html.Li(f"{name}: {why}") for name, why in list(troubles.items())[:_TROUBLES_SHOWN]]
    if len(troubles) > _TROUBLES_SHOWN:
        shown.append(html.Li(f"and {number(len(troubles) - _TROUBLES_SHOWN, 0)} other symbols"))
    return [html.Ul(shown, className="troubles")]


def _state(word: str, tone: str) -> html.Span:
    return html.Span(
        [html.Span(className="dot"), html.Span(word, className="badge-text")],
        className=f"badge {tone}",
    )


def _age(age_s: float | None) -> str:
    if age_s is None:
        return UNKNOWN
    if age_s < 2 * _MINUTE_S:
        return f"{age_s:.1f} s" if age_s < _TENTHS_BELOW_S else f"{age_s:.0f} s"
    return f"{age_s // _MINUTE_S:.0f} min"


def _channel(name: str) -> str:
    """Return a stream's channel in words: of ``btcusdt@depth@500ms``, the order book."""
    shared = name.startswith("!")
    channel = name.removeprefix("!") if shared else name.partition("@")[2]
    word = _CHANNELS.get(channel.partition("@")[0], channel)
    return f"{word} (all)" if shared else word
