import copy
import gzip
import json
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.data.errors import MalformedMessageError
from core.data.exchange_info import parse_exchange_info, parse_quote_volumes
from core.model.instrument import ContractType

RECORDED = REPOSITORY.parent / "shared/data/rest_raw/fapi_exchangeInfo_20251207.json.gz"


def entry(symbol: str = "BTCUSDT", **changes: object) -> dict[str, object]:
    """What the exchange says of a symbol, as recorded and shortened."""
    return {
        "symbol": symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "quoteAsset": "USDT",
        "filters": [
            {"tickSize": "0.10", "minPrice": "556.80", "filterType": "PRICE_FILTER"},
            {"minQty": "0.001", "filterType": "LOT_SIZE", "stepSize": "0.001", "maxQty": "1000"},
            {
                "stepSize": "0.001",
                "minQty": "0.001",
                "maxQty": "120",
                "filterType": "MARKET_LOT_SIZE",
            },
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    } | changes


def spoilt(kind: str, key: str, value: object) -> dict[str, object]:
    """An entry with a value of one filter replaced, or the filter removed."""
    changed = copy.deepcopy(entry("BAD"))
    filters = changed["filters"]
    assert isinstance(filters, list)
    for rule in filters:
        if rule["filterType"] == kind:
            rule[key] = value
    return changed


def parsed(*entries: object):
    return parse_exchange_info({"symbols": list(entries)})


def test_rules_are_kept_to_the_digit():
    found = parsed(entry()).instruments["BTCUSDT"]
    assert str(found.tick_size) == "0.10"
    assert (found.step_size, found.min_notional) == (Decimal("0.001"), 100)
    assert (found.quote, found.status) == ("USDT", "TRADING")
    assert (found.onboard_ms, found.delivery_ms) == (1_569_398_400_000, None)
    assert (found.min_quantity, found.max_quantity) == (Decimal("0.001"), 120)


def test_a_planned_end_is_known():
    assert parsed(entry(deliveryDate=1_765_000_000_000)).instruments["BTCUSDT"].delivery_ms


@pytest.mark.parametrize("told", [0, -1, 10**30, None])
def test_a_time_that_is_none_is_not_known(told):
    found = parsed(entry(deliveryDate=told, onboardDate=told)).instruments["BTCUSDT"]
    assert (found.onboard_ms, found.delivery_ms) == (None, None)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("PERPETUAL", ContractType.PERPETUAL),
        ("TRADIFI_PERPETUAL", ContractType.TRADIFI_PERPETUAL),
        ("CURRENT_QUARTER", ContractType.DATED),
        ("WEEKLY_OF_TOMORROW", ContractType.DATED),
        ("", ContractType.DATED),
    ],
)
def test_kinds_nobody_knows_are_no_perpetuals(told, kind):
    assert parsed(entry(contractType=told)).instruments["BTCUSDT"].contract_type is kind


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (spoilt("PRICE_FILTER", "tickSize", "0"), "tick size is 0"),
        (spoilt("PRICE_FILTER", "tickSize", "-0.1"), "tick size is -0.1"),
        (spoilt("PRICE_FILTER", "tickSize", "NaN"), "tickSize is NaN"),
        (spoilt("PRICE_FILTER", "tickSize", "sNaN"), "tickSize is sNaN"),
        (spoilt("PRICE_FILTER", "tickSize", "1e-999"), "tickSize is 1e-999"),
        (spoilt("PRICE_FILTER", "tickSize", "a tenth"), "tickSize is 'a tenth'"),
        (spoilt("PRICE_FILTER", "tickSize", 0.1), "tickSize is 0.1"),
        (spoilt("PRICE_FILTER", "tickSize", "9" * 5000), "tickSize is"),
        (spoilt("LOT_SIZE", "stepSize", "Infinity"), "stepSize is Infinity"),
        (spoilt("LOT_SIZE", "maxQty", "0"), "quantities"),
        (spoilt("LOT_SIZE", "maxQty", "NaN"), "maxQty is NaN"),
        (spoilt("MARKET_LOT_SIZE", "minQty", "sNaN"), "minQty is sNaN"),
        (spoilt("MIN_NOTIONAL", "notional", "-5"), "minimum notional"),
        (spoilt("MIN_NOTIONAL", "filterType", "OTHER"), "no MIN_NOTIONAL filter"),
        (spoilt("LOT_SIZE", "filterType", ["LOT_SIZE"]), "unhashable"),
        (entry("BAD", filters=[]), "no PRICE_FILTER filter"),
        (entry("BAD", filters=None), "Expected `array`"),
        (entry("BAD", status=1), "Expected `str`"),
    ],
)
def test_absurd_rules_leave_their_symbol_out_and_are_named(bad, said):
    found = parsed(entry(), bad)
    assert list(found.instruments) == ["BTCUSDT"]
    assert list(found.refused) == ["BAD"]
    assert said in found.refused["BAD"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "btc", "", "A B"])
def test_a_name_that_could_do_harm_is_refused(name):
    found = parsed(entry(name))
    assert not found.instruments
    assert len(found.refused) == 1


def test_what_is_no_symbol_at_all_is_counted():
    assert list(parsed(7, None, entry()).refused) == ["entry 0", "entry 1"]


@pytest.mark.parametrize("answer", [None, [], {"msg": "no"}, {"symbols": {}}])
def test_an_answer_without_symbols_is_an_error(answer):
    with pytest.raises(MalformedMessageError):
        parse_exchange_info(answer)


def test_a_simulated_market_has_its_label():
    assert (
        parse_exchange_info({"symbols": [], "simulator": "SIMULATED"}).market_label == "SIMULATED"
    )
    assert parse_exchange_info({"symbols": [], "simulator": 1}).market_label is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(entry())), values, min_size=1))
def test_whatever_is_said_of_a_symbol_is_taken_or_refused(changes):
    found = parsed({**entry(), **changes})
    assert len(found.instruments) + len(found.refused) == 1


def test_volumes_are_told_by_symbol_and_what_is_none_is_left_out():
    rows = [
        {"symbol": "BTCUSDT", "quoteVolume": "12.5", "more": 1},
        {"symbol": "NANUSDT", "quoteVolume": "NaN"},
        {"symbol": "LESSUSDT", "quoteVolume": "-1"},
        {"symbol": "ODDUSDT", "quoteVolume": "much"},
        {"symbol": "NUMBERUSDT", "quoteVolume": 5},
        {"symbol": "NONEUSDT"},
        7,
    ]
    assert parse_quote_volumes(rows) == {"BTCUSDT": 12.5}
    with pytest.raises(MalformedMessageError):
        parse_quote_volumes({"code": -1121})


def test_the_recorded_market_has_its_symbols_of_each_kind():
    if not RECORDED.exists():
        pytest.skip(f"no recorded exchangeInfo at {RECORDED}")
    found = parse_exchange_info(json.loads(gzip.decompress(RECORDED.read_bytes())))
    assert not found.refused
    kinds = Counter((i.contract_type.value, i.status, i.quote) for i in found.instruments.values())
    assert kinds == {
        ("PERPETUAL", "TRADING", "USDT"): 531,
        ("PERPETUAL", "SETTLING", "USDT"): 67,
        ("PERPETUAL", "TRADING", "USDC"): 38,
        ("PERPETUAL", "PENDING_TRADING", "USDT"): 2,
        ("PERPETUAL", "TRADING", "BTC"): 1,
        ("DATED", "TRADING", "USDT"): 4,
    }
    ending = [i for i in found.instruments.values() if i.is_trading and i.delivery_ms is not None]
    assert len(ending) == 8
    assert found.instruments["1000PEPEUSDT"].decimals == 7
    assert "币安人生USDT" in found.instruments
