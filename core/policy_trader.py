"""What the account that people mean does at a bar: rules, analyst and risk gate together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.answered import carrying
from core.attempts import FAILURES
from core.model.evaluation import Exit
from core.model.instrument import Instrument
from core.model.policy import Policy
from core.model.signal import Direction, Outcome, Strength
from core.model.source import Source
from core.model.verdict import (
    Abstention,
    AbstentionReason,
    Analyst,
    Consultation,
    Facts,
    LlmCall,
    Verdict,
)
from core.shadow_traders import JudgedBar
from core.signals.combine import Combined, combine, exit_reason, in_words, why_not_asked
from core.signals.levels import LevelParams
from core.telemetry import reason_of
from core.trading.account import Account, Position
from core.trading.conclusion import Conclusion, Entry, over
from core.trading.risk_gate import Limits, Proposal, Refusal, rule_on

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consulted:
    """What the analyst said; None where it was not asked, and ``detail`` says why."""

    verdict: Verdict | None
    detail: str
    calls: tuple[LlmCall, ...] = ()


class PolicyTrader:
    """
    Ask the analyst where that may change something, and let the risk gate have the last word.

    Args:
        analyst: None when there is nobody to ask.
        ask_from: Size of the rules' score from which it is asked.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        analyst: Analyst | None,
        ask_from: float,
        limits: Limits,
        levels: LevelParams,
    ) -> None:
        self._policy = policy
        self._analyst = analyst
        self._ask_from = ask_from
        self._limits = limits
        self._levels = levels
        self._asking: set[str] = set()

    async def decide(
        self,
        bar: JudgedBar,
        *,
        facts: Callable[[Position | None], Facts],
        account: Callable[[], Account],
        instrument: Instrument,
        asking: Callable[[], None],
        decided_ms: Callable[[], int],
    ) -> tuple[Conclusion, tuple[Exit, ...], int]:
        """
        Decide on an entry, and on leaving the position that is held.

        Args:
            bar: What the rules said of it.
            facts: Puts together what the analyst is shown.
            account: As it is now; what is asked last is asked without a pause before this returns.
            instrument: Trading rules of the symbol.
            asking: Called right before the one pause there may be.
            decided_ms: When it is decided, by market time; asked once, after that pause.

        Returns:
            What it came to, the position that is left, and when it was decided.
        """
        now = account()
        held = now.positions.get(bar.key.symbol)
        refusal = None if held is not None else self._refused_anyway(bar, now, instrument)
        proposed = bar.rules.direction is not Direction.FLAT  # then a view is what is missing
        detail = why_not_asked(
            self._policy,
            bar.rules,
            held=held is not None,
            ask_from=0.0 if proposed else self._ask_from,
        )
        if not detail and refusal is not None:
            detail = f"the risk gate refuses: {refusal.code}"
        if detail:
            consulted = Consulted(None, detail)
        else:
            consulted = await self._consulted(facts(held), asking)
        with carrying(consulted.calls):
            return self._settled(
                bar,
                consulted,
                held=held,
                refusal=refusal,
                account=account,
                instrument=instrument,
                decided_ms=decided_ms,
            )

    def _settled(
        self,
        bar: JudgedBar,
        consulted: Consulted,
        *,
        held: Position | None,
        refusal: Refusal | None,
        account: Callable[[], Account],
        instrument: Instrument,
        decided_ms: Callable[[], int],
    ) -> tuple[Conclusion, tuple[Exit, ...], int]:
        draft = Conclusion(
            Outcome.HOLD,
            "",
            bar.features,
            bar.rules,
            in_words(consulted.verdict),
            consulted.detail,
            consulted.calls,
            bar.rules.confidence,
        )
        at_ms = decided_ms()
        if refusal is not None:
            return draft.refused(refusal), (), at_ms
        verdict = consulted.verdict
        now = account()
        if held is not None and bar.key.symbol not in now.positions:
            # "Keep it" is no reason to open it again.
            gone = Refusal("position_gone", "the position that was asked about has ended")
            held, concluded = None, draft.refused(gone)
        else:
            concluded = self._conclude(draft, bar, verdict, now, instrument)
        if over(bar.key, at_ms):
            concluded, verdict = concluded.late(), None
        leaving = None if held is None else self._leaving(held, bar, verdict)
        if held is None or leaving is None:
            return concluded, (), at_ms
        words = f"{concluded.reason}; leaves {held.direction.value}: {leaving.reason.value}"
        return replace(concluded, reason=words), (leaving,), at_ms

    def _leaving(self, held: Position, bar: JudgedBar, verdict: Verdict | None) -> Exit | None:
        reason = exit_reason(self._policy, held.direction, bar.rules, verdict)
        return None if reason is None else Exit(Source.POLICY, reason)

    def _refused_anyway(
        self, bar: JudgedBar, account: Account, instrument: Instrument
    ) -> Refusal | None:
        """Return why nothing can come of this bar, whatever the analyst would say."""
        if self._policy is Policy.ANALYST:
            if account.halts:
                return Refusal(account.halts[0].code, account.halts[0].reason)
            return None
        proposal = bar.proposal()
        if proposal is None:
            return None
        ruling = rule_on(proposal, account, instrument, self._limits)
        return ruling if isinstance(ruling, Refusal) else None

    async def _consulted(self, facts: Facts, asking: Callable[[], None]) -> Consulted:
        if self._analyst is None:
            return _abstained(AbstentionReason.NO_KEY, "nobody is configured")
        if facts.symbol in self._asking:
            return _abstained(AbstentionReason.BUSY, "an earlier question is not answered yet")
        self._asking.add(facts.symbol)
        asking()
        try:
            consultation = await self._analyst.judge(facts)
        except (AssertionError, *FAILURES) as error:
            logger.exception("the analyst failed: symbol=%s", facts.symbol)
            return _abstained(AbstentionReason.SERVER, f"it failed: {reason_of(error)}")
        finally:
            self._asking.discard(facts.symbol)
        return _told(consultation)

    def _conclude(
        self,
        draft: Conclusion,
        bar: JudgedBar,
        verdict: Verdict | None,
        account: Account,
        instrument: Instrument,
    ) -> Conclusion:
        combined = combine(
            self._policy,
            bar.rules,
            verdict,
            features=bar.features,
            close=bar.close,
            interval=bar.key.interval,
            params=self._levels,
        )
        draft = replace(
            draft,
            outcome=combined.outcome,
            reason=combined.reason,
            confidence=combined.confidence,
        )
        proposal = _proposal(bar, combined)
        if proposal is None:
            return draft
        # Other symbols may have traded while the analyst thought.
        ruling = rule_on(proposal, account, instrument, self._limits)
        if isinstance(ruling, Refusal):
            return draft.refused(ruling)
        entry = Entry(
            Source.POLICY,
            combined.direction,
            _strength(bar, combined.direction),
            bar.rules.score,
            combined.confidence,
            ruling,
            combined.invalidation,
            (*(vote.reason for vote in bar.rules.votes), combined.reason),
        )
        return replace(draft, entry=entry)


def _told(consultation: Consultation) -> Consulted:
    verdict = consultation.verdict
    detail = verdict.detail if isinstance(verdict, Abstention) else ""
    return Consulted(verdict, detail, consultation.calls)


def _abstained(reason: AbstentionReason, detail: str) -> Consulted:
    return Consulted(Abstention(reason, detail), detail)


def _proposal(bar: JudgedBar, combined: Combined) -> Proposal | None:
    if combined.outcome is not Outcome.SIGNAL or combined.stop is None or combined.target is None:
        return None
    return Proposal(
        bar.key.symbol,
        combined.direction,
        bar.close,
        combined.stop,
        combined.target,
        risk_scale=combined.risk_scale,
    )


def _strength(bar: JudgedBar, direction: Direction) -> Strength:
    """Return the rules' own word, unless the analyst leads where they do not go."""
    if bar.rules.direction is direction:
        return bar.rules.strength
    return Strength.WEAK_BUY if direction is Direction.LONG else Strength.WEAK_SELL
