"""A socket hears no more once the session it was opened in has ended."""

import asyncio

from ui.access.session_socket import SessionSocket


class Line:
    def __init__(self):
        self.goes_on = True
        self.sent = []
        self.socket = SessionSocket(self._receive, self._send, goes_on=lambda: self.goes_on)

    async def _receive(self):
        return {"type": "websocket.receive", "text": "hello"}

    async def _send(self, message):
        self.sent.append(message)

    def say(self, text):
        asyncio.run(self.socket.send({"type": "websocket.send", "text": text}))


def test_while_the_session_lasts_everything_passes():
    line = Line()
    line.say("candle")
    assert [message["text"] for message in line.sent] == ["candle"]
    assert asyncio.run(line.socket.receive())["text"] == "hello"


def test_what_would_be_told_after_a_logout_closes_the_socket_once_instead():
    line = Line()
    line.goes_on = False
    line.say("candle")
    line.say("candle")
    assert line.sent == [{"type": "websocket.close", "code": 1008}]


def test_what_is_said_after_a_logout_is_not_heard():
    line = Line()
    line.goes_on = False
    assert asyncio.run(line.socket.receive())["type"] == "websocket.disconnect"
    assert line.sent == [{"type": "websocket.close", "code": 1008}]
