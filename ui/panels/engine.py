"""Whether somebody trades, and who is asked; what to do when not."""

from typing import Any

import dash_mantine_components as dmc
from dash import html

from core.config import Settings
from core.model.engine_state import EngineActivity, EngineState

_TONES = {
    EngineActivity.RUNNING: "good",
    EngineActivity.STALE: "warning",
    EngineActivity.STOPPED: "critical",
    EngineActivity.UNKNOWN: "unknown",
}
_WORDS = {EngineActivity.STALE: "silent"}
_NOTICES = {
    EngineActivity.STOPPED: "The engine is stopped: nothing is evaluated or traded. Start it with ",
    EngineActivity.STALE: "The engine has gone silent. If that lasts, start it again with ",
}
_ADD_KEY = (
    "Without a key the rules decide alone. To ask DeepSeek, put DEEPSEEK_API_KEY=… into .env "
    "beside config.yaml and restart the engine."
)


def engine_badges(engine: EngineState, settings: Settings) -> list[Any]:
    """Return the header's engine and analyst states."""
    analyst = engine.analyst or "not known"
    asks = not analyst.startswith("no key") and bool(engine.analyst)
    hint = "Who is asked for a second view." if asks else _ADD_KEY
    if settings.deepseek.api_key is not None and not asks:
        hint = "The engine tells who is asked once it runs."
    word = _WORDS.get(engine.activity, engine.activity.value)
    return [
        _badge("engine", word, _TONES[engine.activity], engine.detail),
        _badge("analyst", analyst, "good" if asks else "unknown", hint),
    ]


def notices(engine: EngineState, journal_fault: str, storage_alarm: str = "") -> list[Any]:
    """Return what the viewer should act on; empty when there is nothing."""
    found: list[Any] = []
    if engine.activity in _NOTICES:
        repeats = "make start" in engine.detail
        detail = f" {engine.detail}." if engine.detail and not repeats else ""
        start = [html.Code("make start"), ", in a demo with ", html.Code("make demo"), "."]
        text = [_NOTICES[engine.activity], *start, detail]
        found.append(_notice(text, _TONES[engine.activity]))
    if storage_alarm:
        text = [
            f"Candles cannot be saved: {storage_alarm}. Streaming and signals go on; "
            "what is missing is saved once that works again."
        ]
        found.append(_notice(text, "critical"))
    if journal_fault:
        found.append(_notice([f"Signals cannot be read: {journal_fault}"], "warning"))
    return found


def _badge(label: str, text: str, tone: str, hint: str) -> Any:
    badge = html.Span(
        [
            html.Span(label, className="badge-label"),
            html.Span(className="dot"),
            html.Span(text, className="badge-text"),
        ],
        className=f"badge {tone}",
        tabIndex=0,
    )
    if not hint:
        return badge
    return dmc.Tooltip(badge, label=hint, multiline=True, w=280, position="bottom", withArrow=True)


def _notice(text: list[Any], tone: str) -> html.Div:
    return html.Div(text, className=f"notice {tone}", role="status")
