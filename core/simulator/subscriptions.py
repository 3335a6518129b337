"""JSON commands of a socket: SUBSCRIBE and its kin, and how the exchange answers them."""

import json
from collections.abc import Sequence
from typing import Protocol

from core.simulator.stream_frames import json_text

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
_LONGEST_ID = 36
MOST_STREAMS = 1_024  # on one connection


class Subscriber(Protocol):
    """What a command can change."""

    combined: bool

    @property
    def streams(self) -> Sequence[str]:
        """Names subscribed to, in order."""

    def subscribe(self, names: Sequence[str]) -> None:
        """Add streams; raises `TooManyStreamsError`."""

    def unsubscribe(self, names: Sequence[str]) -> None:
        """Remove streams."""


class TooManyStreamsError(Exception):
    """A connection would carry more streams than the exchange allows."""


class _CommandError(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


def answer(subscriber: Subscriber, text: str) -> str:
    """
    Carry out one command and return the reply.

    Source: "Live Subscribing/Unsubscribing to streams" of the USD-M documentation; errors
    are nested under ``error``, as clients meet them on the wire.
    """
    command: object = None
    try:
        command = _parsed(text)
        reply = _carried_out(subscriber, command, text)
    except _CommandError as error:
        return _refused(error, command)
    except TooManyStreamsError:
        return _refused(_invalid("too many streams"), command)
    return json_text({"result": reply, "id": _echo(command)})


def _refused(error: _CommandError, command: object) -> str:
    fault = {"code": error.code, "msg": error.text}
    return json_text({"error": fault, "id": _echo(command)})


def _parsed(text: str) -> dict[str, object]:
    try:
        command = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise _CommandError(3, f"Invalid JSON: expected value at {place}") from error
    if not isinstance(command, dict):
        raise _CommandError(3, "Invalid JSON: expected value at line 1 column 1")
    return command


def _carried_out(subscriber: Subscriber, command: dict[str, object], text: str) -> object:
    if not _valid_id(command.get("id")):
        raise _invalid("request ID must be an unsigned integer")
    if "method" not in command:
        raise _invalid(f"missing field `method` at line 1 column {len(text)}")
    params = command.get("params", [])
    match command["method"]:
        case "SUBSCRIBE":
            subscriber.subscribe(_names(params))
        case "UNSUBSCRIBE":
            subscriber.unsubscribe(_names(params))
        case "LIST_SUBSCRIPTIONS":
            return list(subscriber.streams)
        case "SET_PROPERTY":
            subscriber.combined = _new_property(params)
        case "GET_PROPERTY":
            _property_name(params, most=1)
            return subscriber.combined
        case other:
            known = ", ".join(f"`{method}`" for method in _METHODS)
            raise _invalid(
                f"unknown variant `{other}`, expected one of {known} at line 1 column 28"
            )
    return None


def _valid_id(identity: object) -> bool:
    if isinstance(identity, bool):
        return False
    if isinstance(identity, int):
        return identity >= 0
    return identity is None or (isinstance(identity, str) and len(identity) <= _LONGEST_ID)


def _echo(command: object) -> object:
    identity = command.get("id") if isinstance(command, dict) else None
    return identity if _valid_id(identity) else None


def _names(params: object) -> list[str]:
    if not isinstance(params, list) or not params:
        raise _invalid("invalid stream")
    for name in params:
        if not isinstance(name, str) or not name or any(letter.isspace() for letter in name):
            raise _invalid("invalid stream")
    return params


def _property_name(params: object, *, most: int) -> list[object]:
    if not isinstance(params, list) or not params or not isinstance(params[0], str):
        raise _invalid("property name must be a string")
    if len(params) > most:
        raise _invalid("too many parameters")
    if params[0] != "combined":
        raise _CommandError(0, "Unknown property")
    return params


def _new_property(params: object) -> bool:
    value = [*_property_name(params, most=2), None][1]
    if not isinstance(value, bool):
        raise _CommandError(1, "Invalid value type: expected Boolean")
    return value


def _invalid(text: str) -> _CommandError:
    return _CommandError(2, f"Invalid request: {text}")
