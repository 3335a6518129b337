"""The script as people and machines run it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import REPOSITORY
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.equity import EquityPoint
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from scripts.compute_success_metrics import read_report
from tests.builders import START_MS
from tests.core.journal.builders import decision, hold, key, signal
from tests.core.journal.empty_journal import ready

SCRIPT = REPOSITORY / "scripts" / "compute_success_metrics.py"
DAY_MS = 86_400_000

pytestmark = pytest.mark.simulator  # each test starts Python


def run(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the script in another directory, as an operator's cron job would."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=home,
        env=environment(home, **environ),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def environment(home: Path, **environ: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    config = str(REPOSITORY / "config.yaml")
    return kept | {"TRADING_HOME": str(home), "TRADING_CONFIG": config} | environ


def journal(home: Path) -> Journal:
    return Journal.open(ready(home / "data" / "trading_signals.db"))


def two_closed_trades(home: Path) -> Path:
    """+300 and -100 on 10,000, one trade pending, one bar without a signal."""
    writing = journal(home)
    for n in range(3):
        writing.record_evaluation(decision(key(n)), signal=signal(key(n)))
    writing.record_evaluation(hold(key(3)))
    path = home / "data" / "trading_signals.db"
    first, second, _ = JournalReader.open(database_url(path)).open_trades()
    done = {"status": TradeStatus.CLOSED, "exit_reason": ExitReason.STOP, "fees": 2.0}
    writing.save_trades(
        [
            replace(first, exit_ms=START_MS, pnl=300.0, r_multiple=3.0, **done),
            replace(second, exit_ms=START_MS, pnl=-100.0, r_multiple=-1.0, **done),
        ]
    )
    writing.add_equity(
        [
            EquityPoint(START_MS + DAY_MS, 10_300.0, 10_300.0, 0.0),
            EquityPoint(START_MS + 2 * DAY_MS, 10_200.0, 10_200.0, 0.0),
        ]
    )
    writing.checkpoint_and_close()
    return path


def test_json_is_one_object_with_every_figure(tmp_path):
    two_closed_trades(tmp_path)
    done = run(tmp_path, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    first, second = 0.03, -100 / 10_300  # of two values the deviation is |a - b| / sqrt(2)
    sharpe = (first + second) / 2 / ((first - second) / 2**0.5) * 365**0.5
    assert figures.pop("sharpe") == pytest.approx(sharpe)
    assert figures.pop("max_drawdown") == pytest.approx(100 / 10_300)
    assert figures.pop("sortino") == pytest.approx(
        (first + second) / 2 / (second**2 / 2) ** 0.5 * 365**0.5
    )
    assert (figures.pop("window")["end_ms"], figures.pop("symbol")) == (
        START_MS + 2 * DAY_MS + 1,
        None,
    )
    accounts = figures.pop("accounts")
    assert list(accounts) == ["policy", "rules", "random"]
    assert [account["closed_trades"] for account in accounts.values()] == [2, 0, 0]
    assert accounts["policy"]["calibration"]["count"] == 2
    assert accounts["policy"]["intervals"]["win_rate"] is None
    assert figures == {
        "signals": 3,
        "closed_trades": 2,
        "win_rate": 0.5,
        "profit_factor": 3.0,
        "expectancy_usd": 100.0,
        "expectancy_r": 1.0,
        "days": 2,
        "calmar": None,
        "drawdown_days": 1.0,
        "drawdown_recovered": False,
        "exposure": 0.0,
        "time_in_market": 0.0,
        "fees_usd": 4.0,
        "funding_usd": 0.0,
        "llm_usd": 0.0,
        "net_pnl_usd": 200.0,
        "evaluations": 4,
        "open_trades": 1,
    }


def test_the_table_shows_the_same_to_people_and_is_not_cut_when_piped(tmp_path):
    path = two_closed_trades(tmp_path)
    done = run(tmp_path, "--database", os.path.relpath(path, tmp_path), COLUMNS="20")
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("win rate", "50.0%", "3.00", "100.00 USD", "0.97%", "as traded", "rules alone"):
        assert text in done.stdout
    assert "No closed trades" not in done.stdout


def test_an_empty_journal_is_no_failure(tmp_path):
    journal(tmp_path).checkpoint_and_close()
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No closed trades yet" in done.stdout
    assert "signals" in done.stdout
    figures = json.loads(run(tmp_path, "--json").stdout)
    assert (figures["signals"], figures["win_rate"], figures["sharpe"]) == (0, None, None)


def test_a_file_without_tables_is_an_empty_journal(tmp_path):
    (tmp_path / "made_by_sqlite3.db").touch()
    done = run(tmp_path, "--database", "made_by_sqlite3.db", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["closed_trades"] == 0


def test_a_missing_database_is_one_line_that_says_where_it_looked(tmp_path):
    done = run(tmp_path, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "data" / "trading_signals.db") in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_corrupt_database_is_one_line_that_names_it(tmp_path):
    (tmp_path / "bad.db").write_bytes(b"not a database, whatever its name says" * 200)
    done = run(tmp_path, "--database", "bad.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bad.db: ")
    assert done.stderr.count("\n") == 1


def test_a_broken_configuration_is_named(tmp_path):
    (tmp_path / "config.yaml").write_text("symbls: [BTCUSDT]\n")
    done = run(tmp_path, TRADING_CONFIG=str(tmp_path / "config.yaml"))
    assert done.returncode == 2
    assert "unknown key symbls" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_reader_that_went_away_is_not_a_traceback(tmp_path, arguments):
    two_closed_trades(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *arguments],
            env=environment(tmp_path),
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=300,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""


@pytest.mark.parametrize(
    "arguments",
    [["--since", "yesterday"], ["--since", "2026-11-21", "--period", "day"], ["--symbol", "../x"]],
)
def test_options_that_cannot_be_meant_are_usage_errors(tmp_path, arguments):
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments[0] in done.stderr


def test_an_older_journal_is_one_line(tmp_path):
    path = two_closed_trades(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        older.execute("UPDATE alembic_version SET version_num = '0001'")
    done = run(tmp_path, "--source", "rules", "--since", "2025-01-01")
    assert (done.returncode, done.stdout) == (2, "")
    assert "older than this program's" in done.stderr
    assert done.stderr.count("\n") == 1


def test_one_symbol_tells_why_there_is_no_equity(tmp_path):
    two_closed_trades(tmp_path)
    done = run(tmp_path, "--symbol", "btcusdt", "--source", "policy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "equity is of the whole account" in done.stdout
    assert "rules alone" not in done.stdout


def test_a_writer_at_work_does_not_disturb_the_reading(tmp_path):
    path = two_closed_trades(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM trades")
        policy = read_report(path, 10_000.0).accounts[Source.POLICY]
        assert (policy.metrics.closed_trades, policy.open_trades) == (2, 1)
        writer.execute("ROLLBACK")
