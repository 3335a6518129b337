import re
from pathlib import Path

from ui.drawings.panel import TOOLS, question, tools

ASSETS = Path(__file__).parents[3] / "ui" / "assets"


def test_each_kind_of_drawing_of_the_script_has_a_tool():
    script = (ASSETS / "drawing_shapes.js").read_text()
    kinds = re.search(r"const KINDS = \{(.*?)\};", script, re.DOTALL)
    assert kinds is not None
    spelled = re.findall(r"^\s+(\w+):", kinds[1], re.MULTILINE)
    assert [key for key, _ in TOOLS] == ["select", *spelled, "erase"]


def test_every_tool_says_what_it_does_and_has_an_icon():
    style = (ASSETS / "drawings.css").read_text()
    for button in tools().children:
        told = button.to_plotly_json()["props"]
        assert told["aria-label"]
        assert told["title"]
        assert f".{told['className'].replace(' ', '.').removeprefix('icon.')} {{ --icon" in style


def test_erasing_everything_is_asked_for_with_a_way_out():
    keep, erase = question().children[1].children
    assert (keep.children, erase.children) == ("Keep", "Erase")
