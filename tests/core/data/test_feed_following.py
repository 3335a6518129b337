"""Whom the feed follows, in which order, and what it says of symbols that do not trade."""

import asyncio

from core.data.errors import RestError
from core.data.feed_status import FeedState
from core.data.market_events import BookTop, MarkPrice, MarkPrices
from core.data.sockets.events import Connected, Disconnected
from core.data.sockets.health import StreamState
from core.model.instrument import ContractType
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS, instrument, random_walk
from tests.core.data.feed_scene import (
    HISTORY,
    M1,
    SYMBOL,
    WATCHED,
    WINDOW,
    FakeExchange,
    FakeUniverse,
    Scene,
    play,
)

MANY = tuple(f"S{i}USDT" for i in range(60))


class NamedExchange(FakeExchange):
    """Remembers who was asked for, does not know some, and counts requests at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.symbols: list[str] = []
        self.unlisted: set[str] = set()
        self.together = 0
        self.most_together = 0

    async def klines(self, symbol, interval, **bounds):
        self.symbols.append(symbol)
        if symbol in self.unlisted:
            raise RestError(f"klines {symbol}: -1121 Invalid symbol.", 400)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await asyncio.sleep(0)
        try:
            return await super().klines(symbol, interval, **bounds)
        finally:
            self.together -= 1


def test_many_symbols_are_filled_a_few_at_a_time_those_in_focus_first(tmp_path):
    exchange = NamedExchange()
    universe = FakeUniverse(SYMBOL, *MANY)

    async def scenario(scene: Scene) -> None:
        scene.feed.focus(["S59USDT"])
        await scene.until(lambda: scene.stream.sink is not None)
        await scene.until(lambda: "s59usdt@aggTrade" in scene.stream.wanted)
        scene.stream.emit(Connected(), scene.price(HISTORY, 1_000))
        scene.stream.connected = True
        await scene.until(lambda: all(scene.feed.whole(s) for s in universe.symbols))

    scene = play(tmp_path, scenario, universe=universe, exchange=exchange)
    assert exchange.most_together <= 6
    assert set(exchange.symbols[:2]) == {SYMBOL, "S59USDT"}
    watched = [ask for ask in exchange.asked if ask[3] == WATCHED + 1]
    assert len(watched) == len(MANY) - 1, "one cheap request for each that is only watched"
    assert len(scene.store.open_times("S3USDT", M1)) == WATCHED


def test_the_universe_beats_in_one_frame_and_has_no_order_flow(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.until(lambda: scene.stream.sink is not None)
        assert "!markPrice@arr@1s" in scene.stream.wanted
        assert [n for n in scene.stream.wanted if "aggTrade" in n] == ["btcusdt@aggTrade"]
        at_ms = START_MS + HISTORY * MINUTE_MS
        marks = tuple(MarkPrice(s, 7.0, 7.0, 1e-4, 0, at_ms) for s in (SYMBOL, "S7USDT", "NEWUSDT"))
        scene.stream.emit(Connected(), MarkPrices(marks, at_ms))
        mark = scene.feed.mark("S7USDT")
        assert mark is not None
        assert mark.funding_rate == 1e-4
        assert scene.feed.mark("S8USDT") is None
        assert scene.feed.market_time_ms() == at_ms

    play(tmp_path, scenario, universe=FakeUniverse(SYMBOL, *MANY))


def test_pages_bring_a_symbol_into_focus_and_let_it_go_again(tmp_path):
    universe = FakeUniverse(SYMBOL)
    universe.instruments["ETHUSDT"] = instrument("ETHUSDT")

    async def scenario(scene: Scene) -> None:
        await scene.live()
        assert scene.feed.symbols == (SYMBOL,)
        scene.feed.focus(["ETHUSDT", "NOSUCH"])
        await scene.until(lambda: "ethusdt@depth@500ms" in scene.stream.wanted)
        assert scene.feed.symbols == (SYMBOL, "ETHUSDT")
        assert "ETHUSDT" in scene.feed.order_flow.symbols
        scene.stream.emit(Connected(frozenset({"ethusdt@kline_1m"})))
        scene.stream.emit(scene.price(HISTORY, 2_000, "ETHUSDT"))
        await scene.until(lambda: scene.feed.whole("ETHUSDT"))
        scene.feed.focus([])
        await scene.until(lambda: scene.feed.symbols == (SYMBOL,))
        await scene.until(lambda: "ethusdt@kline_1m" not in scene.stream.wanted)
        assert not scene.feed.whole("ETHUSDT")

    play(tmp_path, scenario, universe=universe)


def test_symbols_come_and_go_with_the_universe(tmp_path):
    universe = FakeUniverse(SYMBOL, "OLDUSDT")
    universe.failing = 3

    async def scenario(scene: Scene) -> None:
        await scene.until(lambda: "list of symbols is not current" in scene.feed.status().detail)
        await scene.live()
        universe.symbols = (SYMBOL, "NEWUSDT")
        seen = universe.refreshed
        await scene.until(lambda: universe.refreshed > seen)
        await scene.until(lambda: "newusdt@kline_1m" in scene.stream.wanted)
        assert "oldusdt@kline_1m" not in scene.stream.wanted
        assert "not current" not in scene.feed.status().detail

    play(tmp_path, scenario, universe=universe)


def test_a_symbol_the_exchange_does_not_know_holds_nobody_up_and_is_said(tmp_path):
    universe = FakeUniverse(SYMBOL)
    universe.unknown = {"BTCUSD": ("BTCUSDT",)}

    async def scenario(scene: Scene) -> None:
        await scene.live()
        assert "BTCUSD; did you mean BTCUSDT?" in scene.feed.status().detail
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)

    play(tmp_path, scenario, symbols=(SYMBOL, "BTCUSD"), universe=universe)


def test_a_symbol_that_rest_refuses_holds_nobody_up_and_is_said(tmp_path):
    exchange = NamedExchange()
    exchange.unlisted = {"GONEUSDT"}

    async def scenario(scene: Scene) -> None:
        await scene.connect()
        scene.stream.emit(scene.price(HISTORY, 1_500, "GONEUSDT"))
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)
        assert "Invalid symbol" in scene.feed.status().detail
        assert not scene.feed.whole("GONEUSDT")
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)

    play(tmp_path, scenario, symbols=(SYMBOL, "GONEUSDT"), exchange=exchange)


def test_a_closed_market_is_closed_and_neither_silent_nor_holed(tmp_path):
    universe = FakeUniverse(SYMBOL, "TSLAUSDT")
    universe.closed = {"TSLAUSDT"}

    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(*(scene.closes(m) for m in range(HISTORY, HISTORY + 5)))
        scene.stream.emit(scene.price(HISTORY + 5, 5_000))
        states = {health.name: health.state for health in scene.feed.streams()}
        assert states["tslausdt@kline_1m"] is StreamState.CLOSED
        assert scene.feed.status().state is FeedState.LIVE
        assert "TSLAUSDT is closed" in scene.feed.status().detail
        assert scene.feed.standing("TSLAUSDT")[0] is StreamState.CLOSED
        assert not scene.feed.whole("TSLAUSDT")
        universe.closed = set()
        scene.stream.emit(scene.price(HISTORY + 5, 6_000, "TSLAUSDT"))
        await scene.until(lambda: scene.feed.whole("TSLAUSDT"))

    play(tmp_path, scenario, symbols=(SYMBOL, "TSLAUSDT"), universe=universe)


def test_streams_tell_what_is_still_to_be_fetched(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.connected = True
        scene.exchange.hold = asyncio.Event()
        scene.stream.emit(scene.closes(HISTORY + 1))
        health = {h.name: h for h in scene.feed.streams()}
        assert health["btcusdt@kline_1m"].state is StreamState.BACKFILLING
        assert "lacks 1 closed candle" in health["btcusdt@kline_1m"].detail
        assert health["btcusdt@aggTrade"].state is StreamState.LIVE
        scene.exchange.hold.set()
        await scene.until(lambda: scene.announced == [HISTORY, HISTORY + 1])

    scene = play(tmp_path, scenario)
    assert {h.state for h in scene.feed.streams()} == {StreamState.STOPPED}


def test_without_a_list_the_whole_universe_is_in_focus(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.until(lambda: scene.stream.sink is not None)
        assert "ethusdt@aggTrade" in scene.stream.wanted

    play(tmp_path, scenario, symbols=(), universe=FakeUniverse(SYMBOL, "ETHUSDT"))


def test_trades_and_books_from_another_hour_are_counted_and_left_out(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        now_ms = scene.feed.market_time_ms()
        assert now_ms is not None
        for at_ms in (now_ms, now_ms + 10**8):
            scene.stream.emit(BookTop(SYMBOL, 1, 99.0, 1.0, 101.0, 1.0, at_ms))
        assert scene.feed.status().malformed == 1

    play(tmp_path, scenario)


def test_a_restart_is_handed_to_the_sockets(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.feed.restart()
        assert scene.stream.restarts == 1

    play(tmp_path, scenario)


def test_each_symbol_stands_for_itself(tmp_path):
    async def scenario(scene: Scene) -> None:
        assert scene.feed.standing(SYMBOL)[0] is FeedState.STARTING
        await scene.live()
        assert scene.feed.standing(SYMBOL) == (FeedState.LIVE, "")
        assert scene.feed.standing("NOSUCH") == (
            FeedState.STARTING,
            "NOSUCH is not followed yet",
        )
        lost = Disconnected("no data for 8 s", silent=True, streams=frozenset({"btcusdt@kline_1m"}))
        scene.stream.connected = False
        scene.stream.emit(lost)
        assert scene.feed.standing(SYMBOL) == (FeedState.SILENT, "no data for 8 s")

    scene = play(tmp_path, scenario)
    assert scene.feed.standing(SYMBOL)[0] is FeedState.STOPPED


def test_unreadable_frames_are_told_by_kind(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.statistics.malformed.update({"json": 2, "price": 1})
        assert scene.feed.status().unreadable == {"json": 2, "price": 1}

    play(tmp_path, scenario)


def test_minutes_between_two_sessions_are_no_gap_and_hold_nothing_up(tmp_path):
    universe = FakeUniverse(SYMBOL)
    universe.instruments[SYMBOL] = instrument(contract_type=ContractType.TRADIFI_PERPETUAL)

    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.exchange.absent = set(range(HISTORY + 2, HISTORY + 60))
        scene.stream.emit(*(scene.closes(m) for m in (HISTORY, HISTORY + 1)))
        universe.closed = {SYMBOL}
        seen = universe.refreshed
        await scene.until(lambda: universe.refreshed > seen + 1)
        assert not scene.feed.whole(SYMBOL)
        assert scene.feed.streams()[0].state is StreamState.CLOSED
        # The first bar of the new session comes before exchangeInfo tells that it has begun.
        scene.stream.emit(scene.runs(HISTORY + 60), scene.closes(HISTORY + 60))
        scene.stream.emit(scene.runs(HISTORY + 61))
        await scene.until(lambda: scene.announced[-1] == HISTORY + 60)
        assert universe.closed
        universe.closed = set()
        await scene.until(lambda: scene.feed.whole(SYMBOL))
        assert scene.feed.gaps(SYMBOL) == ()
        assert scene.feed.status().gaps == 0
        # What is missing within a session is a gap as anywhere else.
        scene.exchange.absent.add(HISTORY + 61)
        scene.stream.emit(scene.closes(HISTORY + 62), scene.runs(HISTORY + 63))
        await scene.until(lambda: scene.announced[-1] == HISTORY + 62)
        assert scene.feed.status().gaps == 1

    play(tmp_path, scenario, universe=universe)


def test_a_break_in_the_past_is_no_gap_either_once_the_exchange_has_told_its_kind(tmp_path):
    exchange = FakeExchange()
    exchange.absent = set(range(HISTORY - 200, HISTORY - 100))
    universe = FakeUniverse(SYMBOL)

    async def scenario(scene: Scene) -> None:
        await scene.live()
        await scene.until(lambda: scene.feed.status().gaps == 100)
        sessions = instrument(contract_type=ContractType.TRADIFI_PERPETUAL)
        universe.instruments[SYMBOL] = sessions
        await scene.until(lambda: scene.feed.whole(SYMBOL))
        assert scene.feed.status().gaps == 0

    play(tmp_path, scenario, universe=universe, exchange=exchange)


def test_what_was_missed_while_a_symbol_was_left_alone_is_filled_when_it_comes_back(tmp_path):
    universe = FakeUniverse(SYMBOL)
    universe.instruments["ETHUSDT"] = instrument("ETHUSDT")

    async def looked_at(scene: Scene) -> None:
        scene.feed.focus(["ETHUSDT"])
        await scene.until(lambda: "ethusdt@kline_1m" in scene.stream.wanted)
        scene.stream.emit(Connected(frozenset({"ethusdt@kline_1m"})))
        for second in (2_000, 3_000):  # after hours the second one is believed
            scene.stream.emit(scene.price(scene.exchange.minute, second, "ETHUSDT"))
        known = scene.exchange.minute
        await scene.until(lambda: len(scene.store.open_times("ETHUSDT", M1)) == known)
        scene.feed.focus([])
        await scene.until(lambda: "ethusdt@kline_1m" not in scene.stream.wanted)

    async def scenario(scene: Scene) -> None:
        scene.exchange.market = list(random_walk(2 * HISTORY + 10))
        await scene.live()
        await looked_at(scene)
        scene.exchange.minute += WINDOW + 50  # more than the window a return looks back
        scene.stream.emit(scene.price(scene.exchange.minute, 1_000))
        await looked_at(scene)

    play(tmp_path, scenario, universe=universe)


def test_focus_that_changes_back_and_forth_ends_as_it_was_last_asked(tmp_path):
    universe = FakeUniverse(SYMBOL)
    universe.instruments["ETHUSDT"] = instrument("ETHUSDT")

    async def scenario(scene: Scene) -> None:
        await scene.live()
        for turn in range(40):
            scene.feed.focus(["ETHUSDT"] if turn % 2 else [])
            for _ in range(turn % 3):
                await asyncio.sleep(0)
        await scene.until(lambda: "ethusdt@aggTrade" in scene.stream.wanted)
        scene.stream.emit(Connected(), scene.price(HISTORY, 2_000, "ETHUSDT"))
        await scene.until(lambda: scene.feed.whole("ETHUSDT") and scene.feed.whole(SYMBOL))
        assert "ETHUSDT" in scene.feed.order_flow.symbols
        scene.feed.focus([])
        await scene.until(lambda: not [n for n in scene.stream.wanted if "ethusdt" in n])

    play(tmp_path, scenario, universe=universe)


def test_when_no_symbol_has_a_market_any_more_the_feed_is_not_live_and_says_why(tmp_path):
    universe = FakeUniverse(SYMBOL)

    async def scenario(scene: Scene) -> None:
        await scene.live()
        universe.symbols = ()
        universe.instruments[SYMBOL] = instrument(status="SETTLING")
        await scene.until(lambda: not scene.stream.wanted)
        assert scene.feed.status().state is FeedState.STARTING
        assert f"{SYMBOL} is not followed: the exchange says SETTLING" in scene.feed.status().detail

    play(tmp_path, scenario, universe=universe)
