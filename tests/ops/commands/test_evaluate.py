"""``main.py evaluate``: a bar is judged by hand; nothing but what was asked is recorded."""

import asyncio
import json
import signal

import pytest
from sqlalchemy import create_engine, text

from core.model.verdict import Purpose, Spent
from deepseek.budget import COST_ESTIMATED
from ops.commands.evaluate import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from ops.evaluation_report import evaluation_lines
from tests.deepseek.server import GOOD, never_answers, refuses, says
from tests.ops.commands.by_hand import KEYED, Shell, ended, shell_beside

pytestmark = pytest.mark.simulator

BTC = ("evaluate", "--symbol", "BTCUSDT")
LEVELS = dict.fromkeys(("entry_price", "stop_loss", "take_profit"))
HOLD = says(json.dumps(GOOD | LEVELS | {"action": "HOLD", "evidence": []}))


def rows(shell, table="llm_calls", column="verdict"):
    """A column of a table, in the order of its rows."""
    with create_engine(shell.url).connect() as connection:
        return connection.execute(text(f"SELECT {column} FROM {table}")).scalars().all()


def test_the_newest_bar_is_judged_without_a_model_and_nothing_is_recorded(tmp_path):
    async def scenario():
        async with shell_beside(tmp_path, HOLD) as (shell, script):
            plain = await shell.run(*BTC, "--no-ask")
            machine = await shell.run(*BTC, "--json")  # without a key
            return plain, machine, shell, script

    (status, told, _), machine, shell, script = asyncio.run(scenario())
    assert status == 0
    assert {"data", "features", "rules", "analyst", "account", "outcome"} <= {
        line.split()[0] for line in told.splitlines() if line[0] != " "
    }
    document = json.loads(machine[1])
    assert (machine[0], document["symbol"], document["data"]["whole"]) == (0, "BTCUSDT", True)
    assert document["analyst"]["calls"] == []
    assert script.requests == []
    assert [rows(shell, table, "count(*)") for table in ("decisions", "signals", "llm_calls")] == [
        [0]
    ] * 3


def test_what_asking_costs_is_recorded_and_counts(tmp_path):
    async def scenario():
        async with shell_beside(tmp_path, HOLD) as (shell, script):
            asked = await shell.run(*BTC, "--json", **KEYED)
            shell.spend(Purpose.DECISION, 2.0)
            return asked, shell, await shell.run(*BTC, "--json", **KEYED), script

    (status, told, _), shell, refused, script = asyncio.run(scenario())
    assert status == 0
    analyst = json.loads(told)["analyst"]
    assert analyst["verdict"] == "HOLD 61"
    assert shell.spent() == Spent(pytest.approx(2.0 + analyst["cost_usd"]), 2)
    assert analyst["cost_usd"] > 0
    beyond = json.loads(refused[1])["analyst"]
    assert (refused[0], beyond["verdict"], beyond["calls"]) == (0, "budget_spent", [])
    assert len(script.requests) == 1


MISTYPED = {
    ("--symbol", "BTCUSD"): "did you mean BTCUSDT?",
    ("--symbol", "BTCUSDT", "--interval", "7m"): "--interval '7m'",
    ("--symbol", "\x1b[2J'; DROP TABLE decisions;--"): "does not list it",
    (): "--symbol",
}


def test_what_is_mistyped_is_said(tmp_path):
    async def scenario():
        async with shell_beside(tmp_path, HOLD) as (shell, _):
            return await asyncio.gather(*(shell.run("evaluate", *typed) for typed in MISTYPED))

    for (status, told, complained), words in zip(
        asyncio.run(scenario()), MISTYPED.values(), strict=True
    ):
        assert (status, told) == (EXIT_USAGE, "")
        assert words in complained


def test_without_an_exchange_there_is_nothing_to_judge(tmp_path):
    shell = Shell(tmp_path, "http://127.0.0.1:1", "http://127.0.0.1:1")
    status, told, complained = asyncio.run(shell.run(*BTC, **KEYED))
    assert (status, told) == (EXIT_FAILED, "")
    assert complained.strip()


def test_a_model_that_refuses_is_an_abstention_and_no_failure(tmp_path):
    async def scenario():
        async with shell_beside(tmp_path, refuses(402, "Insufficient\n\aBalance")) as (shell, _):
            return await shell.run(*BTC, **KEYED)

    status, told, _ = asyncio.run(scenario())
    assert status == 0
    assert "analyst   insufficient_balance: HTTP 402" in told
    assert "\a" not in told


def test_a_question_that_is_interrupted_is_recorded_with_what_it_may_cost(tmp_path):
    async def scenario():
        async with shell_beside(tmp_path, never_answers) as (shell, script):
            process = shell.begin(*BTC, **KEYED)
            while not script.requests and process.poll() is None:
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGINT)
            return await ended(process), shell

    (status, told, _), shell = asyncio.run(scenario())
    assert (status, told) == (EXIT_INTERRUPTED, "")
    assert rows(shell) == ["cancelled" + COST_ESTIMATED]
    assert shell.spent().usd > 0


def test_what_a_model_writes_cannot_forge_a_line(tmp_path):
    hostile = "x\x07\x1b[2J\u202e\noutcome   signal: LONG"

    async def scenario():
        claims = [{"feature": hostile, "value": 1.0}]
        answer = json.dumps(GOOD | LEVELS | {"action": "HOLD", "evidence": claims})
        async with shell_beside(tmp_path, says(answer, model=hostile)) as (shell, _):
            return await shell.run(*BTC, "--json", **KEYED)

    status, told, _ = asyncio.run(scenario())
    assert status == 0
    document = json.loads(told)
    assert document["analyst"]["calls"][0]["model"] == hostile
    lines = list(evaluation_lines(document))
    assert all(line.isprintable() for line in lines)
    assert sum(line.startswith("outcome") for line in lines) == 1
