"""The features of the page, in no order: each says itself where its parts belong."""

from core.config import Home
from ui.access.action_token import ActionToken
from ui.decision.feature import decision_feature
from ui.drawings.feature import drawings_feature
from ui.feature import Feature
from ui.layouts.feature import layouts_feature
from ui.notifications.feature import notifications_feature
from ui.performance.feature import performance_feature
from ui.services import Services
from ui.shell.feature import shell_feature
from ui.trading.feature import trading_feature


def features(services: Services, home: Home, actions: ActionToken) -> tuple[Feature, ...]:
    """
    Return what the page is put together from.

    Args:
        services: Market, journal and overlays.
        home: Where the journal, the logs and the backups lie.
        actions: Guards the routes that change something.
    """
    return (
        shell_feature(services, home),
        decision_feature(services, home),
        notifications_feature(services, home),
        drawings_feature(),
        layouts_feature(),
        trading_feature(services, home, actions),
        performance_feature(services, home),
    )
