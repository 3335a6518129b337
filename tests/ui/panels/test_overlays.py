from dataclasses import replace

import pytest

from core.model.overlay import Group
from core.model.parameters import parameters
from core.overlays import load_overlays
from tests.ui.panels.component_text import found
from ui import ids
from ui.panels.overlays import about, overlay_picker

RUNBOOK = [
    "liquidity_zones",
    "supertrend",
    "chandelier_exit",
    "order_flow",
    "market_regime",
    "timeframe_alignment",
]
OVERLAYS = load_overlays()


def listed(overlays):
    return [box.value for box in found(overlay_picker(overlays), "Checkbox")]


def offered(overlays):
    (data,) = [s.data for s in found(overlay_picker(overlays), "Store") if s.id == ids.OFFERED]
    return data


def test_the_six_of_the_runbook_come_first_in_its_order():
    assert listed(OVERLAYS)[:6] == RUNBOOK


def test_they_are_on_and_the_others_off_until_the_viewer_says_otherwise():
    assert offered(OVERLAYS)["defaults"] == RUNBOOK


def test_every_overlay_is_listed_once():
    assert sorted(listed(OVERLAYS)) == sorted(OVERLAYS)
    assert offered(OVERLAYS)["keys"] == listed(OVERLAYS)


def test_one_more_of_the_main_group_follows_the_six():
    more = replace(OVERLAYS["supertrend"], key="a_new_one", title="A new one")
    assert listed({"a_new_one": more, **OVERLAYS})[:7] == [*RUNBOOK, "a_new_one"]


def test_a_group_without_overlays_is_hidden():
    main = {key: OVERLAYS[key] for key in RUNBOOK}
    sections = found(overlay_picker(main), "Details")
    assert len(sections) == len(Group) - 1
    assert all(section.hidden for section in sections)


@pytest.mark.parametrize("overlay", OVERLAYS.values(), ids=OVERLAYS)
def test_all_that_is_known_of_an_overlay_is_told(overlay):
    told = about(overlay)
    assert told["title"] == overlay.title
    assert told["source"] == f"Source: {overlay.source}."
    assert overlay.explanation in told["text"]
    assert any("final when its candle closes" in text for text in told["text"])
    assert [row[2] for row in told["parameters"]] == [
        parameter.meaning for parameter in parameters(overlay.defaults)
    ]
    for (_, value, _), parameter in zip(
        told["parameters"], parameters(overlay.defaults), strict=True
    ):
        assert value.startswith(f"{parameter.default:g}")


def test_values_that_may_still_change_are_said_to():
    told = about(replace(OVERLAYS["supertrend"], settles_after=3))
    assert any("newest 3 values may still change" in text for text in told["text"])


def test_every_overlay_can_be_asked_about_and_costs_few_components():
    picker = overlay_picker(OVERLAYS)
    asked = [getattr(b, "data-about", None) for b in found(picker, "Button")]
    assert sorted(filter(None, asked)) == sorted(OVERLAYS)
    (stores,) = [s.data for s in found(picker, "Store") if s.id == ids.ABOUT]
    assert set(stores) == set(OVERLAYS)
