from dataclasses import replace

import pytest

from core.data.market_facts_history import FactReading, FundingQuery, OpenInterestQuery
from core.data.open_interest import Period
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.open_interest import OpenInterest
from tests.builders import START_MS, random_walk
from tests.ui.fakes import world
from ui.fact_panes.reading import FactReader, funding_query, open_interest_query, period_for
from ui.look import FactPane, Look
from ui.view import View

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
BOTH = (FactPane.FUNDING, FactPane.OPEN_INTEREST)
VIEW = View("BTCUSDT", Interval.M1, look=Look(facts=BOTH))


def replayed(until_ms, **changes):
    return replace(VIEW, look=Look(facts=BOTH, until_ms=until_ms), **changes)


@pytest.mark.parametrize(
    ("interval", "bars", "period"),
    [
        (Interval.M1, 1_000, Period.M5),
        (Interval.M1, 20_000, Period.H1),
        (Interval.M15, 500, Period.M15),
        (Interval.H1, 500, Period.H1),
        (Interval.H1, 20_000, Period.H2),
        (Interval.H4, 1_000, Period.H4),
        (Interval.D1, 20_000, Period.D1),
    ],
)
def test_one_answer_holds_all_of_open_interest_that_a_chart_can_show(interval, bars, period):
    assert period_for(interval, bars * interval.duration_ms) is period


def test_a_view_asks_only_for_the_panes_it_shows():
    market = world()
    reader = FactReader(market.services)
    reader.want(replace(VIEW, look=Look()), 500)
    assert market.facts.wanted == []
    reader.want(VIEW, 500)
    assert market.facts.wanted == [
        FundingQuery("BTCUSDT", 30),
        OpenInterestQuery("BTCUSDT", Period.M5),
    ]


def test_a_chart_of_days_asks_for_more_funding():
    view = replace(VIEW, interval=Interval.D1)
    assert funding_query(view, 500, START_MS) == FundingQuery("BTCUSDT", 180)


def test_a_replay_asks_once_a_day_for_the_snapshots_of_its_time():
    now_ms = START_MS + 10 * DAY_MS
    morning = open_interest_query(replayed(START_MS + HOUR_MS), 500, now_ms)
    noon = open_interest_query(replayed(START_MS + 12 * HOUR_MS), 500, now_ms)
    assert morning == noon
    assert morning.end_ms is not None
    assert morning.end_ms > START_MS + 12 * HOUR_MS


def test_of_a_replay_of_today_the_newest_snapshots_are_asked_for():
    query = open_interest_query(replayed(START_MS), 500, START_MS + HOUR_MS)
    assert query.end_ms is None


def test_what_the_exchange_no_longer_tells_is_not_asked_for_and_said():
    market = world()
    market.feed.time_ms = START_MS + 60 * DAY_MS
    view = replayed(START_MS + HOUR_MS)
    reader = FactReader(market.services)
    reader.want(view, 500)
    assert [type(query) for query in market.facts.wanted] == [FundingQuery]
    _, held = reader.shown(view, 500, random_walk(30))
    assert held.note.words == "the exchange tells the last 30 days only"


def shown(facts, view=VIEW, candles=None):
    market = world()
    market.facts.settled, market.facts.held = facts
    series = random_walk(600) if candles is None else candles
    return FactReader(market.services).shown(view, 500, series)


def test_a_replay_shows_nothing_that_became_known_later():
    rates = tuple(Settlement(START_MS + i * HOUR_MS, 0.0001) for i in range(10))
    snapshots = tuple(OpenInterest(START_MS + i * HOUR_MS, 5.0) for i in range(10))
    until_ms = START_MS + 4 * HOUR_MS - 1
    funding, held = shown((FactReading(rates), FactReading(snapshots)), replayed(until_ms))
    assert [row.at_ms for row in funding.settlements] == [row.at_ms for row in rates[:4]]
    assert held.snapshots == snapshots[:4]


def test_of_what_was_before_the_first_candle_only_the_last_is_kept():
    rates = tuple(Settlement(START_MS + i * HOUR_MS, 0.0001) for i in range(-5, 3))
    funding, _ = shown((FactReading(rates), FactReading(())))
    assert funding.settlements[0].at_ms == START_MS
    funding, _ = shown((FactReading(rates[:3]), FactReading(())))
    assert funding.settlements == rates[2:3]


@pytest.mark.parametrize(
    ("reading", "words", "detail"),
    [
        (FactReading(), "asking the exchange", ""),
        (FactReading(()), "the exchange tells nothing of this time", ""),
        (
            FactReading(None, "HTTP 503"),
            "the exchange did not answer, next try in 30 s",
            "HTTP 503",
        ),
    ],
)
def test_what_is_not_known_is_said(reading, words, detail):
    for fact in shown((reading, reading)):
        assert (fact.note.words, fact.note.detail) == (words, detail)


def test_without_candles_there_is_nothing_beside_them():
    assert shown((FactReading(), FactReading()), candles=random_walk(0)) == ()
