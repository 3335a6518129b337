import pytest

from core.data.live_candles import USAGE_STATUS, main


def no_stream(_):
    raise AssertionError("nothing may be streamed")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_shown_and_nothing_streamed(capsys, flag):
    assert main(no_stream, arguments=[flag]) == 0
    assert capsys.readouterr().out.startswith("Usage: python -m core.data.binance_stream")


def test_an_argument_it_does_not_take_is_refused(capsys):
    assert main(no_stream, arguments=["ETHUSDT"]) == USAGE_STATUS
    shown = capsys.readouterr()
    assert (shown.out, shown.err[:6]) == ("", "Usage:")
