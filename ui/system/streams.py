"""Every stream of the feed, those in trouble first."""

from core.data.sockets.health import StreamState
from ui.services import Services
from ui.system.facts import Facts, Row, age_words
from ui.system.health import told_whole
from ui.view import View

_MOST = 200
"""Rows shown; a thousand streams are no table any more."""
_TONES = {
    StreamState.LIVE: "good",
    StreamState.QUIET: "unknown",
    StreamState.CLOSED: "unknown",
    StreamState.SILENT: "critical",
    StreamState.STOPPED: "critical",
}
_ORDER = {"critical": 0, "warning": 1, "good": 2, "unknown": 3}


class StreamsReader:
    """
    Args:
        services: The feed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def streams(self, _: View) -> Facts:
        """Read them."""
        found = told_whole(self._services.feed.streams)
        if not found:
            return Facts(note="No streams yet." if found is not None else "They change too fast.")
        rows = [
            Row(
                (
                    stream.name,
                    stream.state.value.lower(),
                    age_words(stream.age_s),
                    f"{stream.frames:,}".replace(",", "\u2009"),
                    "as it trades" if stream.expected_s is None else f"{stream.expected_s:g} s",
                    stream.detail,
                ),
                _TONES.get(stream.state, "warning"),
            )
            for stream in found
        ]
        rows.sort(key=lambda row: (_ORDER[row.tone], row.cells[0]))
        more = len(rows) - _MOST
        note = f"and {more} more, none in a worse state" if more > 0 else ""
        return Facts(tuple(rows[:_MOST]), note)
