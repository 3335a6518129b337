"""The command as a user runs it: a file of candles in, JSON out, or one line and an exit status."""

import contextlib
import json
import os

import numpy as np
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

import core.overlays
from core.data.candle_file import write_candles
from core.model.intervals import Interval
from ops.commands.overlays import overlays_command
from tests.builders import START_MS, random_walk

RUNBOOK = {
    "liquidity_zones",
    "supertrend",
    "chandelier_exit",
    "order_flow",
    "market_regime",
    "timeframe_alignment",
}
N = 2_000
MARKET = random_walk(N, interval=Interval.M15, start_ms=START_MS - 7 * 15 * 60_000)
app = typer.Typer()
app.command()(overlays_command)


def strict(text):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


def run(path, *arguments, interval="15m"):
    return CliRunner().invoke(app, ["--input", str(path), "--interval", interval, *arguments])


def computed(path, *arguments, **named):
    result = run(path, *arguments, **named)
    assert result.exit_code == 0, result.output
    return strict(result.stdout)


def written(folder, candles, name="whole.parquet"):
    write_candles(candles, folder / name)
    return folder / name


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return written(tmp_path_factory.mktemp("whole"), MARKET)


@pytest.fixture(scope="module")
def every(whole):
    return computed(whole, "--keys", "all")


def columns(shape):
    """What has one value per candle."""
    per_candle = ("values", "upper", "lower", "strength", "direction")
    return {key: shape[key] for key in per_candle if isinstance(shape.get(key), list)}


def events(found):
    return [shape for shape in found["shapes"] if shape["kind"] in {"zone", "marker"}]


def test_without_keys_the_six_of_the_runbook_are_computed(whole):
    assert set(computed(whole)) == RUNBOOK


def test_only_the_overlays_named_are_computed_each_once(whole):
    assert list(computed(whole, "--keys", "supertrend, atr,supertrend")) == ["supertrend", "atr"]


def test_all_of_them_can_be_asked_for(every):
    assert list(every) == list(core.overlays.load_overlays())


def test_each_value_has_one_place_per_candle_and_none_before_the_warm_up(every):
    for key, found in every.items():
        assert found["interval"] == "15m"
        assert found["title"]
        assert found["settles_after"] == 0
        warm = found["warm_up_candles"]
        for shape in found["shapes"]:
            if shape["kind"] == "profile":
                continue
            for name, column in columns(shape).items():
                assert len(column) == N, (key, shape["name"], name)
                assert column[:warm] == [None] * warm, (key, shape["name"], name)
        known = [c[-1] for shape in found["shapes"] for c in columns(shape).values()]
        assert not known or any(value is not None for value in known), key


def test_an_event_carries_its_times_and_none_is_from_before_the_warm_up(every):
    times = MARKET.open_time_ms
    seen = 0
    for found in every.values():
        first_ms = int(times[found["warm_up_candles"]])
        for event in events(found):
            seen += 1
            assert first_ms <= event["confirmed_ms"] < times[-1] + 15 * 60_000
            assert event["from_ms"] <= event["confirmed_ms"]
            if event["kind"] == "zone":
                assert set(event) > {"name", "side", "low", "high", "strength", "events"}
                assert event["ended_ms"] is None or event["ended_ms"] > event["confirmed_ms"]
            else:
                assert set(event) > {"name", "look", "side", "at_ms", "price"}
    assert seen > 50


def test_the_shapes_are_those_of_the_contract(every):
    line = every["supertrend"]["shapes"][0]
    assert (line["kind"], line["name"]) == ("line", "Supertrend")
    assert set(line["direction"]) == {None, -1, 1}
    ribbons = [s for s in every["timeframe_alignment"]["shapes"] if s["kind"] == "ribbon"]
    assert {s["name"] for s in ribbons} == {"15m", "1h", "4h", "1d"}  # what the file can tell
    hour = next(s for s in ribbons if s["name"] == "1h")
    assert isinstance(hour["values"][-1], str)
    assert {s["kind"] for found in every.values() for s in found["shapes"]} == {
        *("line", "band", "bars", "ribbon", "zone", "marker", "profile", "note")
    }


def test_a_file_that_ends_earlier_says_the_same_of_what_both_hold(tmp_path, every):
    n = N - 137
    known_ms = int(MARKET.open_time_ms[n - 1]) + 15 * 60_000 - 1
    then = computed(written(tmp_path, MARKET.head(n)), "--keys", "all")
    for key, found in every.items():
        assert_same_values(then[key], found, slice(0, n), slice(0, n))
        assert events(then[key]) == [
            as_known(event, known_ms)
            for event in events(found)
            if event["confirmed_ms"] <= known_ms
        ]


def test_a_file_that_begins_later_says_the_same_after_the_warm_up(tmp_path, every):
    start = 61
    later = computed(written(tmp_path, MARKET.tail(N - start)), "--keys", "all")
    for key, found in every.items():
        warm = found["warm_up_candles"]
        assert later[key]["warm_up_candles"] == warm
        assert_same_values(later[key], found, slice(warm, None), slice(start + warm, None))
        first_ms = int(MARKET.open_time_ms[start + warm])
        expected = [event for event in events(found) if event["confirmed_ms"] >= first_ms]
        assert [exactly(e) for e in events(later[key])] == [exactly(e) for e in expected]
        for mine, theirs in zip(events(later[key]), expected, strict=True):
            np.testing.assert_allclose(numbers(mine), numbers(theirs), rtol=1e-9)


def assert_same_values(one, other, rows, other_rows):
    for mine, theirs in zip(
        *(
            [s for s in found["shapes"] if columns(s) and s["kind"] != "profile"]
            for found in (one, other)
        ),
        strict=True,
    ):
        for name, column in columns(mine).items():
            a, b = column[rows], columns(theirs)[name][other_rows]
            assert [v is None for v in a] == [v is None for v in b]
            known = [(x, y) for x, y in zip(a, b, strict=True) if x is not None]
            if known and isinstance(known[0][0], str):
                assert all(x == y for x, y in known), mine["name"]
            elif known:
                pairs = np.array(known)
                usual = float(np.median(np.abs(pairs[:, 1])))
                np.testing.assert_allclose(
                    pairs[:, 0], pairs[:, 1], rtol=1e-9, atol=1e-9 * usual, err_msg=mine["name"]
                )


def as_known(event, known_ms):
    if event["kind"] == "marker":
        return event
    later = event["ended_ms"] is not None and event["ended_ms"] > known_ms
    happened = {name: at_ms for name, at_ms in event["events"].items() if at_ms <= known_ms}
    return event | {"ended_ms": None if later else event["ended_ms"], "events": happened}


def exactly(event):
    return {key: value for key, value in event.items() if not isinstance(value, float)}


def numbers(event):
    return [value for value in event.values() if isinstance(value, float)]


def test_a_file_of_longer_candles_says_which_timeframes_it_cannot_tell(whole):
    found = computed(whole, "--keys", "timeframe_alignment,supertrend")
    (note,) = [s for s in found["timeframe_alignment"]["shapes"] if s["name"] == "Input"]
    assert "nothing of 1m, 5m:" in note["text"]
    assert "note" not in {shape["kind"] for shape in found["supertrend"]["shapes"]}


def test_a_file_without_takers_leaves_out_order_flow_and_says_why(tmp_path, whole):
    path = tmp_path / "plain.parquet"
    plain = ["open_time", "open", "high", "low", "close", "volume"]
    pq.write_table(pq.read_table(whole, columns=plain), path)
    found = computed(path, "--keys", "order_flow,supertrend")
    for shape in found["order_flow"]["shapes"]:
        for column in columns(shape).values():
            assert column == [None] * N
    assert events(found["order_flow"]) == []
    (note,) = [s for s in found["order_flow"]["shapes"] if s["name"] == "Input"]
    assert "no taker_buy_volume" in note["text"]
    assert found["supertrend"]["shapes"][0]["values"][-1] is not None


@pytest.mark.parametrize("n", [1, 2, 30])
def test_a_file_shorter_than_the_warm_up_has_no_values_and_no_events(tmp_path, n):
    found = computed(written(tmp_path, MARKET.head(n)), "--keys", "all")
    for key in set(found) - {"volume_profile", "bollinger", "donchian", "vwap"}:
        for shape in found[key]["shapes"]:
            assert all(column == [None] * n for column in columns(shape).values()), shape["name"]
        assert events(found[key]) == []


def test_the_answer_goes_to_a_file_where_one_is_named(tmp_path, whole):
    out = tmp_path / "answer.json"
    out.write_text("old")
    result = run(whole, "--keys", "atr", "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert list(strict(out.read_text())) == ["atr"]
    assert [path.name for path in tmp_path.iterdir()] == ["answer.json"]


def test_a_folder_that_is_absent_is_one_line_and_a_failure(tmp_path, whole):
    result = run(whole, "--keys", "atr", "--out", str(tmp_path / "absent" / "answer.json"))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def test_what_is_no_plain_file_is_written_to_and_never_replaced(tmp_path, whole):
    behind = tmp_path / "answer.json"
    behind.write_text("old")
    (tmp_path / "link.json").symlink_to(behind)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        for name in ("link.json", "pipe"):
            out = str(tmp_path / name)
            assert run(whole, "--keys", "volume_profile", "--out", out).exit_code == 0
        assert list(strict(reader.read())) == ["volume_profile"]
    assert (tmp_path / "link.json").is_symlink()
    assert pipe.is_fifo()
    assert list(strict(behind.read_text())) == ["volume_profile"]


@pytest.mark.parametrize("out", ["", ".", "/"])
def test_a_folder_is_no_place_for_the_answer(whole, out):
    result = run(whole, "--keys", "atr", "--out", out)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Is a directory" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_standard_output_without_room_is_one_line_and_a_failure(whole, capsys):
    with (
        open("/dev/full", "w", encoding="utf-8") as full,
        contextlib.redirect_stdout(full),
        pytest.raises(typer.Exit) as ended,
    ):
        overlays_command(whole, "15m", "atr")
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--input", "/nowhere.parquet", "--interval", "15m"], "/nowhere.parquet"),
        (["--input", "{whole}", "--interval", "1h"], "holds 15m candles, not 1h"),
        (["--input", "{whole}", "--interval", "7m"], "no interval '7m'"),
        (["--input", "{whole}", "--interval", "15m", "--keys", "atr,magic"], "no overlay magic"),
        (["--input", "{whole}", "--interval", "15m", "--keys", "all,atr"], "no overlay all"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_2(whole, arguments, told):
    result = CliRunner().invoke(app, [word.format(whole=whole) for word in arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_overlay_that_fails_is_named_and_the_others_are_there(tmp_path, monkeypatch, whole):
    (tmp_path / "zz_broken.py").write_text(
        "from dataclasses import replace\n"
        "from core.overlays.atr import OVERLAY as ATR\n"
        "OVERLAY = replace(ATR, key='broken', compute=lambda view, params: 1 // 0)\n"
    )
    monkeypatch.setattr(core.overlays, "__path__", [*core.overlays.__path__, str(tmp_path)])
    result = run(whole, "--keys", "broken,atr")
    assert result.exit_code == 1
    assert list(strict(result.stdout)) == ["atr"]
    assert "broken failed and is left out: ZeroDivisionError" in result.stderr
