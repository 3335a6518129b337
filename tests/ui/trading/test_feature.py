"""What the page is given of trading by hand."""

import json

from plotly.io.json import to_json_plotly

from tests import builders
from tests.ui.fakes import world
from ui.access.action_token import ActionToken
from ui.feature import Place
from ui.trading import ids
from ui.trading.feature import trading_feature
from ui.trading.reading import Book


def feature(tmp_path):
    return trading_feature(world().services, builders.home(tmp_path), ActionToken())


def test_it_has_a_part_in_each_of_its_places(tmp_path):
    parts = feature(tmp_path).parts
    assert {part.place for part in parts} == {Place.TAB, Place.TOOLS, Place.CHART, Place.ASIDE}
    for part in parts:
        assert json.loads(to_json_plotly(part.build()))


def test_finished_trades_are_pushed_only_when_there_are_others(tmp_path):
    panel = next(each for each in feature(tmp_path).panels if each.key == "trades")
    closed = ({"id": "1"},)
    ((store, prop, told),) = panel.updates(Book(closed=closed), None)
    assert (store, prop, told["closed"]) == (ids.BOOK, "data", [{"id": "1"}])
    ((_, _, told),) = panel.updates(Book(held=({"id": 2},), closed=closed), Book(closed=closed))
    assert "closed" not in told
    assert told["held"] == [{"id": 2}]
