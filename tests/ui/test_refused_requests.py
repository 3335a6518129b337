import json

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from tests.ui.asked import ask
from ui.refused_requests import tell_in_words


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    level: int


@pytest.fixture(scope="module")
def app():
    server = FastAPI()
    tell_in_words(server)

    @server.post("/wish")
    async def wish(body: Wish) -> dict[str, int]:
        return {"level": body.level}

    return server


def _refused(app, body):
    found = ask(
        app, "/wish", method="POST", body=body, headers=[("content-type", "application/json")]
    )
    assert found.status == 422
    return json.loads(found.text)["detail"]


def test_what_is_wrong_is_told_in_words(app):
    assert _refused(app, b'{"level": "high"}') == "level: Input should be a valid integer."


@pytest.mark.parametrize("body", [b"NaN", b'{"level": NaN}', b'{"level": 1e400}', b"{", b"[]"])
def test_what_is_no_json_to_answer_with_is_refused_all_the_same(app, body):
    assert _refused(app, body)


@pytest.mark.parametrize("body", [b'"\\ud800"', b'{"level": 1, "\\ud800": 1}'])
def test_half_a_surrogate_pair_is_refused_all_the_same(app, body):
    assert _refused(app, body)


def test_a_long_name_of_a_field_is_not_repeated(app):
    assert len(_refused(app, b'{"level": 1, "%s": 1}' % (b"x" * 5000))) < 200
