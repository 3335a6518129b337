import json

import pytest

from core.config import UniverseSettings
from core.data.universe_file import UniverseFile

WANTED = UniverseSettings(quote="USDT", top_by_volume=50)
EXCHANGE = "https://fapi.binance.com"
SYMBOLS = ("BTCUSDT", "币安人生USDT")


def at(path, exchange=EXCHANGE, wanted=WANTED):
    return UniverseFile(path / "universe.json", exchange, wanted)


def test_what_was_written_is_read(tmp_path):
    at(tmp_path).write(SYMBOLS)
    assert at(tmp_path).read() == SYMBOLS


def test_what_was_never_written_is_empty(tmp_path):
    assert at(tmp_path).read() == ()


@pytest.mark.parametrize(
    "other",
    [
        {"exchange": "http://127.0.0.1:9000"},
        {"wanted": UniverseSettings(quote="USDC", top_by_volume=50)},
        {"wanted": UniverseSettings(quote="USDT", top_by_volume=20)},
        {"wanted": UniverseSettings(quote=None)},
    ],
)
def test_another_exchange_or_another_choice_has_another_universe(tmp_path, other):
    at(tmp_path).write(SYMBOLS)
    assert at(tmp_path, **other).read() == ()


@pytest.mark.parametrize(
    "change",
    [
        {"symbols": ["BTCUSDT", "BTCUSDT"]},
        {"symbols": ["../../BTCUSDT"]},
        {"symbols": ["BTCUSDT", 7]},
        {"symbols": "BTCUSDT"},
        {"more": 1},
        None,
    ],
)
def test_a_damaged_file_is_no_universe(tmp_path, change):
    at(tmp_path).write(SYMBOLS)
    path = tmp_path / "universe.json"
    document = json.loads(path.read_text()) | (change or {})
    text = json.dumps(document)
    path.write_text(text if change else text[:-9])
    assert at(tmp_path).read() == ()


def test_a_directory_in_its_place_is_no_universe(tmp_path):
    (tmp_path / "universe.json").mkdir()
    assert at(tmp_path).read() == ()
    with pytest.raises(OSError, match=r"."):
        at(tmp_path).write(SYMBOLS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["universe.json"]
