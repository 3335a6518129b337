"""What the browser is given: honest where there is little, and drawable by Plotly."""

import json

import msgspec
import plotly.graph_objects as go
import pytest

from core.journal.database import database_url
from core.journal.success_reader import SuccessReader
from core.model.intervals import Interval
from core.model.source import Source
from tests.ui.performance.history import START_USD, months, trade, written
from ui.figures.numbers import UNKNOWN
from ui.look import Theme
from ui.performance.desk import Judged, PerformanceDesk
from ui.performance.document import document
from ui.performance.metric_rows import METRICS
from ui.performance.question import Question
from ui.theme import LIGHT


def judged_of(home, question=None) -> Judged:
    url = database_url(home.database)
    desk = PerformanceDesk(lambda: SuccessReader.open(url), START_USD, Interval.M15, lambda: 0.0)
    return desk.judged(question or Question())


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    trades, points = months(120)
    return judged_of(written(tmp_path_factory.mktemp("rich"), trades, points))


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    trades = [trade(1), trade(2), trade(3, -20.0)]
    return judged_of(written(tmp_path_factory.mktemp("few"), trades))


def told_of(judged, source=Source.POLICY, theme=Theme.DARK, buckets=300):
    return json.loads(msgspec.json.encode(document(judged, source, theme, buckets)))


def cell(told, key, account=0):
    return next(row for row in told["metrics"]["rows"] if row["key"] == key)["cells"][account]


def test_every_figure_has_a_row_a_formula_and_a_cell_for_each_account(rich):
    metrics = told_of(rich)["metrics"]
    assert [row["key"] for row in metrics["rows"]] == [metric.key for metric in METRICS]
    assert [account["words"] for account in metrics["accounts"]] == [
        "as traded",
        "rules alone",
        "random entries",
    ]
    assert all(row["formula"] and len(row["cells"]) == 3 for row in metrics["rows"])


def test_figures_with_an_interval_tell_it_and_a_gain_carries_its_sign(rich):
    told = told_of(rich)
    for key in ("win_rate", "profit_factor", "expectancy_r", "expectancy_usd", "sharpe", "sortino"):
        assert " to " in cell(told, key)["interval"]
    gain = cell(told, "net_pnl_usd")
    assert gain["text"].startswith("+")
    assert gain["tone"] == "up"


def test_what_rests_on_few_trades_is_a_dash_with_the_count(few):
    told = told_of(few)
    assert cell(told, "win_rate") == {"text": UNKNOWN, "reason": "3 of 10 closed trades"}
    assert cell(told, "profit_factor")["text"] == UNKNOWN
    assert cell(told, "sharpe")["reason"] == "0 of 10 days"
    assert cell(told, "max_drawdown") == {"text": UNKNOWN, "reason": "no point of equity yet"}
    assert cell(told, "closed_trades")["text"] == "3"
    assert told["figures"]["equity"] is None
    assert all(row["r"]["text"] == UNKNOWN for row in told["added"])


def test_calibration_says_how_many_trades_are_missing_and_has_intervals_all_the_same(few, rich):
    calibration = told_of(few)["calibration"]
    assert calibration["note"].startswith("3 of 100 closed trades")
    assert "97 more" in calibration["note"]
    assert calibration["rows"][0]["probability"] == UNKNOWN
    assert " to " in calibration["rows"][0]["interval"]
    enough = told_of(rich)["calibration"]
    assert enough["note"] == ""
    assert "%" in enough["rows"][0]["probability"]
    assert "Confidence is worth" in enough["brier"]


def test_chance_has_no_confidence_to_judge(rich):
    told = told_of(rich, Source.RANDOM)
    assert told["figures"]["calibration"] is None
    assert "no confidence" in told["empty"]["calibration"]


@pytest.mark.parametrize("theme", Theme)
def test_plotly_takes_every_figure(rich, theme):
    figures = told_of(rich, theme=theme)["figures"]
    assert set(figures) == {"equity", "calibration", "multiples", "days"}
    for figure in figures.values():
        go.Figure(figure)


def test_figures_take_the_colours_of_the_theme(rich):
    figure = told_of(rich, theme=Theme.LIGHT)["figures"]["equity"]
    assert figure["layout"]["paper_bgcolor"] == LIGHT.panel


def test_the_drawn_curve_falls_as_deep_as_the_account_did(rich):
    told = told_of(rich, buckets=100)
    worth, below = told["figures"]["equity"]["data"][:2]
    assert len(worth["x"]) < 500
    deepest = rich.report.accounts[Source.POLICY].metrics.max_drawdown
    assert min(below["y"]) == pytest.approx(-100.0 * deepest, abs=0.001)
    assert [trace["line"]["dash"] for trace in told["figures"]["equity"]["data"][::2]] == [
        "solid",
        "dash",
        "dot",
    ]


def test_one_symbol_says_why_there_is_no_equity(tmp_path):
    home = written(tmp_path, [trade(1)])
    told = told_of(judged_of(home, Question(symbol="BTCUSDT")))
    assert told["figures"]["equity"] is None
    assert "whole account" in told["empty"]["equity"]
    assert told["metrics"]["notes"] == ["Equity is of the whole account: not told for one symbol."]
