import pytest

from core.model.engine_report import EngineReport


def report(state, *, was_live):
    return EngineReport(1, state, 0.1, 5, "nobody", 10_000.0, 0, was_live=was_live)


@pytest.mark.parametrize(
    ("state", "was_live", "healthy"),
    [
        ("LIVE", True, True),
        ("STARTING", False, True),
        ("BACKFILLING", False, True),
        ("BACKFILLING", True, False),
        ("SILENT", False, False),
        ("RECONNECTING", True, False),
        ("STOPPED", False, False),
    ],
)
def test_an_engine_is_healthy_when_its_feed_is_live_or_begins(state, was_live, healthy):
    assert report(state, was_live=was_live).healthy is healthy
