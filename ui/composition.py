"""The features of the page, in no order: each says itself where its parts belong."""

from core.config import Home
from deepseek.call_tally import CallTally
from ops.launch import Installation
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.access.feature import access_feature
from ui.alarms.feature import alarms_feature
from ui.alerts.feature import alerts_feature
from ui.chart_modes.feature import chart_modes_feature
from ui.chat.feature import chat_feature
from ui.day_replay.feature import day_replay_feature
from ui.decision.feature import decision_feature
from ui.drawings.feature import drawings_feature
from ui.emergency.feature import emergency_feature
from ui.fact_panes.feature import fact_panes_feature
from ui.feature import Feature
from ui.layouts.feature import layouts_feature
from ui.notifications.feature import notifications_feature
from ui.performance.feature import performance_feature
from ui.services import Services
from ui.shell.feature import shell_feature
from ui.system.feature import system_feature
from ui.trading.feature import trading_feature
from ui.watchlist.feature import watchlist_feature


def features(
    services: Services,
    home: Home,
    actions: ActionToken,
    access: Access,
    *,
    demo: bool = False,
    chat: CallTally | None = None,
) -> tuple[Feature, ...]:
    """
    Return what the page is put together from.

    Args:
        services: Market, journal and overlays.
        home: Where the journal, the logs and the backups lie.
        actions: Guards the routes that change something.
        access: Who may use the page.
        demo: Whether the simulator is the market.
        chat: Counts what chat asks.
    """
    return (
        shell_feature(services, home),
        decision_feature(services, home),
        notifications_feature(services, home),
        drawings_feature(),
        fact_panes_feature(),
        layouts_feature(),
        chart_modes_feature(services),
        day_replay_feature(services),
        trading_feature(services, home, actions),
        performance_feature(services, home),
        system_feature(services, home, actions),
        alerts_feature(services, home, actions),
        alarms_feature(home, actions),
        watchlist_feature(services, home),
        chat_feature(services, home, actions, chat),
        access_feature(access, actions),
        emergency_feature(Installation(home, services.settings, demo), actions),
    )
