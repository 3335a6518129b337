"""The page's questions and the exports over HTTP."""

import csv
import json
from io import StringIO

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.config import Home
from core.journal.database import database_url
from core.journal.success_reader import SuccessReader
from core.model.intervals import Interval
from ops.success_report import as_document
from tests.ui.performance.history import START_USD, trade, written
from ui.performance.desk import PerformanceDesk
from ui.performance.question import Question
from ui.performance.routes import performance_routes


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = written(tmp_path_factory.mktemp("a"), [trade(1), trade(2, -20.0, symbol="ETHUSDT")])
    return serving(home)


def serving(home):
    url = database_url(home.database)
    desk = PerformanceDesk(lambda: SuccessReader.open(url), START_USD, Interval.M15, lambda: 0.0)
    app = FastAPI()
    app.include_router(performance_routes(desk))
    return TestClient(app), desk


def test_the_document_is_of_what_was_asked(served):
    client, _ = served
    told = client.get("/performance/document?symbol=ETHUSDT&account=rules&theme=light").json()
    assert told["account"]["key"] == "rules"
    assert told["symbols"] == ["BTCUSDT", "ETHUSDT"]


def test_json_is_the_document_of_the_script(served):
    client, desk = served
    reply = client.get("/performance/metrics.json?period=week")
    same = desk.judged(Question())
    assert reply.json().keys() == as_document(same.report).keys()
    everything = client.get("/performance/metrics.json").json()
    assert everything == json.loads(json.dumps(as_document(same.report)))
    assert 'filename="metrics_week.json"' in reply.headers["content-disposition"]


def test_csv_is_a_file_of_its_own_name(served):
    client, _ = served
    reply = client.get("/performance/trades.csv?symbol=ethusdt")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="trades_all_ETHUSDT.csv"' in reply.headers["content-disposition"]
    assert [row["id"] for row in csv.DictReader(StringIO(reply.text, newline=""))] == ["2"]
    assert client.get("/performance/metrics.csv").text.startswith("account,metric,value")


def test_a_symbol_in_any_script_has_a_file_of_its_name(served):
    client, _ = served
    reply = client.get("/performance/trades.csv", params={"symbol": "币USDT"})
    told = reply.headers["content-disposition"]
    assert 'filename="trades_all__USDT.csv"' in told
    assert "filename*=UTF-8''trades_all_%E5%B8%81USDT.csv" in told


@pytest.mark.parametrize(
    "query", ["period=year", "since=soon", "symbol=a%2Fb", "account=x", "width=9", "theme=pink"]
)
def test_what_there_cannot_be_is_refused(served, query):
    client, _ = served
    assert client.get(f"/performance/document?{query}").status_code == 422


def test_a_journal_that_cannot_be_read_is_said_so(tmp_path):
    home = Home(tmp_path)
    home.database.parent.mkdir(parents=True)
    home.database.write_bytes(b"not a database" * 500)
    client, _ = serving(home)
    reply = client.get("/performance/document")
    assert reply.status_code == 503
    assert "cannot be read" in reply.json()["detail"]
