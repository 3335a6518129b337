"""Whether somebody trades, and who is asked; what to do when not."""

from typing import Any

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
_NOBODY_ASKED = ("no key", "rules only", "rules alone")
_ADD_KEY = (
    "Without a key the rules decide alone. To ask DeepSeek, put DEEPSEEK_API_KEY=… into .env "
    "beside config.yaml and restart the engine."
)


_BUDGET_WARNED_FROM = 0.8  # of the day's budget, as the engine's own warning


def engine_badges(engine: EngineState, settings: Settings) -> list[Any]:
    """Return the header's engine and analyst states."""
    word = _WORDS.get(engine.activity, engine.activity.value)
    tone = "warning" if _used_share(engine) >= _BUDGET_WARNED_FROM else "good"
    return [
        _badge("engine", word, _TONES[engine.activity], engine.detail),
        _badge(
            "analyst",
            engine.analyst or "not known",
            tone if _asks(engine) else "unknown",
            _analyst_hint(engine, settings),
        ),
    ]


def budget_words(engine: EngineState) -> str:
    """Say what is used of the day's budget; empty where there is none."""
    if engine.llm_usd_limit <= 0.0:
        return ""
    return f"${engine.llm_usd_today:,.2f} of ${engine.llm_usd_limit:,.2f}"


def _used_share(engine: EngineState) -> float:
    return engine.llm_usd_today / engine.llm_usd_limit if engine.llm_usd_limit > 0.0 else 0.0


def _asks(engine: EngineState) -> bool:
    """Whether somebody is asked, by the engine's own words."""
    return bool(engine.analyst) and not any(w in engine.analyst for w in _NOBODY_ASKED)


def _analyst_hint(engine: EngineState, settings: Settings) -> str:
    budget = budget_words(engine)
    used = f" Used today: {budget}." if budget else ""
    if _asks(engine):
        return f"Who is asked for a second view.{used}"
    if settings.deepseek.api_key is None:
        return _ADD_KEY
    if engine.analyst:
        return f"The rules decide alone: {engine.analyst}.{used}"
    return "The engine tells who is asked once it runs."


def notices(engine: EngineState, journal_fault: str, storage_alarm: str = "") -> list[Any]:
    """Return what the viewer should act on; empty when there is nothing."""
    found: list[Any] = []
    if engine.activity in _NOTICES:
        repeats = "make start" in engine.detail
        said = engine.detail[:1].upper() + engine.detail[1:]
        detail = f" {said}." if said and not repeats else ""
        start = [html.Code("make start"), ", in a demo with ", html.Code("make demo"), "."]
        text = [_NOTICES[engine.activity], *start, detail]
        found.append(_notice(text, f"{_TONES[engine.activity]} engine-down"))
    if engine.activity is not EngineActivity.STOPPED:
        found += [
            _notice([f"Nothing is entered: {halt}. Exits go on."], "warning")
            for halt in engine.halts
        ]
        found += _budget_notice(engine)
    if storage_alarm:
        text = [
            f"Candles cannot be saved: {storage_alarm}. Streaming and signals go on; "
            "what is missing is saved once that works again."
        ]
        found.append(_notice(text, "critical"))
    if journal_fault:
        found.append(_notice([f"Signals cannot be read: {journal_fault}"], "warning"))
    return found


def _budget_notice(engine: EngineState) -> list[Any]:
    share = _used_share(engine)
    if share < _BUDGET_WARNED_FROM:
        return []
    rest = (
        "the rules decide alone until 00:00 UTC."
        if share >= 1.0
        else "once it is spent the rules decide alone until 00:00 UTC."
    )
    text = f"{share:.0%} of today's budget for DeepSeek is used ({budget_words(engine)}): {rest}"
    return [_notice([text], "warning")]


def _badge(label: str, text: str, tone: str, hint: str) -> html.Span:
    more: Any = {"title": hint} if hint else {}
    return html.Span(
        [
            html.Span(label, className="badge-label"),
            html.Span(className="dot"),
            html.Span(text, className="badge-text"),
        ],
        className=f"badge {tone}",
        tabIndex=0,
        **more,
    )


def _notice(text: list[Any], tone: str) -> html.Div:
    return html.Div(text, className=f"notice {tone}", role="status")
