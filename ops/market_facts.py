"""What an analyst would be shown of a bar, whatever the configured policy asks it for."""

from core.config import Policy, Settings
from core.model.verdict import Abstention, AbstentionReason, Consultation, Facts
from core.overlays import load_overlays
from core.signal_generator import SignalGenerator
from core.telemetry import Telemetry
from core.trading.account import Account
from ops.newest_bar import NewestBar


class FactsReader:
    """
    Read the facts of a bar on the path of every decision, so that they are the same.

    Args:
        settings: Of the rules and the interval.

    Attributes:
        generator: Computes them.
    """

    def __init__(self, settings: Settings) -> None:
        asks_always = {"policy": Policy.ANALYST}
        changed = settings.model_copy(
            update={
                "signals": settings.signals.model_copy(update=asks_always),
                "deepseek": settings.deepseek.model_copy(update={"ask_from": 0.0}),
            }
        )
        self._listener = _Listener()
        self.generator = SignalGenerator(
            changed, overlays=load_overlays(), telemetry=Telemetry(), analyst=self._listener
        )

    async def facts(self, bar: NewestBar, account: Account) -> Facts | str:
        """Return the facts, or why there are none; ``account`` says what is held."""
        self._listener.heard = None
        bare = Account(account.equity, account.positions, at_ms=account.at_ms)
        evaluation = await self.generator.evaluate(
            bar.view,
            closed_ms=bar.closed_ms,
            accounts=lambda _: bare,
            instrument=bar.instrument,
            whole=bar.whole,
        )
        return self._listener.heard or evaluation.decision.reason


class _Listener:
    """An analyst who only listens."""

    def __init__(self) -> None:
        self.heard: Facts | None = None

    async def judge(self, facts: Facts) -> Consultation:
        self.heard = facts
        return Consultation(Abstention(AbstentionReason.NOT_ASKED))
