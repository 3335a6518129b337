"""What the picker of overlays remembers, and how a recommendation is followed."""

from dash import ClientsideFunction, Dash, Input, Output, State

from ui import ids


def register(app: Dash) -> None:
    """Attach the picker's callbacks to ``app``; none of them asks the server."""
    app.clientside_callback(
        ClientsideFunction("picker", "restore"),
        Output(ids.OVERLAYS, "value"),
        Input(ids.OFFERED, "data"),
        State(ids.ABOUT, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("picker", "remember"),
        Input(ids.OVERLAYS, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("picker", "follow"),
        Output(ids.OVERLAYS, "value", allow_duplicate=True),
        Input(ids.REGIME_USE, "n_clicks"),
        State(ids.OVERLAYS, "value"),
        State(ids.RECOMMENDED, "data"),
        prevent_initial_call=True,
    )
