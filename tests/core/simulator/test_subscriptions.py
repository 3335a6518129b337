"""Commands of a socket and their replies."""

import json
from collections.abc import Sequence

import pytest

from core.simulator.subscriptions import TooManyStreamsError, answer


class Client:
    """Remembers what commands did to it."""

    def __init__(self) -> None:
        self.combined = False
        self.streams: list[str] = []

    def subscribe(self, names: Sequence[str]) -> None:
        if "one@toomany" in names:
            raise TooManyStreamsError
        self.streams += names

    def unsubscribe(self, names: Sequence[str]) -> None:
        self.streams = [name for name in self.streams if name not in names]


def ask(client: Client, **command: object) -> object:
    return json.loads(answer(client, json.dumps(command)))


@pytest.mark.parametrize("identity", [1, 0, "0b6f7b0e-8c0a-4d5e-9d5e-3c1b2a190807", None])
def test_ids_are_echoed_as_they_came(identity: object):
    reply = ask(Client(), method="SUBSCRIBE", params=["btcusdt@aggTrade"], id=identity)
    assert reply == {"result": None, "id": identity}


def test_streams_are_added_listed_and_removed():
    client = Client()
    ask(client, method="SUBSCRIBE", params=["a@depth", "b@depth"], id=1)
    ask(client, method="UNSUBSCRIBE", params=["a@depth"], id=2)
    assert ask(client, method="LIST_SUBSCRIPTIONS", id=3) == {"result": ["b@depth"], "id": 3}


def test_the_combined_property_is_set_and_read():
    client = Client()
    ask(client, method="SET_PROPERTY", params=["combined", True], id=1)
    assert ask(client, method="GET_PROPERTY", params=["combined"], id=2)["result"] is True


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ({"method": "JUMP", "id": 1}, 2, "unknown variant `JUMP`"),
        ({"params": []}, 2, "missing field `method`"),
        ({"method": "SUBSCRIBE", "params": ["a b"], "id": 1}, 2, "invalid stream"),
        ({"method": "SUBSCRIBE", "params": [3], "id": 1}, 2, "invalid stream"),
        ({"method": "SUBSCRIBE", "params": "x", "id": 1}, 2, "invalid stream"),
        ({"method": "SUBSCRIBE", "params": ["one@toomany"], "id": 1}, 2, "too many streams"),
        ({"method": "SUBSCRIBE", "params": ["a@b"], "id": -1}, 2, "unsigned integer"),
        ({"method": "SUBSCRIBE", "params": ["a@b"], "id": 1.5}, 2, "unsigned integer"),
        ({"method": "SET_PROPERTY", "params": ["other", True], "id": 1}, 0, "Unknown property"),
        ({"method": "SET_PROPERTY", "params": ["combined", 1], "id": 1}, 1, "expected Boolean"),
        ({"method": "GET_PROPERTY", "params": [7], "id": 1}, 2, "must be a string"),
        ({"method": "GET_PROPERTY", "params": ["combined", 1], "id": 1}, 2, "too many"),
    ],
)
def test_faults_come_back_nested_with_their_code(command: dict, code: int, words: str):
    reply = ask(Client(), **command)
    assert reply["error"]["code"] == code
    assert words in reply["error"]["msg"]
    assert reply["id"] == (command.get("id") if command.get("id") == 1 else None)


@pytest.mark.parametrize("text", ["", "{", "3", "[]", '"x"', "\x00"])
def test_what_is_no_command_is_invalid_json_without_an_id(text: str):
    reply = json.loads(answer(Client(), text))
    assert reply["error"]["code"] == 3
    assert reply["id"] is None
