"""docs/overlays.md says what the overlays are now."""

from dataclasses import replace

import pytest

from core.config import REPOSITORY
from core.model.intervals import Interval
from core.model.parameters import parameters
from core.overlays import load_overlays
from core.overlays.supertrend import OVERLAY as SUPERTREND
from ops.commands.overlay_docs import overlay_docs

PAGE = REPOSITORY / "docs" / "overlays.md"
every_overlay = pytest.mark.parametrize("overlay", load_overlays().values(), ids=lambda o: o.key)


def test_the_page_is_what_the_overlays_say_of_themselves():
    assert PAGE.read_text() == overlay_docs(load_overlays().values()), (
        "it is out of date: python main.py overlay-docs > docs/overlays.md"
    )


@every_overlay
def test_each_overlay_has_a_section_with_all_there_is_to_know(overlay):
    page = overlay_docs([overlay])
    assert f"\n## {overlay.title}\n" in page
    assert overlay.explanation in page
    assert overlay.source.rstrip(".") in page
    for declared in parameters(overlay.defaults):
        assert f"| `{declared.name}` | {declared.default:g} | {declared.low:g} |" in page
        assert declared.meaning in page
    for interval in Interval:
        assert f" {overlay.warm_up_candles(overlay.defaults, interval)} |" in page
    assert "*Draws:* " in page


def test_each_shape_an_overlay_draws_is_named():
    page = overlay_docs([SUPERTREND])
    assert (
        "line “Supertrend”; markers “Supertrend turns up”; markers “Supertrend turns down”" in page
    )


def test_one_that_settles_later_says_so():
    page = overlay_docs([replace(SUPERTREND, settles_after=2)])
    assert "2 candles later" in page
    assert "never changed afterwards" not in page
