"""Frames that others captured: what parses, and what is refused as which kind."""

import gzip
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from core.config import REPOSITORY
from core.data.binance_messages import parse_stream_frame
from core.data.errors import MalformedMessageError

RECORDED = REPOSITORY.parent / "shared" / "data" / "ws_raw"


def recording(name: str) -> Path:
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"no recorded frames at {path}")
    return path


def outcomes(payloads: Iterable[str | bytes]) -> Counter[str]:
    """Count the types that came out, and the kinds of those refused."""
    told: Counter[str] = Counter()
    for payload in payloads:
        try:
            told[type(parse_stream_frame(payload)).__name__] += 1
        except MalformedMessageError as error:
            told[error.kind] += 1
    return told


def test_every_frame_of_a_session_of_four_symbols_parses():
    with gzip.open(recording("cryptofeed_BINANCE_FUTURES.ws.1.0.txt.gz"), "rt") as file:
        payloads = [line.split(": ", 1)[1] for line in file if ': {"stream"' in line]
    assert outcomes(payloads) == {
        "CandleUpdate": 67,
        "AggTrade": 91,
        "BookTop": 613,
        "DepthUpdate": 764,
    }


def test_every_event_of_a_futures_session_parses_and_the_rest_answer_in_it_is_refused():
    with gzip.open(recording("hftbacktest_usdm_btcusdt_20240808.txt.gz"), "rb") as file:
        payloads = [line.split(b" ", 1)[1] for line in file]
    assert outcomes(payloads) == {
        "BookTop": 66_089,
        "DepthUpdate": 6_551,
        "NoneType": 21_313,  # @trade, which nothing here uses
        "unknown": 1,
    }


def test_frames_of_other_markets_are_refused_where_they_differ():
    lines = recording("cryptomsg_binance_messages.jsonl").read_bytes().splitlines()
    assert outcomes(line for line in lines if line.strip()) == {
        "AggTrade": 5,
        "MarkPrice": 2,
        "MarkPrices": 2,
        "DepthUpdate": 4,
        "BookTop": 2,
        "CandleUpdate": 4,
        "NoneType": 6,  # tickers
        "shape": 1,  # spot depth: no chain
        "unknown": 2,  # spot book events have no type
        "interval": 1,  # 1M
    }


def test_documented_samples_parse_however_they_are_laid_out():
    folder = recording("binance_net_usdfutures")
    found = {
        path.stem: outcomes(re.split(r"^=\d? *", path.read_text(), flags=re.MULTILINE)[1:])
        for path in sorted(folder.glob("*.txt"))
    }
    of_ours = {stem: told for stem, told in found.items() if told != {"NoneType": 1}}
    assert of_ours == {
        "AggTrades": {"AggTrade": 1},
        "Book": {"DepthUpdate": 1},
        "BookTicker": {"BookTop": 1},
        "Concurrent": {"shape": 2},  # klines cut short
        "Klines": {"candle": 1},  # more taker volume than volume
        "MarkPrice": {"MarkPrice": 1},
        "PartialBook": {"DepthUpdate": 1},
    }
    assert len(found) == 24
