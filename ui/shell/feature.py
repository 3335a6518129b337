"""The header's facts as a feature of the page."""

from collections.abc import Iterator

from core.config import Home
from core.journal.database import database_url
from core.journal.overview import JournalOverview
from core.journal.success_reader import SuccessReader
from ui import ids
from ui.feature import Feature, LivePanel, Update
from ui.services import Services
from ui.shell.account import AccountReader
from ui.shell.facts import FactsReader, HeaderFacts

_EVERY_S = 1.0


def shell_feature(services: Services, home: Home) -> Feature:
    """
    Return the panel that fills the header.

    Args:
        services: Market and settings.
        home: Where the journal lies.
    """
    url = database_url(home.database)
    account = AccountReader(
        lambda: JournalOverview.open(url),
        lambda: SuccessReader.open(url),
        services.settings.paper.starting_equity_usd,
    )
    reader = FactsReader(services, account)
    return Feature(panels=(LivePanel("header", _EVERY_S, reader.facts, _updates),))


def _updates(now: HeaderFacts, _: HeaderFacts | None) -> Iterator[Update]:
    yield ids.HEADER_FACTS, "data", now.told()
