"""What people outside read: which installation, what is the matter, since when, what to do."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.config.secrets import secrets_of
from core.model.health import Level
from ops.alarms.advice import advice
from ops.alarms.alarm import Event, Kind, Notice
from ops.alarms.message import Message, Tone
from ops.launch import Installation
from ops.logs.layouts import escaped
from ops.logs.redaction import hiding

_LONGEST_REASON: Final = 500
_MS: Final = 1000
_DEMO: Final = "This is the DEMO: no real market, no money."
_LIMIT: Final = "The limit of messages is reached: what follows is told together, within the hour."


@dataclass(frozen=True, slots=True)
class Writer:
    """
    Writes for one installation.

    Attributes:
        home: Its root.
        host: Name of this machine.
        hide: Replaces secrets.
    """

    home: str
    host: str
    demo: bool = False
    hide: Callable[[str], str] = str

    @classmethod
    def of(cls, installation: Installation) -> "Writer":
        """Return that of an installation."""
        return cls(
            str(installation.home.root),
            platform.node() or "this machine",
            installation.demo,
            hiding(secrets_of(installation.settings)),
        )

    def notice(self, notice: Notice) -> Message:
        """Return the message that tells what happened to alarms."""
        events = notice.events
        blocks = [_block(event) for event in events]
        if notice.is_last:
            blocks.append([_LIMIT])
        title = _title(events[0]) if len(events) == 1 else _digest_title(events)
        return self._message(title, blocks, _tone(events))

    def said(self, title: str, lines: list[str], tone: Tone) -> Message:
        """Return a message of other words."""
        return self._message(title, [lines], tone)

    def _message(self, title: str, blocks: list[list[str]], tone: Tone) -> Message:
        signed = [f"Installation: {self.home} on {self.host}"]
        if self.demo:
            signed.append(_DEMO)
        body = "\n\n".join("\n".join(block) for block in [*blocks, signed])
        mark = "DEMO " if self.demo else ""
        return Message(self.hide(f"{mark}{title}"), self.hide(body), tone)


def utc_words(at_ms: int) -> str:
    """Return a time for people."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at_ms / _MS))


def _title(event: Event) -> str:
    words = {
        Kind.RECOVERED: f"[OK] {event.component} has recovered",
        Kind.EASED: f"[{event.level.value.upper()}] {event.component} is no longer critical",
        Kind.REPEATED: f"[{event.level.value.upper()}] {event.component} still",
    }
    usual = f"[{event.level.value.upper()}] {event.component}"
    said = words.get(event.kind, usual)
    reason = "" if event.kind is Kind.RECOVERED else f": {_reason(event)}"
    return f"{said}{reason}"


def _digest_title(events: tuple[Event, ...]) -> str:
    bad = [event for event in events if event.level.is_bad]
    worst = max((event.level for event in events), key=lambda level: level.rank)
    well = len(events) - len(bad)
    parts = [f"{len(bad)} alarms" if len(bad) != 1 else "1 alarm"] if bad else []
    parts += [f"{well} recovered"] if well else []
    return f"[{worst.value.upper()}] {', '.join(parts)}"


def _tone(events: tuple[Event, ...]) -> Tone:
    worst = max((event.level for event in events), key=lambda level: level.rank)
    tones = {Level.CRITICAL: Tone.CRITICAL, Level.WARNING: Tone.WARNING}
    return tones.get(worst, Tone.GOOD)


def _block(event: Event) -> list[str]:
    was = f" (was {event.before.value})" if event.before.is_bad else ""
    lines = [
        f"Component: {event.component}",
        f"Level: {event.level.value}{was}",
        f"Reason: {_reason(event)}",
        f"Since: {utc_words(event.since_ms)}",
    ]
    if event.kind is Kind.RECOVERED:
        lines.append(f"Until: {utc_words(event.at_ms)}")
    elif event.level.is_bad:
        lines.append(f"What to do: {advice(event.component)}")
    if event.changes > 1:
        lines.append(f"It has changed {event.changes} times since you were last told of it.")
    return lines


def _reason(event: Event) -> str:
    return escaped(event.reason)[:_LONGEST_REASON]
