import json

from tests.ui.fakes import world
from ui.chart_modes.feature import chart_modes_feature
from ui.day_replay.feature import day_replay_feature
from ui.feature import Place


def built(feature):
    return {part.key: json.dumps(part.build().to_plotly_json(), default=str) for part in feature}


def test_the_switches_know_how_many_candles_a_chart_begins_with():
    parts = built(chart_modes_feature(world(candles_shown=321).services).parts)
    assert '"data-bars": "321"' in parts["modes-tools"]


def test_every_button_has_a_name_and_a_tooltip():
    market = world()
    parts = (
        *chart_modes_feature(market.services).parts,
        *day_replay_feature(market.services).parts,
    )
    tools = [part for part in parts if part.place is Place.TOOLS]
    assert len(tools) == 4
    for part in tools:
        made = [part.build(), *part.build()._traverse()]
        buttons = [node for node in made if getattr(node, "_type", "") == "Button"]
        assert buttons
        for button in buttons:
            said = button.to_plotly_json()["props"]
            assert said["title"]
            assert said["aria-label"]
