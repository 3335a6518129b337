import plotly.graph_objects as go

from core.indicators.heikin_ashi import heikin_ashi
from tests.builders import random_walk
from ui.figures.price_chart import price_chart
from ui.theme import DARK


def candlesticks(figure):
    return next(trace for trace in figure["data"] if trace["type"] == "candlestick")


def test_averaged_candles_are_drawn_and_the_real_prices_told_beside_them():
    candles = random_walk(30)
    averaged = heikin_ashi(candles)
    figure = price_chart(candles, [], (), decimals=2, palette=DARK, averaged=averaged)
    plain = price_chart(candles, [], (), decimals=2, palette=DARK)
    drawn, real = candlesticks(figure), figure["layout"]["meta"]["real"]
    assert drawn["close"][-1] == round(float(averaged.close[-1]), 4)
    assert real == {name: candlesticks(plain)[name] for name in ("open", "high", "low", "close")}
    assert plain["layout"]["meta"]["real"] is None
    go.Figure(figure)


def test_volume_has_the_colour_of_the_candle_that_is_drawn():
    candles = random_walk(30)
    averaged = heikin_ashi(candles)
    figure = price_chart(candles, [], (), decimals=2, palette=DARK, averaged=averaged)
    volume = next(trace for trace in figure["data"] if trace["type"] == "bar")
    rising = averaged.close >= averaged.open
    assert volume["marker"]["color"] == [DARK.up if up else DARK.down for up in rising]


def test_only_the_price_axis_becomes_logarithmic():
    figure = price_chart(random_walk(30), [], (), decimals=2, palette=DARK, is_log=True)
    axes = {name: axis for name, axis in figure["layout"].items() if name.startswith("yaxis")}
    assert [name for name, axis in axes.items() if axis.get("type") == "log"] == ["yaxis"]
    go.Figure(figure)
