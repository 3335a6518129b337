"""The page Performance and the tabs Equity and Calibration as a feature."""

from collections.abc import Iterator

from dash import ClientsideFunction, Dash, Input, dcc

from core.config import Home
from core.journal.database import database_url
from core.journal.success_reader import SuccessReader
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.performance import ids, panel
from ui.performance.desk import PerformanceDesk, Stamp
from ui.performance.routes import performance_routes
from ui.services import Services
from ui.view import View

_EVERY_S = 15.0
_SEEN = (ids.METRICS, ids.EQUITY_TAB, ids.CALIBRATION_TAB)
"""Parts of which one is seen while any of the feature can be."""


def performance_feature(services: Services, home: Home) -> Feature:
    """
    Return how the accounts did.

    What is pushed is only how new the journal is; the browser then asks for the figures of the
    stretch of time and the symbol that it shows.

    Args:
        services: Settings and clock.
        home: Where the journal lies.
    """
    url = database_url(home.database)
    desk = PerformanceDesk(
        lambda: SuccessReader.open(url),
        services.settings.paper.starting_equity_usd,
        services.settings.signals.interval,
        services.monotonic,
    )

    def read(_: View) -> Stamp:
        return desk.stamp()

    return Feature(
        parts=(
            Part(Place.PERFORMANCE, ids.METRICS, panel.metrics_section, "Success metrics", 10),
            Part(Place.PERFORMANCE, ids.EQUITY, panel.equity_section, "Equity and drawdown", 20),
            Part(Place.PERFORMANCE, ids.ADDED, panel.added_section, "What was added", 30),
            Part(Place.PERFORMANCE, ids.CALIBRATION, panel.calibration_section,
                 "Confidence and outcome", 40),
            Part(Place.PERFORMANCE, ids.MULTIPLES, panel.multiples_section,
                 "Results in multiples of the risk", 50),
            Part(Place.PERFORMANCE, ids.DAYS, panel.days_section, "Trades closed per day", 60),
            Part(Place.PERFORMANCE, ids.SYMBOLS, panel.symbols_section, "Results by symbol", 70),
            Part(Place.PERFORMANCE, ids.REASONS, panel.reasons_section,
                 "Results by reason of exit", 80),
            Part(Place.TAB, ids.EQUITY_TAB, panel.equity_tab, "Equity", 30),
            Part(Place.TAB, ids.CALIBRATION_TAB, panel.calibration_tab, "Calibration", 40),
            Part(Place.ASIDE, "performance-store", lambda: dcc.Store(id=ids.STAMP)),
        ),
        panels=tuple(LivePanel(key, _EVERY_S, read, _updates) for key in _SEEN),
        register=_register,
        router=performance_routes(desk),
    )  # fmt: skip


def _updates(now: Stamp, _: Stamp | None) -> Iterator[Update]:
    yield ids.STAMP, "data", [now.newest_ms, now.open_trades, now.fault]


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("performance", "take"),
        Input(ids.STAMP, "data"),
        prevent_initial_call=True,
    )
