import asyncio

import pytest

from core.model.intervals import Interval
from ui.pages import LEASE_S, Pages, TooManyPagesError
from ui.view import View

BTC = View("BTCUSDT", Interval.M1)
ETH = View("ETHUSDT", Interval.M1)


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def test_a_page_lives_as_long_as_it_renews_its_lease():
    clock = Clock()
    pages = Pages(clock)
    page = pages.renew("a", BTC)
    for _ in range(20):
        clock.now_s += LEASE_S - 1.0
        assert pages.holds(page)
        assert pages.renew("a", BTC) is page
    clock.now_s += LEASE_S
    assert not pages.holds(page)


def test_the_symbols_are_those_of_the_pages_with_a_lease():
    clock = Clock()
    pages = Pages(clock)
    assert pages.symbols == frozenset()
    pages.renew("a", BTC)
    pages.renew("b", BTC)
    clock.now_s += LEASE_S / 2
    pages.renew("b", ETH)
    assert pages.symbols == {"BTCUSDT", "ETHUSDT"}
    clock.now_s += LEASE_S / 2
    assert pages.symbols == {"ETHUSDT"}


def test_a_page_without_a_lease_is_forgotten():
    clock = Clock()
    pages = Pages(clock)
    old = pages.renew("a", BTC)
    clock.now_s += LEASE_S
    pages.renew("b", BTC)
    assert pages.renew("a", BTC) is not old


def test_more_pages_than_a_desktop_has_are_refused():
    pages = Pages(Clock(), most=2)
    pages.renew("a", BTC)
    pages.renew("b", BTC)
    pages.renew("a", ETH)
    with pytest.raises(TooManyPagesError):
        pages.renew("c", BTC)


def test_only_pages_of_the_symbol_are_woken():
    pages = Pages(Clock())
    btc, eth = pages.renew("a", BTC), pages.renew("b", ETH)
    btc.outdated = eth.outdated = False
    pages.wake("ETHUSDT", outdated=True)
    assert (btc.outdated, eth.outdated) == (False, True)

    async def woken():
        return await btc.change(0.0), await eth.change(0.0)

    assert asyncio.run(woken()) == (False, True)


def test_a_new_loop_takes_over_from_the_one_before():
    page = Pages(Clock()).renew("a", BTC)
    first = page.begin_loop()
    second = page.begin_loop()
    assert (page.owns(first), page.owns(second)) == (False, True)
    page.end_loop(first)
    assert page.is_live
    page.end_loop(second)
    assert not page.is_live


def test_a_browser_that_reads_nothing_is_not_sent_more():
    page = Pages(Clock()).renew("a", BTC)
    page.begin_loop()
    page.pushed += 79
    assert page.is_reading
    page.pushed += 1
    assert not page.is_reading
    page.seen = page.pushed
    assert page.is_reading


def test_a_change_of_view_outdates_the_figure():
    pages = Pages(Clock())
    page = pages.renew("a", BTC)
    page.outdated = False
    pages.renew("a", BTC)
    assert not page.outdated
    pages.renew("a", ETH)
    assert page.outdated
