import json

import pytest
from fastapi import FastAPI

from core.config import Home
from ops.launch import Installation
from tests.builders import settings
from tests.ui.asked import ask
from ui.access.action_token import ActionToken
from ui.emergency.desk import EmergencyDesk, Means
from ui.emergency.routes import emergency_router

JSON = ("content-type", "application/json")


class Scene:
    def __init__(self, folder):
        self.home, self.token, self.stops = Home(folder), ActionToken(), []
        self.home.create()
        means = Means(stop=self.stop, revive=lambda _: True)
        self.desk = EmergencyDesk(Installation(self.home, settings()), means)
        self.app = FastAPI()
        self.app.include_router(emergency_router(self.desk, self.token))

    def stop(self, home, **asked):
        self.stops.append(asked)
        home.emergency_latch.touch()

    def post(self, path, body, token=None):
        key = ("x-trading-token", self.token.value if token is None else token)
        content = json.dumps(body).encode()
        answer = ask(self.app, path, method="POST", body=content, headers=[JSON, key])
        return answer.status, json.loads(answer.text)

    def finish(self):
        self.desk._worker.submit(int).result(60)


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_a_stop_begins_at_once_and_needs_no_reason(scene):
    assert scene.post("/emergency/stop", {}) == (202, {"said": "The emergency stop has begun."})
    scene.finish()
    assert scene.stops[0]["reason"] == ""
    assert scene.stops[0]["who"].endswith(" (page, 127.0.0.1)")
    state = json.loads(ask(scene.app, "/emergency/state").text)
    assert state["latched"]
    assert state["is_stopping"] is False


@pytest.mark.parametrize("path", ["/emergency/stop", "/emergency/resume"])
def test_without_the_page_s_token_nothing_happens(scene, path):
    status, _ = scene.post(path, {"reason": "why"}, token="x" * 64)
    assert status == 403
    scene.finish()
    assert scene.stops == []
    assert not scene.home.emergency_latch.exists()


@pytest.mark.parametrize("body", [{"reason": 1}, {"reason": "x" * 301}, {"more": 1}, [], None])
def test_a_body_that_is_none_is_refused(scene, body):
    assert scene.post("/emergency/stop", body)[0] == 422
    assert scene.post("/emergency/resume", body)[0] == 422
    assert scene.stops == []


def test_resuming_needs_words(scene):
    scene.home.emergency_latch.touch()
    for reason in ("", "   ", "a\nb"):
        status, told = scene.post("/emergency/resume", {"reason": reason})
        assert (status, told["detail"]) == (422, "Resuming needs a reason: words on one line.")
    status, told = scene.post("/emergency/resume", {"reason": "a drill"})
    assert (status, told["said"]) == (200, "Resumed. The supervisor starts the engine.")
    assert not scene.home.emergency_latch.exists()
