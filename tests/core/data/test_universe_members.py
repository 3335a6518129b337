import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import UniverseSettings
from core.data.universe_members import members
from core.model.instrument import ContractType
from tests.builders import instrument

ALL = UniverseSettings(quote=None)
NAMES = tuple(f"{letter}USDT" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY")


def top(n: int) -> UniverseSettings:
    return UniverseSettings(quote="USDT", top_by_volume=n)


def listed(*instruments):
    return {each.symbol: each for each in instruments}


MARKET = listed(*map(instrument, NAMES))


def ranked(*order: str) -> dict[str, float]:
    return {symbol: 1000.0 - place for place, symbol in enumerate(order)}


def test_all_are_the_perpetuals_that_trade():
    market = listed(
        instrument("BTCUSDT"),
        instrument("BTCUSDC", quote="USDC"),
        instrument("BTCUSDT_261225", contract_type=ContractType.DATED),
        instrument("TSLAUSDT", contract_type=ContractType.TRADIFI_PERPETUAL, status="BREAK"),
        instrument("OLDUSDT", status="SETTLING"),
        instrument("NEWUSDT", status="PENDING_TRADING"),
    )
    assert members(ALL, market, {}, ()) == ("BTCUSDC", "BTCUSDT", "TSLAUSDT")
    assert members(UniverseSettings(quote="USDC"), market, {}, ()) == ("BTCUSDC",)


def test_the_largest_volumes_come_first():
    volumes = {"CUSDT": 5.0, "AUSDT": 3.0, "XUSDT": 9.0}
    assert members(top(3), MARKET, volumes, ()) == ("XUSDT", "CUSDT", "AUSDT")


def test_a_member_at_the_edge_stays():
    before = members(top(10), MARKET, ranked(*NAMES), ())
    assert before == NAMES[:10]
    moved = ranked(*NAMES[:9], "KUSDT", "LUSDT", "JUSDT")  # J fell from the 10th place to the 12th
    assert set(members(top(10), MARKET, moved, before)) == set(before)


def test_a_member_beyond_the_edge_leaves():
    moved = ranked(*NAMES[:9], *NAMES[10:13], "JUSDT")
    assert members(top(10), MARKET, moved, NAMES[:10]) == (*NAMES[:9], "KUSDT")


def test_a_newcomer_that_is_large_enough_is_not_kept_out():
    moved = ranked("YUSDT", *NAMES[:-1])
    assert members(top(10), MARKET, moved, NAMES[:10]) == ("YUSDT", *NAMES[:9])


volumes = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1e12))


@given(n=st.integers(1, 40), told=volumes, current=st.frozensets(st.sampled_from(NAMES)))
def test_a_universe_has_its_size_and_is_settled_at_once(n, told, current):
    found = members(top(n), MARKET, told, current)
    assert len(found) == len(set(found)) == min(n, len(NAMES))
    assert members(top(n), MARKET, told, found) == found


@pytest.mark.parametrize("n", [1, 5, 10, 25])
@given(told=volumes)
def test_without_members_it_is_the_plain_ranking(n, told):
    by_volume = sorted(NAMES, key=lambda symbol: (-told.get(symbol, 0.0), symbol))
    assert members(top(n), MARKET, told, ()) == tuple(by_volume[:n])
