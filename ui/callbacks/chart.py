"""What a choice of the viewer changes, and the slow way of a pushed figure to the chart."""

from dash import ClientsideFunction, Dash, Input, State

from ui import ids


def register(app: Dash) -> None:
    """
    Attach the chart's callbacks to ``app``.

    All run in the browser: ``connection.js`` asks for the figure of a choice itself, for around
    an answer to a callback Dash's renderer takes longer than the chart takes to be drawn.
    """
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
    app.clientside_callback(  # of what `fast_lane.js` did not take
        ClientsideFunction("chart", "take"),
        Input(ids.PUSHED, "data"),
        prevent_initial_call=True,
    )
