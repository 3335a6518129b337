"""
The lines of a recording: what was received, byte for byte, and when.

Ours are ``<receive time in ns> <frame>``, as hftbacktest writes them; cryptofeed's
``<receive time in s>: <frame>`` are read as well. Pure.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

FORMAT = "deepseek-trading-recording"
VERSION = 1
REST = "rest"
"""The route of answers to requests; ``market`` and ``public`` carry frames."""

_LINE = re.compile(rb"(\d{9,10})\.(\d{1,9}): ?(.*)|(\d{18,19}) (.*)", re.DOTALL)
# A frame that holds a line break would look like two; it travels in base64.
_ENCODED = b"base64:"
_BREAKS = re.compile(rb"[\r\n]")


class LineFault(StrEnum):
    """Why a line was left out."""

    NO_TIME = "no receive time"
    NO_FRAME = "no frame"
    ENCODING = "broken base64"
    CUT = "cut off"
    LONG = "too long"
    HEADER = "unknown header"
    ANSWER = "not an answer"


class LineError(Exception):
    """A line that is no part of a recording; ``fault`` names its kind."""

    def __init__(self, fault: LineFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Frame:
    """
    One message as it came.

    Attributes:
        route: ``market`` or ``public``; empty where the file does not tell.
        received_ns: Local UTC time since 1970.
    """

    route: str
    received_ns: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """What the exchange answered to one request."""

    received_ns: int
    path: str
    query: Mapping[str, str]
    body: Any

    def payload(self) -> bytes:
        """Return what `parse_answer` reads."""
        fields = {"path": self.path, "query": dict(self.query), "body": self.body}
        return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of each file of ours."""

    route: str
    started_ns: int
    rest_url: str
    ws_url: str
    symbols: tuple[str, ...]
    streams: tuple[str, ...]

    def line(self) -> bytes:
        """Return the line, with its end."""
        fields = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(fields, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Header":
        """
        Read what `line` wrote.

        Raises:
            LineError: If it is something else, or of a version this program does not know.
        """
        try:
            fields = json.loads(line)
            if fields.pop("format") != FORMAT or fields.pop("version") != VERSION:
                raise LineError(LineFault.HEADER)
            symbols, streams = fields.pop("symbols"), fields.pop("streams")
            texts = [fields["route"], fields["rest_url"], fields["ws_url"], *symbols, *streams]
            if not all(isinstance(text, str) for text in texts):
                raise LineError(LineFault.HEADER)
            return cls(
                **fields | {"started_ns": int(fields["started_ns"])},
                symbols=tuple(symbols),
                streams=tuple(streams),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise LineError(LineFault.HEADER) from error


def frame_line(received_ns: int, payload: bytes) -> bytes:
    """Write a frame as a line, with its end."""
    if _BREAKS.search(payload) or payload.startswith(_ENCODED):
        payload = _ENCODED + base64.b64encode(payload)
    return b"%d %s\n" % (received_ns, payload)


def parse_line(line: bytes, route: str = "") -> Frame:
    """
    Read one line of any of the three formats, without its end.

    Raises:
        LineError: If it is none.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        raise LineError(LineFault.NO_TIME)
    seconds, fraction, after_colon, nanoseconds, after_space = match.groups()
    if nanoseconds is None:
        received_ns = int(seconds) * 1_000_000_000 + int(fraction.ljust(9, b"0"))
        payload = after_colon
    else:
        received_ns, payload = int(nanoseconds), after_space
    if not payload.strip():
        raise LineError(LineFault.NO_FRAME)
    return Frame(route, received_ns, _decoded(payload))


def parse_answer(frame: Frame) -> RestAnswer:
    """
    Read what `RestAnswer.payload` wrote.

    Raises:
        LineError: If it is something else.
    """
    try:
        fields = json.loads(frame.payload)
        path, query, body = fields["path"], fields["query"], fields["body"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LineError(LineFault.ANSWER) from error
    if not isinstance(path, str) or not isinstance(query, dict):
        raise LineError(LineFault.ANSWER)
    return RestAnswer(frame.received_ns, path, {k: str(v) for k, v in query.items()}, body)


def _decoded(payload: bytes) -> bytes:
    if not payload.startswith(_ENCODED):
        return payload
    try:
        return base64.b64decode(payload[len(_ENCODED) :], validate=True)
    except binascii.Error as error:
        raise LineError(LineFault.ENCODING) from error
