import pytest

from core.data.cache_statistics import Tier
from core.data.sockets.health import StreamState
from ops.metrics_export.market import cache_part, feed_part, stream_part, time_part
from ops.metrics_export.rising import Rising
from tests.ops.metrics_export.fakes import MARKET_MS, FakeFeed, stream
from tests.ops.metrics_export.reading import samples


def test_the_feed_is_told_with_all_states():
    told = samples(feed_part(FakeFeed()))
    assert told["trading_feed_state", "LIVE"] == 1
    assert told["trading_feed_state", "SILENT"] == 0
    assert told["trading_feed_age_seconds",] == 0.25
    assert told["trading_feed_frames_total",] == 1_234
    assert told["trading_feed_decode_errors_total", "json"] == 3
    assert told["trading_feed_reconnects_total",] == 2
    assert told["trading_feed_gap_candles",] == 4
    assert told["trading_feed_symbols",] == 2
    assert told["trading_feed_troubled_symbols",] == 1
    assert told["trading_order_books", "live"] == 0


def test_streams_are_told_by_kind_however_many_symbols_there_are():
    heard = [stream(f"s{n}usdt@kline_1m", age_s=float(n)) for n in range(500)]
    heard += [
        stream("!markPrice@arr@1s", 0.1),
        stream("btcusdt@depth@100ms", None, StreamState.SILENT),
        stream("nonsense", 7.0),
    ]
    told = samples(stream_part(FakeFeed(heard=heard)))
    assert told["trading_streams", "kline_1m", "LIVE"] == 500
    assert told["trading_streams", "depth@100ms", "SILENT"] == 1
    assert told["trading_stream_oldest_age_seconds", "kline_1m"] == 499.0
    assert told["trading_stream_newest_age_seconds", "kline_1m"] == 0.0
    assert told["trading_stream_oldest_age_seconds", "markPrice@arr@1s"] == 0.1
    assert told["trading_stream_oldest_age_seconds", "other"] == 7.0
    assert ("trading_stream_oldest_age_seconds", "depth@100ms") not in told
    assert len(told) < 12


def test_kinds_nobody_foresaw_are_bounded():
    told = samples(stream_part(FakeFeed(heard=[stream(f"a@k{n}") for n in range(300)])))
    kinds = {key[1] for key in told if key[0] == "trading_streams"}
    assert len(kinds) == 17
    assert sum(v for key, v in told.items() if key[0] == "trading_streams") == 300


@pytest.mark.parametrize(
    ("changes", "offset"),
    [({}, 1.5), ({"market_label": "Simulated"}, None), ({"now_ms": None}, None)],
)
def test_the_clock_is_compared_with_a_real_market_only(changes, offset):
    told = samples(time_part(FakeFeed(**changes), lambda: MARKET_MS / 1000 + 1.5))
    assert told.get(("trading_clock_offset_seconds",)) == offset


def test_reads_of_the_cache_never_fall():
    counts = dict.fromkeys(Tier, (10, 2))
    rising = Rising()
    before = samples(cache_part(lambda: counts, rising))
    counts = dict.fromkeys(Tier, (1, 0))  # somebody has deleted the file
    after = samples(cache_part(lambda: counts, rising))
    assert before["trading_cache_reads_total", "hit", "memory"] == 10
    assert after["trading_cache_reads_total", "hit", "memory"] == 11
    assert after["trading_cache_reads_total", "miss", "rest"] == 2
