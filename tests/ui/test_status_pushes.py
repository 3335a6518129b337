import asyncio

import pytest

from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from tests.ui.fakes import world
from ui import ids
from ui.pages import Page
from ui.regime_service import RegimeService
from ui.status_pushes import STATUS_EVERY_S, StatusPushes
from ui.status_service import StatusService
from ui.view import View


class Scene:
    """One page, a clock, and what it is told of the slow facts."""

    def __init__(self):
        self.now_s = 0.0
        self.services = world(monotonic=lambda: self.now_s).services
        status, regimes = StatusService(self.services), RegimeService(self.services)
        self.pushes = StatusPushes(self.services, status, regimes)
        self.page = Page(View("BTCUSDT", Interval.M1), 1e9)

    def after(self, seconds=0.0):
        self.now_s += seconds
        return {component for component, _, _ in asyncio.run(self.pushes.due(self.page))}


@pytest.fixture
def scene():
    return Scene()


def test_the_first_time_everything_is_told(scene):
    assert scene.pushes.is_first
    assert {ids.ENGINE, ids.SYMBOL, ids.REGIME} <= scene.after()
    assert not scene.pushes.is_first


def test_before_its_time_nothing_is_read(scene):
    scene.after()
    scene.services.engine.now = EngineState(EngineActivity.STOPPED)
    assert scene.after(STATUS_EVERY_S / 2) == set()
    assert ids.ENGINE in scene.after(STATUS_EVERY_S / 2)


def test_a_panel_that_comes_into_sight_is_told_at_once(scene):
    scene.after()
    scene.page.show(scene.page.view, frozenset({"telemetry"}))
    assert ids.TELEMETRY_CARD in scene.after()


def test_another_symbol_that_is_followed_needs_no_new_options(scene):
    scene.after()
    scene.page.show(View("ETHUSDT", Interval.M1))
    told = scene.after()
    assert ids.REGIME in told
    assert ids.SYMBOL not in told
