import asyncio

from core.model.intervals import Interval
from ui import ids
from ui.feature import LivePanel
from ui.pages import Page
from ui.panel_pushes import PanelPushes
from ui.view import View

BTC, ETH = View("BTCUSDT", Interval.M1), View("ETHUSDT", Interval.M1)


class Desk:
    """Two panels, one of which can be broken, and a clock that is turned by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.value = 1
        self.broken = False
        self.reads: list[str] = []
        panels = {
            "sound": LivePanel("sound", 2.0, self.sound, _told("sound")),
            "weak": LivePanel("weak", 2.0, self.weak, _told("weak")),
        }
        self.pushes = PanelPushes(panels, lambda: self.now_s)
        self.page = Page(BTC, 0.0)
        self.page.show(BTC, frozenset(panels))

    def sound(self, view: View) -> tuple[str, int]:
        self.reads.append(view.symbol)
        return view.symbol, self.value

    def weak(self, view: View) -> str:
        if self.broken:
            raise RuntimeError("no such table")
        return view.symbol

    def due(self, after_s: float = 0.0):
        self.now_s += after_s
        return asyncio.run(self.pushes.due(self.page))


def _told(key):
    return lambda new, before: [(key, "children", (new, before))]


def test_a_panel_is_read_when_due_and_pushed_when_it_changed():
    desk = Desk()
    assert [component for component, _, _ in desk.due()] == ["sound", "weak"]
    assert desk.due(1.0) == []
    assert desk.due(1.0) == []
    assert len(desk.reads) == 2
    desk.value = 2
    assert desk.due(2.0) == [("sound", "children", (("BTCUSDT", 2), ("BTCUSDT", 1)))]


def test_what_stays_the_same_is_told_again_now_and_then_for_a_page_that_missed_it():
    desk = Desk()
    first = desk.due()
    pushes = [desk.due(2.0) for _ in range(15)]
    assert pushes[:-1] == [[]] * 14
    assert pushes[-1] == first


def test_another_market_is_read_at_once():
    desk = Desk()
    desk.due()
    desk.page.show(ETH)
    assert [component for component, _, _ in desk.due()] == ["sound", "weak"]


def test_what_nobody_sees_is_not_read():
    desk = Desk()
    desk.page.show(BTC, frozenset({"weak", "no such panel"}))
    assert [component for component, _, _ in desk.due()] == ["weak"]
    assert desk.reads == []


def test_a_panel_that_fails_says_so_and_leaves_the_others_alone():
    desk = Desk()
    desk.broken = True
    told = desk.due()
    assert told[0][0] == "sound"
    assert told[1] == (ids.PANEL_FAULTS, "data", {"weak": "RuntimeError: no such table"})
    assert desk.due(1.0) == []
    desk.broken = False
    assert desk.due(1.0) == [
        ("weak", "children", ("BTCUSDT", None)),
        (ids.PANEL_FAULTS, "data", {}),
    ]
