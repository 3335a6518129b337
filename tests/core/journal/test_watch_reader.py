"""The newest evaluation of each symbol, and the sizes of tables."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.table_sizes import SizeReader
from core.journal.tables import REVISION
from core.journal.watch_reader import WatchReader
from tests.core.journal.builders import decision, key, opened


def test_of_each_symbol_the_newest_evaluation_since_a_number_is_told(tmp_path):
    journal = opened(tmp_path)
    aligned = replace(decision(key(2)), features={"alignment_5m": 0.25})
    journal.record_decisions([decision(key(0)), decision(key(1, "ETHUSDT")), aligned])
    reader = WatchReader.open(database_url(tmp_path / "journal.db"))
    found = {one.symbol: one for one in reader.latest_since(0)}
    assert {symbol: one.id for symbol, one in found.items()} == {"BTCUSDT": 3, "ETHUSDT": 2}
    assert found["BTCUSDT"].alignment == (None, 0.25, None, None, None, None)
    assert found["BTCUSDT"].score == 0.6
    assert [one.id for one in reader.latest_since(2)] == [3]
    assert reader.latest_since(3) == ()


def test_an_evaluation_without_features_or_score_is_told_too(tmp_path):
    journal = opened(tmp_path)
    journal.record_decisions([replace(decision(), features=None, rules=None)])
    (found,) = WatchReader.open(database_url(tmp_path / "journal.db")).latest_since(0)
    assert (found.score, set(found.alignment)) == (None, {None})


def test_rows_are_estimated_by_their_numbers(tmp_path):
    journal = opened(tmp_path)
    journal.record_decisions([decision(key(n)) for n in range(3)])
    journal.set_control("a", "1", 0)
    reader = SizeReader.open(database_url(tmp_path / "journal.db"))
    sizes = {one.name: (one.rows, one.is_exact) for one in reader.tables()}
    assert (sizes["decisions"], sizes["trades"], sizes["control"]) == (
        (3, False), (0, True), (1, True),
    )  # fmt: skip
    assert reader.revision() == REVISION


def test_without_a_journal_both_say_so(tmp_path):
    url = database_url(tmp_path / "none.db")
    for reader in (WatchReader, SizeReader):
        with pytest.raises(MissingJournalError):
            reader.open(url)
