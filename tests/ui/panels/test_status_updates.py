import asyncio
from dataclasses import replace

import pytest

from core.model.intervals import Interval
from core.model.regime import Regime
from core.model.telemetry import FeatureCost
from tests.ui.fakes import signal, world
from ui import ids
from ui.panels.status_updates import Told, status_updates
from ui.regime_service import RegimeReading
from ui.status_service import StatusService
from ui.view import View

BTC = View("BTCUSDT", Interval.M1)
READING = RegimeReading(Regime.RANGE, 9, False, True, 900, 500, 1_000, 12.0, 0.1, 0.0, 0.5)
COST = FeatureCost("supertrend", 40, 0, 0.2, 0.2, 0.4, 80.0, 0.3, (0.2,))
COST_CELL = f"{ids.COST}-supertrend"


@pytest.fixture(scope="module")
def market():
    return world()


@pytest.fixture(scope="module")
def told(market):
    status = asyncio.run(StatusService(market.services).current())
    status = replace(status, page_costs=(COST,))
    return Told(BTC, status, READING, frozenset({"feed", "cache", "telemetry"}), status)


def changed(now, before, market):
    return {component for component, _, _ in status_updates(now, before, market.services)}


def test_a_new_page_is_told_everything(market, told):
    assert {
        ids.ENGINE,
        ids.FEED_STREAMS,
        ids.SIGNALS,
        ids.CACHE_CARD,
        ids.REGIME,
        ids.RECOMMENDED,
        ids.REGIME_USE,
        ids.TELEMETRY_CARD,
        COST_CELL,
    } <= changed(told, None, market)


def test_nothing_new_is_not_told(market, told):
    assert changed(told, told, market) == set()


def costing(told, **more):
    status = replace(told.status, **more)
    return replace(told, status=status, costed=status)


def test_a_new_cost_is_told_in_the_card_and_in_the_picker_only(market, told):
    engine = replace(told.status.engine, costs=(replace(COST, p95_ms=0.9),))
    now = costing(told, engine=engine)
    assert changed(now, told, market) == {ids.TELEMETRY_CARD, COST_CELL}
    ((_, _, text),) = [u for u in status_updates(now, told, market.services) if u[0] == COST_CELL]
    assert text == "0.90"


def test_what_was_measured_too_seldom_is_in_the_card_only(market, told):
    now = costing(told, page_costs=(COST, replace(COST, feature="rsi", count=3, p95_ms=40.0)))
    assert changed(now, told, market) == {ids.TELEMETRY_CARD}


def test_costs_wait_while_an_older_reading_of_them_is_told(market, told):
    now = replace(costing(told, page_costs=()), costed=told.costed)
    assert changed(now, told, market) == set()


def test_the_card_of_costs_is_told_only_while_it_is_seen(market, told):
    hidden = replace(told, panels=told.panels - {"telemetry"})
    assert ids.TELEMETRY_CARD not in changed(hidden, None, market)
    assert changed(told, hidden, market) == {ids.TELEMETRY_CARD}


def test_a_new_regime_is_told_with_what_the_button_does(market, told):
    now = replace(told, regime=replace(READING, regime=Regime.TREND_UP))
    updates = {(c, p): v for c, p, v in status_updates(now, told, market.services)}
    assert set(updates) == {
        (ids.REGIME, "children"),
        (ids.RECOMMENDED, "data"),
        (ids.REGIME_USE, "disabled"),
    }
    assert "supertrend" in updates[ids.RECOMMENDED, "data"]["enable"]
    assert updates[ids.REGIME_USE, "disabled"] is False


def test_without_a_regime_there_is_nothing_to_use(market, told):
    now = replace(told, regime=RegimeReading(needed=500))
    updates = {(c, p): v for c, p, v in status_updates(now, told, market.services)}
    assert updates[ids.REGIME_USE, "disabled"] is True


def test_another_interval_is_another_regime_but_the_same_symbol(market, told):
    now = replace(told, view=replace(BTC, interval=Interval.H1))
    assert changed(now, told, market) == {ids.REGIME}


def test_another_symbol_has_its_own_streams_and_series(market, told):
    now = replace(told, view=replace(BTC, symbol="ETHUSDT"))
    assert {ids.FEED_STREAMS, ids.CACHE_CARD, ids.REGIME} <= changed(now, told, market)
    assert ids.TELEMETRY_CARD not in changed(now, told, market)


def test_a_new_signal_is_told_alone(market, told):
    now = replace(told, status=replace(told.status, signals=(signal(1),)))
    assert changed(now, told, market) == {ids.SIGNALS, ids.SIGNALS_SUMMARY}


def test_tables_of_the_page_system_are_told_only_while_they_are_seen(market, told):
    hidden = replace(told, panels=frozenset())
    assert changed(hidden, None, market).isdisjoint({ids.FEED_STREAMS, ids.CACHE_CARD})
    assert changed(told, hidden, market) == {ids.FEED_STREAMS, ids.CACHE_CARD, ids.TELEMETRY_CARD}


def plain(value):
    """Whether ``fragments.js`` can write something past Dash's renderer."""
    if isinstance(value, (list, tuple)):
        return all(plain(part) for part in value)
    if value is None or isinstance(value, (str, int, float)):
        return True
    told = value.to_plotly_json()
    props = {name: part for name, part in told["props"].items() if name != "children"}
    flat = not any(isinstance(part, (dict, list)) for part in props.values())
    is_html = told["namespace"] == "dash_html_components"
    return is_html and flat and plain(told["props"].get("children"))


def test_all_that_is_pushed_as_components_is_plain_html(market, told):
    updates = list(status_updates(told, None, market.services))
    assert [c for c, name, value in updates if name == "children" and not plain(value)] == []
