"""The page System as a feature."""

from collections.abc import Callable, Iterator
from functools import partial

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.journal.database import database_url
from core.journal.table_sizes import SizeReader
from ui.access.action_token import ActionToken
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.services import Services
from ui.system.backing_up import BackupDesk
from ui.system.configuration import configuration, versions
from ui.system.database import DatabaseReader
from ui.system.facts import Facts, told
from ui.system.health import HealthReader
from ui.system.panel import backups, pairs, store_of, table
from ui.system.processes import ProcessReader
from ui.system.routes import system_router
from ui.system.streams import StreamsReader
from ui.view import View

_TABLES = ("health", "processes", "streams", "database", "backups")
_HEALTH = ("Component", "State", "For", "Reason")
_PROCESSES = ("Process", "State", "Up", "Memory", "CPU", "Port")
_STREAMS = ("Stream", "State", "Age", "Frames", "Expected", "Reason")


def system_feature(services: Services, home: Home, actions: ActionToken) -> Feature:
    """
    Return the sections and the route behind the button.

    Args:
        services: Market, engine and settings.
        home: Where journal, backups and PID files lie.
        actions: Guards the route.
    """
    url, settings = database_url(home.database), services.settings
    desk = BackupDesk(home, settings)
    health = HealthReader(services.health.watch)
    sizes = DatabaseReader(home.database, lambda: SizeReader.open(url))
    place = Place.SYSTEM
    return Feature(
        parts=(
            Part(place, "health", partial(table, "health", _HEALTH, "State"), "Health", 10),
            Part(
                place,
                "processes",
                partial(table, "processes", _PROCESSES, "State"),
                "Processes",
                20,
            ),
            Part(place, "backups", backups, "Backups", 47),
            Part(
                place,
                "streams",
                partial(table, "streams", _STREAMS, "State", is_long=True),
                "Streams",
                50,
            ),
            Part(
                place,
                "database",
                partial(table, "database", ("Table or file", "Size")),
                "Database",
                25,
            ),
            Part(place, "versions", lambda: pairs(versions()), "Versions", 70),
            Part(
                place, "configuration", lambda: pairs(configuration(settings)), "Configuration", 80
            ),
        ),
        panels=(
            _panel("health", 2.0, health.health),
            _panel("processes", 2.0, ProcessReader(home.run).processes),
            _panel("streams", 2.0, StreamsReader(services).streams),
            _panel("database", 10.0, sizes.database),
            _panel("backups", 1.0, desk.backups),
        ),
        register=_register,
        router=system_router(desk, actions),
    )


def _panel(key: str, every_s: float, read: Callable[[View], Facts]) -> LivePanel[Facts]:
    def updates(now: Facts, _: Facts | None) -> Iterator[Update]:
        yield store_of(key), "data", told(now)

    return LivePanel(key, every_s, read, updates)


def _register(app: Dash) -> None:
    for key in _TABLES:
        app.clientside_callback(
            ClientsideFunction("system", key), Input(store_of(key), "data"),
            prevent_initial_call=True,
        )  # fmt: skip
