"""Health alarms as a feature of the page; price alerts are another (`ui.alerts`)."""

from collections.abc import Iterator

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from ops.alarms.reading import Overview
from ui.access.action_token import ActionToken
from ui.alarms.panel import STORE, alarms_section
from ui.alarms.reading import AlarmReader, told
from ui.alarms.routes import alarms_router
from ui.feature import Feature, LivePanel, Part, Place, Update

_EVERY_S = 2.0
_KEY = "alarms"


def alarms_feature(home: Home, actions: ActionToken) -> Feature:
    """
    Return the section of the page System and the routes behind its buttons.

    Args:
        home: Where the watchers keep their alarms.
        actions: Guards the routes.
    """
    return Feature(
        parts=(Part(Place.SYSTEM, _KEY, alarms_section, "Health alarms", 5),),
        panels=(LivePanel(_KEY, _EVERY_S, AlarmReader(home).alarms, _updates),),
        register=_register,
        router=alarms_router(home, actions),
    )


def _updates(now: Overview, _: Overview | None) -> Iterator[Update]:
    yield STORE, "data", told(now)


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("alarms", "receive"), Input(STORE, "data"), prevent_initial_call=True
    )
