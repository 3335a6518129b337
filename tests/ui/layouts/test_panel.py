import re
from pathlib import Path

from ui.layouts.panel import COUNTS, overlays_button, switch

ASSETS = Path(__file__).parents[3] / "ui" / "assets"


def test_the_layouts_are_those_the_script_knows():
    script = (ASSETS / "layouts.js").read_text()
    known = re.search(r"const COUNTS = \[(.*?)\]", script)
    assert known is not None
    assert known[1] == ", ".join(str(count) for count, _ in COUNTS)


def test_one_chart_is_shown_until_the_viewer_says_otherwise():
    pressed = [button.to_plotly_json()["props"]["aria-pressed"] for button in switch().children]
    assert pressed == ["true", "false", "false"]


def test_a_frame_opens_the_same_picker_as_the_page():
    assert overlays_button().to_plotly_json()["props"]["data-fold"] == "left"
