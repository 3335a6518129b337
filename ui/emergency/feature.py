"""The emergency stop as a feature of the page."""

from collections.abc import Iterator

from dash import ClientsideFunction, Dash, Input

from ops.launch import Installation
from ui.access.action_token import ActionToken
from ui.emergency.desk import EmergencyDesk, Means
from ui.emergency.panel import STATE, aside, stop_button
from ui.emergency.reading import Emergency
from ui.emergency.routes import emergency_router
from ui.feature import Feature, LivePanel, Part, Place, Update

_EVERY_S = 2.0
_KEY = "emergency"


def emergency_feature(
    installation: Installation, actions: ActionToken, means: Means | None = None
) -> Feature:
    """
    Return the button, the banner and the routes.

    Args:
        installation: What is stopped and resumed.
        actions: Guards the routes.
        means: How, for tests.
    """
    desk = EmergencyDesk(installation, means)
    positions = installation.settings.emergency.positions
    return Feature(
        parts=(
            Part(Place.HEADER, _KEY, stop_button, order=9, always=True),
            Part(Place.ASIDE, "emergency-box", lambda: aside(positions), order=0, always=True),
        ),
        panels=(LivePanel(_KEY, _EVERY_S, lambda _: desk.state(), _updates),),
        register=_register,
        router=emergency_router(desk, actions),
    )


def _updates(now: Emergency, _: Emergency | None) -> Iterator[Update]:
    yield STATE, "data", now.told()


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("emergency", "receive"),
        Input(STATE, "data"),
        prevent_initial_call=True,
    )
