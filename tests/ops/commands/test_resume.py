"""Trading is resumed by a request with a growing number, a name and a reason."""

import threading
import time

import pytest
import typer

from core.breaker_book import breakers_key
from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.resume_request import RESUME_TRADING, RESUMED_TRADING, ResumeRequest
from core.model.source import Source
from core.trading.breakers import BreakerLimits, Breakers
from ops.commands import resume
from ops.commands.resume import resume_command
from ops.engine_request import CONFIRMED_WITHIN_S
from ops.processes import Role, registered
from ops.trading_resume import await_resume, latched_accounts, request_resume
from tests.builders import START_MS
from tests.builders import home as made_home
from tests.core.journal.empty_journal import ready

LIMITS = BreakerLimits(daily_loss_pct=3.0, max_drawdown_pct=20.0)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    return made_home(tmp_path)


@pytest.fixture
def journal(home):
    opened = Journal.open(ready(home.database))
    yield opened
    opened.close()


def keep(journal, source, equity):
    state = Breakers.begun(START_MS, 10_000.0).observed(START_MS + 1, equity, LIMITS)
    journal.set_control(breakers_key(source), state.to_json(), START_MS)


def asked(home):
    text = JournalReader.open(database_url(home.database)).control(RESUME_TRADING)
    return ResumeRequest.from_json(text)


def ended_with(reason="looked at it"):
    with pytest.raises(typer.Exit) as ended:
        resume_command(reason)
    return ended.value.exit_code


def test_only_what_a_person_must_resume_counts_as_latched(home, journal):
    keep(journal, Source.POLICY, 9_600.0)  # a daily loss ends by itself
    keep(journal, Source.RULES, 7_000.0)
    journal.set_control(breakers_key(Source.RANDOM), "damaged", 1)
    latched = latched_accounts(home)
    assert list(latched) == [Source.RULES, Source.RANDOM]
    assert "30.00 %" in latched[Source.RULES]


def test_each_request_has_a_higher_number_than_any_before(home, journal):
    numbers = [request_resume(home, who="me", reason=str(i), clock_ms=lambda: 5) for i in range(2)]
    assert numbers == [1, 2]
    assert asked(home) == ResumeRequest(2, "me", "1")
    journal.set_control(RESUME_TRADING, "damaged", 1)
    journal.set_control(RESUMED_TRADING, "7", 1)
    assert request_resume(home, who="me", reason="again") == 8


def test_without_a_journal_there_is_nothing_to_ask(home):
    with pytest.raises(MissingJournalError):
        request_resume(home, who="me", reason="why not")


def test_it_is_confirmed_by_that_number_or_a_later_one(home, journal):
    journal.set_control(RESUMED_TRADING, "3", 1)
    assert await_resume(home, 2)


def test_the_command_says_with_status_3_that_no_engine_runs(home, journal, capsys):
    keep(journal, Source.POLICY, 7_000.0)
    assert ended_with() == resume.EXIT_NOT_RUNNING
    assert "No engine runs" in capsys.readouterr().err


def test_the_command_says_with_status_4_that_nothing_is_latched(home, journal, capsys):
    with registered(home.run, Role.ENGINE, 1):
        assert ended_with() == resume.EXIT_NOT_LATCHED
    assert "Nothing waits" in capsys.readouterr().err


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
def test_the_command_asks_for_a_reason_with_status_2(home, journal, reason):
    keep(journal, Source.POLICY, 7_000.0)
    with registered(home.run, Role.ENGINE, 1):
        assert ended_with(reason) == resume.EXIT_USAGE


def test_the_command_lets_go_of_the_latch_first_and_then_of_breakers(home, journal, capsys):
    keep(journal, Source.POLICY, 7_000.0)
    home.emergency_latch.write_text("")
    engine = threading.Thread(target=_obeys, args=(home, journal))
    engine.start()
    with registered(home.run, Role.ENGINE, 1):
        resume_command(" looked at it ")
    engine.join()
    told = capsys.readouterr().out
    assert "'as traded'" in told
    assert told.index("latch") < told.index("as traded")
    assert not home.emergency_latch.exists()
    assert asked(home).reason == "looked at it"


def test_the_latch_is_let_go_though_no_engine_runs(home, capsys):
    home.emergency_latch.write_text("")
    resume_command("looked at it")
    assert "make start" in capsys.readouterr().out
    assert not home.emergency_latch.exists()


def test_without_a_reason_the_latch_stays(home):
    home.emergency_latch.write_text("")
    assert ended_with("") == resume.EXIT_USAGE
    assert home.emergency_latch.exists()


def _obeys(home, journal):
    reader = JournalReader.open(database_url(home.database))
    until_s = time.monotonic() + CONFIRMED_WITHIN_S
    while time.monotonic() < until_s:
        text = reader.control(RESUME_TRADING)
        if text is not None:
            number = ResumeRequest.from_json(text).number
            return journal.set_control(RESUMED_TRADING, str(number), 1)
        time.sleep(0.01)
    return None
