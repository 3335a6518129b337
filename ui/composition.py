"""The features of the page, in no order: each says itself where its parts belong."""

from core.config import Home
from ui.access.action_token import ActionToken
from ui.feature import Feature
from ui.services import Services


def features(services: Services, home: Home, actions: ActionToken) -> tuple[Feature, ...]:
    """
    Return what the page is put together from.

    Args:
        services: Market, journal and overlays.
        home: Where the journal, the logs and the backups lie.
        actions: Guards the routes that change something.
    """
    return ()
