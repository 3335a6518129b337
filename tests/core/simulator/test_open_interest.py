import numpy as np
import pytest

from core.simulator.generated import GeneratedMarket
from core.simulator.open_interest import KEPT_MS, snapshots
from core.simulator.tape import Tape
from tests.core.simulator.exchange import START_MS

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def tape():
    return Tape(GeneratedMarket(["BTCUSDT"], 7))


def held(tape, period="5m", *, end_ms=START_MS, now_ms=START_MS, limit=500):
    return snapshots(tape, "BTCUSDT", period, end_ms, now_ms, limit=limit)


def test_snapshots_stand_at_round_times_up_to_now_and_never_after(tape):
    found = held(tape, end_ms=START_MS + 10**9)
    assert len(found.at_ms) == 500
    assert np.all(found.at_ms % (5 * MINUTE_MS) == 0)
    assert START_MS - 5 * MINUTE_MS < found.at_ms[-1] <= START_MS
    assert np.all(np.diff(found.at_ms) == 5 * MINUTE_MS)


def test_the_same_moment_has_the_same_open_interest_whoever_asks(tape):
    fine = held(tape)
    coarse = held(tape, "1h", limit=20)
    other = held(Tape(GeneratedMarket(["BTCUSDT"], 7)), limit=3, now_ms=START_MS + 10**7)
    by_time = dict(zip(fine.at_ms.tolist(), fine.contracts.tolist(), strict=True))
    for found in (coarse, other):
        for at_ms, contracts in zip(found.at_ms.tolist(), found.contracts.tolist(), strict=True):
            assert by_time[at_ms] == pytest.approx(contracts)


def test_what_moves_is_a_part_of_what_was_traded(tape):
    found = held(tape, limit=288)
    bars = tape.bars("BTCUSDT", "5m", int(found.at_ms[0]), START_MS, START_MS, limit=287)
    moved = np.abs(np.diff(found.contracts))
    assert np.all(found.contracts > 0.0)
    assert moved.max() < found.contracts.min() / 20
    assert np.corrcoef(moved, bars.volume[: len(moved)])[0, 1] > 0.3


def test_nothing_older_than_the_exchange_keeps_is_told(tape):
    found = held(tape, "1d")
    assert 29 <= len(found.at_ms) <= 31
    assert found.at_ms[0] >= START_MS - KEPT_MS
