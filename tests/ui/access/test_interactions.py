"""What somebody does on the page is one line, what the page asks by itself is none."""

import logging

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from ui.access.action_token import ActionToken


class Pause(BaseModel):
    symbol: str


@pytest.fixture
def page():
    actions = ActionToken()
    router = APIRouter(prefix="/trading", dependencies=[Depends(actions.required)])

    @router.post("/pause")
    async def pause(body: Pause) -> str:
        return body.symbol

    @router.post("/quote")
    async def quote(body: Pause) -> str:
        return body.symbol

    app = FastAPI()
    app.include_router(router)
    return TestClient(app, headers={"X-Trading-Token": actions.value})


def test_an_action_is_noted_and_done(page, caplog):
    with caplog.at_level(logging.INFO, "ui.interactions"):
        assert page.post("/trading/pause", json={"symbol": "BTCUSDT"}).json() == "BTCUSDT"
        assert page.post("/trading/quote", json={"symbol": "BTCUSDT"}).status_code == 200
        assert page.post("/trading/pause", headers={"X-Trading-Token": "x"}).status_code == 403
    (line,) = [r.getMessage() for r in caplog.records if r.name == "ui.interactions"]
    assert "dashboard action: path=/trading/pause" in line
    assert "BTCUSDT" in line
