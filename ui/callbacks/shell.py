"""What the shell remembers and shows; none of it asks the server."""

from dash import ClientsideFunction, Dash, Input, Output, State

from ui import ids


def register(app: Dash) -> None:
    """Attach the shell's callbacks to ``app``."""
    app.clientside_callback(
        ClientsideFunction("navigation", "restore"),
        Output(ids.SYMBOL, "value"),
        Output(ids.INTERVAL, "value"),
        Input(ids.PAGE, "data"),
        State(ids.SYMBOL, "data"),
        State(ids.INTERVAL, "data"),
        State(ids.SYMBOL, "value"),
        State(ids.INTERVAL, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("navigation", "follow"),
        Input(ids.SYMBOL, "value"),
        Input(ids.INTERVAL, "value"),
        State(ids.SYMBOL, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("look", "follow"),
        Output(ids.MANTINE, "forceColorScheme"),
        Input(ids.LOOK, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("header", "take"),
        Input(ids.HEADER_FACTS, "data"),
        prevent_initial_call=True,
    )
