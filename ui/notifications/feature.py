"""Toasts and the notification centre as a feature of the page."""

from collections.abc import Iterator

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.journal.database import database_url
from core.journal.success_reader import SuccessReader
from ui.alarms.reading import AlarmReader, alarm_events
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.notifications.events import told
from ui.notifications.panel import EVENTS, bell, centre
from ui.notifications.reading import Happenings, HappeningsReader
from ui.services import Services

_EVERY_S = 1.0
_TOLD = 40
_ALARMS = 20
_KEY = "notifications"


def notifications_feature(services: Services, home: Home) -> Feature:
    """
    Return the bell, its list and what fills them.

    Args:
        services: Signals and the engine's state.
        home: Where the journal lies.
    """
    url = database_url(home.database)
    reader = HappeningsReader(
        services, lambda: SuccessReader.open(url), lambda: alarm_events(AlarmReader(home).alarms())
    )
    return Feature(
        parts=(
            Part(Place.HEADER, _KEY, bell, order=1),
            Part(Place.ASIDE, "notifications-box", centre),
        ),
        panels=(LivePanel(_KEY, _EVERY_S, reader.happenings, _updates),),
        register=_register,
    )


def _updates(now: Happenings, _: Happenings | None) -> Iterator[Update]:
    yield EVENTS, "data", [*told(now.events, _TOLD), *told(now.alarms, _ALARMS)]


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("notifications", "receive"),
        Input(EVENTS, "data"),
        prevent_initial_call=True,
    )
