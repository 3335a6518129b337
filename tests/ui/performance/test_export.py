"""Files that a spreadsheet opens."""

import csv
from io import StringIO

import pytest

from core.model.source import Source
from ops.metric_windows import Window
from ops.success_report import empty_report
from tests.ui.performance.history import trade
from ui.performance.desk import Judged
from ui.performance.export import metrics_csv, safe, trades_csv
from ui.performance.metric_rows import METRICS


def rows(text):
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_text_can_be_run_by_a_spreadsheet(text):
    assert safe(text) == f"'{text}"


def test_numbers_stay_numbers():
    assert safe(-1.5) == -1.5
    assert safe(None) is None
    assert safe("BTCUSDT") == "BTCUSDT"


def test_each_account_has_a_line_for_each_figure_and_nothing_where_it_is_not_known():
    found = rows(metrics_csv(empty_report(10_000.0)))
    assert len(found) == 3 * len(METRICS)
    rate = next(row for row in found if row["metric"] == "win_rate")
    assert (rate["account"], rate["value"], rate["reason"]) == (
        "policy",
        "",
        "0 of 10 closed trades",
    )


def test_a_trade_is_a_line_with_its_results_and_times_in_utc():
    lost = trade(7, -50.0, symbol="=EVIL", entry_stop=98.5)
    report = empty_report(10_000.0)
    judged = Judged(report, {Source.POLICY: (lost,)})
    text = trades_csv(judged)
    (row,) = rows(text)
    assert text.count("\r\n") == 2
    assert row["symbol"] == "'=EVIL"
    assert (row["pnl_usd"], row["r_multiple"], row["stop"]) == ("-50.0", "-1.0", "98.5")
    assert row["decided"].endswith("+00:00")
    assert row["signal_id"] == ""


def test_a_quoted_cell_comes_back_as_it_was():
    odd = trade(1, symbol='A",B\nC')
    judged = Judged(empty_report(1.0), {Source.POLICY: (odd,)})
    assert rows(trades_csv(judged))[0]["symbol"] == 'A",B\nC'
    assert Window("all", 0, 0) == judged.report.window
