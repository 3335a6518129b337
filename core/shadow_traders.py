"""What the shadow accounts do at a bar: the rules alone, and seeded chance. Nobody is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.model.evaluation import Exit
from core.model.features import FeatureSet
from core.model.instrument import Instrument
from core.model.policy import Policy
from core.model.signal import Direction, RuleVerdict, SignalKey, Strength
from core.model.source import SHADOWS, Source
from core.signals.combine import exit_reason
from core.signals.levels import LevelParams, Levels, levels_for
from core.signals.random_entry import random_direction
from core.trading.account import Account
from core.trading.conclusion import Entry
from core.trading.risk_gate import Limits, Proposal, Refusal, rule_on

_WEAKEST = {Direction.LONG: Strength.WEAK_BUY, Direction.SHORT: Strength.WEAK_SELL}


@dataclass(frozen=True, slots=True)
class JudgedBar:
    """A closed bar with what the rules say of it."""

    key: SignalKey
    close: float
    features: FeatureSet
    rules: RuleVerdict

    def proposal(self) -> Proposal | None:
        """Return the trade that the rules would like to make; None when they would make none."""
        rules = self.rules
        if rules.direction is Direction.FLAT or rules.stop is None or rules.target is None:
            return None
        return Proposal(self.key.symbol, rules.direction, self.close, rules.stop, rules.target)


@dataclass(frozen=True, slots=True)
class Shadowed:
    """
    What the shadow accounts do.

    Attributes:
        words: One line for each account.
    """

    words: Mapping[Source, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    exits: tuple[Exit, ...] = ()

    def too_late(self) -> Mapping[Source, str]:
        """Return the words once the next bar has closed: what would be entered is not."""
        entered = {entry.source for entry in self.entries}
        return {
            source: f"too late for: {words}" if source in entered else words
            for source, words in self.words.items()
        }


class ShadowTraders:
    """
    Trade the shadow accounts, with the same gate, levels and exits as the account they shadow.

    Args:
        share: Of the bars that chance enters, 0 to 1.
        seed: Of that chance.
    """

    def __init__(self, *, limits: Limits, levels: LevelParams, share: float, seed: int) -> None:
        self._limits = limits
        self._levels = levels
        self._share = share
        self._seed = seed

    def judge(
        self, bar: JudgedBar, accounts: Callable[[Source], Account], instrument: Instrument
    ) -> Shadowed:
        """
        Decide for each shadow account; pure but for ``accounts``.

        Args:
            bar: What the rules said of it.
            accounts: Of each source, as they are now.
            instrument: Trading rules of the symbol.
        """
        words: dict[Source, str] = {}
        entries: list[Entry] = []
        exits: list[Exit] = []
        for source in SHADOWS:
            account = accounts(source)
            held = account.positions.get(bar.key.symbol)
            if held is not None:
                reason = exit_reason(Policy.RULES, held.direction, bar.rules, None)
                words[source] = f"holds {held.direction.value}"
                if reason is not None:
                    words[source] = f"leaves {held.direction.value}: {reason.value}"
                    exits.append(Exit(source, reason))
                continue
            found = self._entry(source, bar, account, instrument)
            match found:
                case None:
                    words[source] = "hold"
                case Refusal(code, reason_given):
                    words[source] = f"refused {code}: {reason_given}"
                case Entry():
                    words[source] = f"signal {found.direction.value}"
                    entries.append(found)
        return Shadowed(words, tuple(entries), tuple(exits))

    def _entry(
        self, source: Source, bar: JudgedBar, account: Account, instrument: Instrument
    ) -> Entry | Refusal | None:
        if source is Source.RULES:
            return self._by_rules(bar, account, instrument)
        return self._by_chance(bar, account, instrument)

    def _by_rules(
        self, bar: JudgedBar, account: Account, instrument: Instrument
    ) -> Entry | Refusal | None:
        proposal, rules = bar.proposal(), bar.rules
        if proposal is None:
            return None
        ruling = rule_on(proposal, account, instrument, self._limits)
        if isinstance(ruling, Refusal):
            return ruling
        return Entry(
            Source.RULES,
            rules.direction,
            rules.strength,
            rules.score,
            rules.confidence,
            ruling,
            rules.invalidation,
            ("the rules alone",),
        )

    def _by_chance(
        self, bar: JudgedBar, account: Account, instrument: Instrument
    ) -> Entry | Refusal | None:
        direction = random_direction(bar.key, share=self._share, seed=self._seed)
        levels = self._levels_of(direction, bar)
        if levels is None:
            return None
        proposal = Proposal(bar.key.symbol, direction, bar.close, levels.stop, levels.target)
        ruling = rule_on(proposal, account, instrument, self._limits)
        if isinstance(ruling, Refusal):
            return ruling
        return Entry(
            Source.RANDOM,
            direction,
            _WEAKEST[direction],
            0.0,
            0.0,
            ruling,
            levels.invalidation,
            ("by seeded chance",),
        )

    def _levels_of(self, direction: Direction, bar: JudgedBar) -> Levels | None:
        if direction is Direction.FLAT:
            return None
        return levels_for(direction, bar.features, bar.close, bar.key.interval, self._levels)
