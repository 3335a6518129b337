"""Health alarms in a real browser: the table's orders, and the bell."""

import pytest

from core.config import Home
from core.model.health import Level
from ops.alarms.alarm import Alarm, Book, Event, Kind
from ops.alarms.opening import orders_of
from ops.alarms.state_file import Kept, save_state, state_path
from ops.processes import Role, registered
from tests.browser.conftest import tab
from tests.browser.waiting import until
from tests.ui.fakes import world
from tests.ui.serving import served
from ui.access.action_token import ActionToken
from ui.alarms.feature import alarms_feature
from ui.notifications.feature import notifications_feature

pytestmark = pytest.mark.browser
WHY = '<img src=x onerror="document.title=1">no frame for 75 s'
FEED = Alarm("feed", Level.CRITICAL, WHY, 0, 7, 9)
RAISED = Event(Kind.RAISED, "feed", Level.CRITICAL, Level.OK, WHY, 0, 7)


@pytest.mark.parametrize("width", [1600, 390])
def test_an_alarm_is_told_acknowledged_silenced_and_told_again(browser, tmp_path, width):
    market, home, actions = world(), Home(tmp_path), ActionToken()
    home.create()
    save_state(state_path(home, "engine"), Kept(Book({"feed": FEED}), (RAISED,)))
    features = (alarms_feature(home, actions), notifications_feature(market.services, home))
    with (
        registered(home.run, Role.ENGINE),
        served(market, ticks_per_s=1.0, features=features, actions=actions) as server,
        tab(browser, server.url) as opened,
    ):
        page = opened.page
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{server.url}system")
        page.locator(".system-table.alarms tbody tr").wait_for()
        assert WHY in opened.text(".system-table.alarms")
        page.locator("#notifications-toasts").get_by_text("Health: feed is critical").wait_for()
        assert page.locator(":is(.system-table, .notification) img").count() == 0
        page.locator("#notifications-toasts .close").click()

        page.get_by_role("button", name="acknowledge feed").click()
        page.get_by_text("acknowledged", exact=True).wait_for()
        assert orders_of(home).read().knows(FEED)
        page.get_by_role("button", name="silence feed for 8 h").click()
        page.get_by_role("button", name="unsilence feed").click()
        page.get_by_role("button", name="silence feed for 1 h").wait_for()
        until(lambda: not orders_of(home).read().silenced, "the silence to end")
        assert page.locator("button[data-alarm=acknowledge]").count() == 0
        assert page.evaluate("document.title") != "1"
        assert not opened.complaints

        save_state(state_path(home, "engine"), Kept(recent=(RAISED,)))
        page.get_by_text("No health alarm is active.").wait_for()
