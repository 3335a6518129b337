import json
from dataclasses import asdict, replace

import pytest

from core.model.engine_report import EngineReport
from core.model.telemetry import FeatureCost

COST = FeatureCost("atr", 3, 1, 0.5, 0.4, 0.6, None, 1.0, (0.1, 0.2, 0.5), "ValueError: odd")


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


def test_a_report_is_read_as_it_was_told():
    told = replace(report("LIVE", was_live=True), telemetry=(COST,), regimes={"BTCUSDT": "range"})
    told = replace(told, halts=("daily loss",), llm_usd_today=0.04, llm_usd_limit=1.0)
    assert EngineReport.from_json(told.to_json()) == told


def test_a_report_of_an_older_or_newer_program_is_read_as_far_as_it_goes():
    told = asdict(report("LIVE", was_live=True)) | {"mood": "fine"}
    for newer in ("telemetry", "halts", "llm_usd_today", "llm_usd_limit"):
        del told[newer]
    assert EngineReport.from_json(json.dumps(told)) == report("LIVE", was_live=True)


@pytest.mark.parametrize("telemetry", [5, [5], [{}], [{"feature": "atr", "recent_ms": 5}]])
def test_a_report_of_another_shape_is_an_error_that_shows_it(telemetry):
    told = asdict(report("LIVE", was_live=True)) | {"telemetry": telemetry}
    with pytest.raises(ValueError, match="not an engine report"):
        EngineReport.from_json(json.dumps(told))
