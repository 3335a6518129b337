"""What a choice of the viewer changes. Each body is one call."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from ui import ids
from ui.live_service import LiveService


def register(app: Dash, live: LiveService) -> None:
    """Attach the chart's callbacks to ``app``."""

    @app.callback(
        Output(ids.ANSWER, "data"),
        Input(ids.SYMBOL, "value"),
        Input(ids.INTERVAL, "value"),
        Input(ids.OVERLAYS, "value"),
        Input(ids.SHOWN, "data"),
        Input(ids.LOOK, "data"),
        State(ids.PAGE, "data"),
    )
    async def show(
        symbol: Any, interval: Any, overlays: Any, shown: Any, look: Any, page: Any
    ) -> Any:
        return await live.show(page, symbol, interval, overlays, shown, look)

    app.clientside_callback(
        ClientsideFunction("connection", "choose"),
        Input(ids.SYMBOL, "value"),
        Input(ids.INTERVAL, "value"),
        Input(ids.OVERLAYS, "value"),
        Input(ids.SHOWN, "data"),
        Input(ids.LOOK, "data"),
        State(ids.PAGE, "data"),
        State(ids.SYMBOL, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("chart", "adopt"),
        Output(ids.CHART, "figure"),
        Input(ids.ANSWER, "data"),
        Input(ids.PUSHED, "data"),
        State(ids.SYMBOL, "value"),
        State(ids.INTERVAL, "value"),
        State(ids.OVERLAYS, "value"),
        prevent_initial_call=True,
    )
