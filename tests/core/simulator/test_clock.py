"""Market time never runs backwards."""

from pathlib import Path

import pytest

from core.simulator.clock import LEASE_S, Lease, MarketClock
from core.simulator.errors import SimulatorError


class Monotonic:
    """Seconds a test can move."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_market_time_runs_at_its_speed_and_stops_at_the_end():
    monotonic = Monotonic()
    clock = MarketClock(1_000_000, 20.0, end_ms=1_050_000, monotonic=monotonic)
    assert clock.now_ms() == 1_000_000
    monotonic.now_s += 1.5
    assert clock.now_ms() == 1_030_000
    monotonic.now_s += 60.0
    assert clock.now_ms() == clock.lease_ms() == 1_050_000


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed: float):
    with pytest.raises(SimulatorError, match="speed"):
        MarketClock(0, speed, monotonic=Monotonic())


def test_a_killed_simulator_goes_on_after_everything_it_may_have_shown(tmp_path: Path):
    monotonic, lease = Monotonic(), Lease(tmp_path / "run" / "clock.json")
    clock = MarketClock(1_000_000, 20.0, monotonic=monotonic)
    lease.write(clock.lease_ms())
    monotonic.now_s += LEASE_S * 0.9  # killed before the next write
    shown_ms = clock.now_ms()
    assert lease.origin_ms(900_000) > shown_ms
    assert lease.origin_ms(9_000_000) == 9_000_000


def test_without_a_clock_file_the_wanted_origin_stands(tmp_path: Path):
    assert Lease(tmp_path / "absent").origin_ms(5) == 5


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"until_ms": "x"}', '{"until_ms": true}'])
def test_a_broken_clock_file_is_named(tmp_path: Path, text: str):
    path = tmp_path / "clock.json"
    path.write_text(text)
    with pytest.raises(SimulatorError, match=r"clock\.json"):
        Lease(path).origin_ms(1)


def test_a_clock_file_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SimulatorError, match="cannot be written"):
        Lease(tmp_path / "file" / "clock.json").write(1)
