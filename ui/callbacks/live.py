"""
The one push loop of a page, and what receives it.

Dash starts the callback without Inputs when the page is loaded and again when its
socket comes back. The other starts the same loop when the page itself finds that
nobody serves it, say after its lease ended while the computer slept.
"""

from typing import Any

from dash import ClientsideFunction, Dash, Input, State, ctx

from ui import ids
from ui.live_service import LiveService


def register(app: Dash, live: LiveService) -> None:
    """Attach the push loop to ``app``."""
    page = (
        State(ids.PAGE, "data"),
        State(ids.SYMBOL, "value"),
        State(ids.INTERVAL, "value"),
        State(ids.OVERLAYS, "value"),
        State(ids.SHOWN, "data"),
        State(ids.LOOK, "data"),
    )

    @app.callback(*page, websocket=True, persistent=True)
    async def serve(
        page: Any, symbol: Any, interval: Any, overlays: Any, shown: Any, look: Any
    ) -> None:
        await live.push(page, symbol, interval, overlays, ctx.websocket, shown=shown, look=look)

    @app.callback(
        Input(ids.WAKE, "data"), *page, websocket=True, persistent=True, prevent_initial_call=True
    )
    async def serve_again(
        _: Any, page: Any, symbol: Any, interval: Any, overlays: Any, shown: Any, look: Any
    ) -> None:
        await live.push(page, symbol, interval, overlays, ctx.websocket, shown=shown, look=look)

    app.clientside_callback(
        ClientsideFunction("live", "receive"), Input(ids.LIVE, "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("panels", "fault"),
        Input(ids.PANEL_FAULTS, "data"),
        prevent_initial_call=True,
    )
