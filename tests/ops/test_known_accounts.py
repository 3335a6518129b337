"""The accounts as whoever only looks at them sees them."""

import asyncio

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.source import Source
from core.pause_book import PAUSED_SYMBOLS
from ops.known_accounts import known_accounts
from tests.builders import START_MS, candles, home, settings
from tests.core.journal.empty_journal import ready
from tests.core.paper_scene import FakeStore


def test_a_symbol_that_is_paused_by_hand_halts_the_policy_and_nobody_else(tmp_path):
    place = home(tmp_path)
    journal = Journal.open(ready(place.database))
    journal.set_control(PAUSED_SYMBOLS, '["BTCUSDT"]', START_MS)

    def halted(symbol):
        accounts = known_accounts(
            settings(),
            place,
            FakeStore(candles([100.0])),
            journal=journal,
            reader=JournalReader.open(database_url(place.database)),
            prices={"BTCUSDT": 100.0},
            at_ms=START_MS,
            symbol=symbol,
        )
        found = asyncio.run(accounts)
        return [source for source in Source if found[source].halts]

    assert [halted("BTCUSDT"), halted("ETHUSDT"), halted(None)] == [[Source.POLICY], [], []]
    journal.close()
