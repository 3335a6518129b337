"""Reports at the turn of days, weeks and months, and what they say."""

import asyncio
import json
from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.errors import UnavailableJournalError
from core.journal.journal import Journal
from core.journal.success_reader import SuccessReader
from core.model.equity import EquityPoint
from core.model.source import Source
from core.model.trade import TradeStatus
from ops.metric_reports import MetricReports
from ops.metric_windows import Window
from ops.success_report import NOTHING_LEFT, as_document, empty_report, success_report
from ops.success_text import as_text
from tests.builders import START_MS
from tests.core.journal.builders import CALL, decision, key, opened, signal

DAY_MS = 86_400_000
EVERYTHING = Window("all", 0, START_MS + 1_000 * DAY_MS)


def point(day: float, equity: float, source: Source = Source.POLICY) -> EquityPoint:
    return EquityPoint(START_MS + round(day * DAY_MS), equity, equity, 0.0, source=source)


def reader_of(tmp_path) -> SuccessReader:
    return SuccessReader.open(database_url(tmp_path / "journal.db"))


def trade_closed_on(
    journal: Journal, reader: SuccessReader, n: int, day: float, pnl: float
) -> None:
    """Record a signal with its shadow by the rules; close the traded one."""
    at = key(n)
    made = journal.record_evaluation(
        decision(at),
        signal=signal(at),
        shadows=[replace(signal(at), source=Source.RULES)],
        calls=[CALL],
    )
    trade = reader.trade(made.trade_ids[0])
    exit_ms = START_MS + round(day * DAY_MS)
    done = replace(
        trade, status=TradeStatus.CLOSED, entry_ms=START_MS, exit_ms=exit_ms, pnl=pnl, fees=1.0
    )
    journal.save_trades([done])


@pytest.fixture
def written(tmp_path):
    """Two trades, closed on the first and the third day; four days of equity."""
    journal = opened(tmp_path)
    reader = reader_of(tmp_path)
    trade_closed_on(journal, reader, 0, 0.5, 100.0)
    trade_closed_on(journal, reader, 1, 2.5, -50.0)
    journal.add_equity(point(n, worth) for n, worth in enumerate((1e4, 10_100, 10_100, 10_050)))
    yield reader
    journal.checkpoint_and_close()


def test_a_window_holds_what_was_closed_in_it_against_the_equity_before_it(written):
    window = Window("day", START_MS + 2 * DAY_MS, START_MS + 3 * DAY_MS)
    report = success_report(written, window, starting_equity=10_000.0)
    metrics = report.accounts[Source.POLICY].metrics
    assert (metrics.closed_trades, metrics.net_pnl_usd, metrics.days) == (1, -50.0, 1)
    assert metrics.max_drawdown == pytest.approx(50 / 10_100)


def test_accounts_stand_side_by_side(written):
    report = success_report(written, EVERYTHING, starting_equity=10_000.0)
    policy, rules = report.accounts[Source.POLICY], report.accounts[Source.RULES]
    assert (policy.metrics.signals, policy.metrics.closed_trades, policy.open_trades) == (2, 2, 0)
    assert (rules.metrics.signals, rules.metrics.closed_trades, rules.open_trades) == (2, 0, 2)
    assert policy.metrics.llm_usd == pytest.approx(2 * CALL.cost_usd)
    assert rules.metrics.llm_usd == 0.0
    assert report.evaluations == 2


def test_one_symbol_has_no_equity_and_says_so(written):
    report = success_report(written, EVERYTHING, starting_equity=10_000.0, symbol="BTCUSDT")
    account = report.accounts[Source.POLICY]
    assert (account.metrics.closed_trades, account.metrics.sharpe) == (2, None)
    assert account.equity_note in as_text(report)
    other = success_report(written, EVERYTHING, starting_equity=10_000.0, symbol="ETHUSDT")
    assert other.accounts[Source.POLICY].metrics.signals == 0
    assert (other.evaluations, other.accounts[Source.POLICY].metrics.llm_usd) == (0, 0.0)


def test_an_account_that_was_worth_nothing_has_no_returns(tmp_path):
    journal = opened(tmp_path)
    journal.add_equity([point(0, -5.0), point(1, 5.0)])
    window = Window("day", START_MS, START_MS + DAY_MS)
    report = success_report(reader_of(tmp_path), window, starting_equity=10_000.0)
    assert report.accounts[Source.POLICY].equity_note == NOTHING_LEFT
    assert report.accounts[Source.POLICY].metrics.sharpe is None
    journal.checkpoint_and_close()


def test_the_text_shows_what_the_document_says(written):
    report = success_report(written, EVERYTHING, starting_equity=10_000.0)
    document = json.loads(json.dumps(as_document(report), allow_nan=False))
    assert document["profit_factor"] == document["accounts"]["policy"]["profit_factor"] == 2.0
    text = as_text(report)
    for words in ("as traded", "rules alone", "random entries", "50.0%", "2.00", "Brier score"):
        assert words in text
    assert "Probabilities are shown from 100 closed trades on" in text
    assert max(map(len, text.splitlines())) <= 120


def test_nothing_traded_yet_is_said():
    assert as_text(empty_report(1_000.0)).startswith("No closed trades yet")


def reports_of(tmp_path, **changes) -> MetricReports:
    arguments = {"market_time_ms": lambda: None, "starting_equity": 10_000.0} | changes
    return MetricReports(lambda: reader_of(tmp_path), tmp_path / "reports", **arguments)


def names(tmp_path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "reports").iterdir())


def weeks(tmp_path) -> list[str]:
    return [name[18:21] for name in names(tmp_path) if name[8:12] + name[-4:] == "weekjson"]


@pytest.mark.usefixtures("written")
def test_days_since_the_first_record_are_reported_once_they_are_settled(tmp_path):
    reports = reports_of(tmp_path)  # START_MS is 2025-06-15, a Sunday
    reports.write_due(START_MS + DAY_MS + 60_000)
    assert not (tmp_path / "reports").exists()
    reports.write_due(START_MS + DAY_MS + 120_000)
    assert set(names(tmp_path)) == {
        f"metrics_{name}.{suffix}"
        for name in ("day_2025-06-15", "week_2025-W24")
        for suffix in ("txt", "json")
    }
    document = json.loads((tmp_path / "reports" / "metrics_day_2025-06-15.json").read_text())
    assert (document["closed_trades"], document["window"]["name"]) == (1, "2025-06-15")


@pytest.mark.usefixtures("written")
def test_missed_reports_are_made_up_but_not_for_ever(tmp_path):
    (tmp_path / "reports").mkdir()
    for name in ("day_2099-01-01", "month_2099-01"):  # only weeks are due then
        (tmp_path / "reports" / f"metrics_{name}.json").touch()
    reports = reports_of(tmp_path)
    reports.write_due(START_MS + 8 * DAY_MS)
    assert weeks(tmp_path) == ["W24"]
    reports.write_due(START_MS + 22 * DAY_MS + 120_000)
    assert weeks(tmp_path) == ["W24", "W25", "W26", "W27"]
    reports.write_due(START_MS + 7 * 20 * DAY_MS)
    assert len(weeks(tmp_path)) == 4 + 8


@pytest.mark.usefixtures("written")
def test_a_report_that_exists_stays_as_it_is(tmp_path):
    reports = reports_of(tmp_path)
    now_ms = START_MS + 2 * DAY_MS + 120_000
    reports.write_due(now_ms)
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "reports").iterdir()}
    assert stamps
    reports.write_due(now_ms + 3_600_000)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "reports").iterdir()} == stamps


@pytest.mark.usefixtures("written")
def test_the_newest_ninety_days_are_kept(tmp_path):
    directory = tmp_path / "reports"
    directory.mkdir()
    for n in range(100):
        (directory / f"metrics_day_2099-{1 + n // 25:02}-{1 + n % 25:02}.json").touch()
    (directory / "metrics_day_2099-01-01.txt").touch()
    (directory / "metrics_week_2001-W01.json").touch()
    (directory / "bench.json").touch()
    reports_of(tmp_path).write_due(START_MS - 2 * DAY_MS)
    kept = names(tmp_path)
    assert len([name for name in kept if name.startswith("metrics_day")]) == 90
    assert "metrics_day_2099-01-11.json" in kept
    assert "metrics_day_2099-01-10.json" not in kept
    assert "metrics_day_2099-01-01.txt" not in kept
    assert {"bench.json", "metrics_week_2001-W01.json"} <= set(kept)


class Looks:
    """A sleep that gives the loop so many turns, then ends it."""

    def __init__(self, turns: int) -> None:
        self._left = turns

    async def __call__(self, _seconds: float) -> None:
        if self._left == 0:
            raise asyncio.CancelledError
        self._left -= 1


@pytest.mark.usefixtures("written")
def test_a_journal_that_cannot_be_read_is_said_once_and_tried_again(tmp_path, caplog):
    faults = [UnavailableJournalError("journal.db: locked")] * 2

    def opening() -> SuccessReader:
        if faults:
            raise faults.pop()
        return reader_of(tmp_path)

    times = iter([None, *[START_MS + DAY_MS + 120_000] * 3])
    reports = MetricReports(
        opening,
        tmp_path / "reports",
        market_time_ms=lambda: next(times),
        starting_equity=10_000.0,
        sleep=Looks(4),
    )
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(reports.run())
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [
        "metric reports wait: reason=journal.db: locked"
    ]
    assert "metrics_day_2025-06-15.json" in names(tmp_path)


@pytest.mark.usefixtures("written")
def test_a_defect_in_a_report_does_not_end_the_loop(tmp_path, caplog):
    def opening() -> SuccessReader:
        raise ValueError("a defect")

    reports = MetricReports(
        opening,
        tmp_path / "reports",
        market_time_ms=lambda: START_MS + 2 * DAY_MS,
        starting_equity=10_000.0,
        sleep=Looks(2),
    )
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(reports.run())
    assert [r.levelname for r in caplog.records] == ["ERROR", "ERROR"]
