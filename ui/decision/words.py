"""Outcomes and abstentions in words: why nothing was traded when nothing was. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.journal.decision_reader import Story
from core.model.signal import Decision, Outcome
from core.model.trade import ExitReason, Trade, TradeStatus
from core.model.verdict import AbstentionReason, Action
from ui.figures.numbers import MINUS, number

_R = AbstentionReason
ABSTENTIONS: Mapping[AbstentionReason, str] = MappingProxyType(
    {
        _R.NO_KEY: "No key for DeepSeek is set",
        _R.NOT_ASKED: "It was not asked",
        _R.BUDGET: "The day's budget for questions is spent",
        _R.CIRCUIT_OPEN: "It is left in peace after failing several times in a row",
        _R.BUSY: "An earlier question of this symbol was still waiting",
        _R.NOT_RECORDED: "No answer to this question was recorded",
        _R.TIMEOUT: "No answer in time",
        _R.NETWORK: "It could not be reached",
        _R.CUT_OFF: "The connection broke while it answered",
        _R.NO_BODY: "The answer had no body",
        _R.BAD_REQUEST: "It called the request malformed",
        _R.AUTHENTICATION: "It refused the key",
        _R.BALANCE: "Its account has no balance left",
        _R.UNKNOWN_MODEL: "It does not know the configured model",
        _R.PARAMETERS: "It called the parameters invalid",
        _R.RATE_LIMIT: "It was asked too often",
        _R.SERVER: "Its server failed",
        _R.OVERLOADED: "It is overloaded",
        _R.RESOURCE: "It ran out of resources",
        _R.REQUEST: "It refused the request",
        _R.NOT_A_COMPLETION: "The answer was no completion",
        _R.BLANK: "The answer was blank",
        _R.TRUNCATED: "The answer was cut off by its length",
        _R.NOT_JSON: "The answer was no JSON",
        _R.SEVERAL: "The answer held several objects",
        _R.NOT_A_NUMBER: "A number of the answer was none",
        _R.NUMBER_AS_TEXT: "A number of the answer was text",
        _R.WRONG_SIDE: "A level of the answer lay on the wrong side of the price",
        _R.TOO_FAR: "A level of the answer lay too far from the price",
        _R.CONTRACT: "The answer broke the contract",
        _R.TOO_LONG: "The answer was too long",
        _R.EVIDENCE: "Its evidence did not hold against the facts",
    }
)
_VIEW: Final = re.compile(rf"({'|'.join(Action)}) (\d{{1,3}})")

_MINUS: Final = re.compile(r"(?<![\w-])-(?=\d)")
"""What reasons are written with, where people read a real minus sign."""

_TITLES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.SIGNAL: "Signal",
        Outcome.HOLD: "Nothing proposed",
        Outcome.VETOED: "Vetoed by DeepSeek",
        Outcome.REFUSED: "Refused",
        Outcome.NOT_READY: "Not evaluated: not ready",
        Outcome.STALE: "Not evaluated: data not whole",
        Outcome.ENGINE_DOWN: "Not evaluated: engine was down",
        Outcome.LATE: "Too late to be traded",
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.SIGNAL: "signal",
        Outcome.HOLD: "hold",
        Outcome.VETOED: "vetoed",
        Outcome.REFUSED: "refused",
        Outcome.NOT_READY: "not ready",
        Outcome.STALE: "data not whole",
        Outcome.ENGINE_DOWN: "engine down",
        Outcome.LATE: "too late",
    }
)
_BAD = frozenset({Outcome.NOT_READY, Outcome.STALE, Outcome.ENGINE_DOWN, Outcome.LATE})
_CODE: Final = re.compile(r"([a-z]+(?:_[a-z]+)*): (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AnalystView:
    """
    What the analyst said.

    Attributes:
        action: None where it gave no view.
        confidence: None where it gave no view.
        words: Why there is none; empty where there is one.
    """

    action: Action | None
    confidence: float | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Upshot:
    """What came of an evaluation; the tone is a word of the style sheet."""

    title: str
    words: str
    tone: str = ""


def analyst_view(decision: Decision) -> AnalystView:
    """Read the verdict of a decision back."""
    found = _VIEW.fullmatch(decision.analyst)
    if found is not None:
        return AnalystView(Action(found[1]), float(found[2]))
    detail = f": {decision.analyst_detail}" if decision.analyst_detail else ""
    return AnalystView(None, None, real_minus(abstention(decision.analyst) + detail))


def abstention(code: str) -> str:
    """Return a reason code in words; what is no code of today stays as it is."""
    try:
        return ABSTENTIONS[AbstentionReason(code)]
    except ValueError:
        return code.replace("_", " ") or "It was not asked"


def analyst_cell(analyst: str) -> str:
    """Return a verdict for a cell of a list."""
    return analyst if _VIEW.fullmatch(analyst) else abstention(analyst).lower()


def upshot(story: Story) -> Upshot:
    """Say what was traded, or why nothing was."""
    decision = story.decision
    if decision.outcome is Outcome.SIGNAL:
        return _traded(story.trade)
    title, words = _TITLES[decision.outcome], _capital(decision.reason)
    found = _CODE.fullmatch(decision.reason)
    if found is not None and decision.outcome is Outcome.REFUSED:
        title, words = f"{title}: {found[1].replace('_', ' ')}", _capital(found[2])
    return Upshot(title, real_minus(words), "warned" if decision.outcome in _BAD else "")


def _traded(trade: Trade | None) -> Upshot:
    if trade is None:
        return Upshot("Signal, but no trade", "No trade of the paper account is recorded for it.")
    match trade.status:
        case TradeStatus.PENDING:
            return Upshot("Entry pending", "It fills at the open of the next 1m candle.")
        case TradeStatus.OPEN:
            return Upshot("Position open", "The paper account holds it.")
        case TradeStatus.REFUSED:
            return Upshot("Entry refused", f"At the fill: {exit_words(trade.exit_reason)}.")
        case TradeStatus.CLOSED:
            pnl, r = number(trade.pnl, 2, signed=True), number(trade.r_multiple, 2, signed=True)
            tone = "up" if (trade.pnl or 0.0) > 0.0 else "down"
            return Upshot(f"Closed at {exit_words(trade.exit_reason)}", f"P&L {pnl}, {r} R.", tone)


def exit_words(reason: ExitReason | None) -> str:
    """Return why a trade ended."""
    return "" if reason is None else reason.value.replace("_", " ")


def real_minus(text: str) -> str:
    """Return a reason with the minus sign that figures have beside it."""
    return _MINUS.sub(MINUS, text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
