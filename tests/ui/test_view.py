import pytest

from core.model.intervals import Interval
from ui.view import Choices, NotFollowedError, View, ViewError

CHOICES = Choices(("BTCUSDT", "ETHUSDT"), ("supertrend",))


def test_a_choice_on_offer_becomes_a_view():
    view = CHOICES.view("ETHUSDT", "15m", ["supertrend"])
    assert view == View("ETHUSDT", Interval.M15, ("supertrend",))
    assert view.market == "ETHUSDT|15m"


def test_an_overlay_named_twice_is_drawn_once():
    view = CHOICES.view("ETHUSDT", "15m", ["supertrend", "supertrend"])
    assert view.overlays == ("supertrend",)


@pytest.mark.parametrize(
    ("symbol", "interval", "overlays"),
    [
        ("DOGEUSDT", "1m", []),
        ("../../etc", "1m", []),
        ("", "1m", []),
        (None, "1m", []),
        (["BTCUSDT"], "1m", []),
        ("BTCUSDT", "2m", []),
        ("BTCUSDT", 1, []),
        ("BTCUSDT", "1m", ["../secret"]),
        ("BTCUSDT", "1m", "supertrend"),
        ("BTCUSDT", "1m", None),
        ("BTCUSDT", "1m", [None]),
    ],
)
def test_anything_else_is_refused(symbol, interval, overlays):
    with pytest.raises(ViewError):
        CHOICES.view(symbol, interval, overlays)


def test_a_symbol_that_is_not_followed_is_named_with_the_nearest():
    with pytest.raises(
        NotFollowedError, match="BTCUSD is not followed; did you mean BTCUSDT"
    ) as it:
        CHOICES.view("BTCUSD", "1m", ["supertrend"])
    assert it.value.view == View("BTCUSD", Interval.M1, ("supertrend",))


@pytest.mark.parametrize("shown", [None, 1, 140, (0, 0), (5, 9)])
def test_what_is_visible_may_be_told(shown):
    told = list(shown) if isinstance(shown, tuple) else shown
    assert CHOICES.view("ETHUSDT", "1m", [], told).shown == shown


@pytest.mark.parametrize(
    "shown",
    [0, -3, True, 1.5, "9", 10**9, [5], [9, 5], [-1, 5], [1, 2, 3], [1.0, 2.0], [0, 2**60], {}],
)
def test_a_visible_range_that_is_none_is_refused(shown):
    with pytest.raises(ViewError, match="shown"):
        CHOICES.view("ETHUSDT", "1m", [], shown)
