"""Commands on a socket: how many streams in each, how often, and their JSON. Pure."""

import json
from collections.abc import Sequence

STREAMS_PER_COMMAND = 100
# The exchange hangs up at ten messages a second on futures, five on spot, pings and pongs
# included; one a second is left for those.
COMMANDS_PER_S = 4.0

SUBSCRIBE = "SUBSCRIBE"
UNSUBSCRIBE = "UNSUBSCRIBE"


def command(method: str, streams: Sequence[str], request_id: int) -> str:
    """Return the JSON of a command."""
    body = {"method": method, "params": list(streams), "id": request_id}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


class Pace:
    """Keeps commands apart."""

    def __init__(self, per_s: float = COMMANDS_PER_S) -> None:
        self._apart_s = 1.0 / per_s
        self._next_s = float("-inf")

    def reserve(self, now_s: float) -> float:
        """Take the next turn; returns how long to wait for it."""
        turn_s = max(now_s, self._next_s)
        self._next_s = turn_s + self._apart_s
        return turn_s - now_s
