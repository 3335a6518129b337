"""Which regime each market is in, as evaluations told it; known again after a restart."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.evaluation import Evaluation
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange

# Of a symbol, while the journal cannot be written; the oldest go first.
_MOST_UNWRITTEN = 100


class RegimeBook:
    """
    Remember the last known regime of each symbol, and write each change of it.

    Args:
        offer: Runs a journal method on the process's one writer thread, if that can be done
            now. What could not be written is offered again with the next evaluation.
        interval: Of the bars that are evaluated.
    """

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        *,
        offer: Callable[..., Awaitable[None]],
        interval: Interval,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._offer = offer
        self._interval = interval
        self._known: dict[str, Regime] = {}
        self._unwritten: defaultdict[str, deque[RegimeChange]] = defaultdict(
            lambda: deque(maxlen=_MOST_UNWRITTEN)
        )

    @property
    def known(self) -> Mapping[str, Regime]:
        """The last known regime of each symbol that ever had one."""
        return self._known

    def recover(self) -> None:
        """Read what the journal knows."""
        for (symbol, interval), change in self._reader.regimes().items():
            if interval is self._interval:
                self._known[symbol] = change.regime

    async def record(self, evaluation: Evaluation) -> None:
        """Take note of an evaluation; where it could not tell, what was known stands."""
        key, regime = evaluation.decision.key, evaluation.regime
        if regime is not None and regime is not self._known.get(key.symbol):
            self._known[key.symbol] = regime
            close_ms = key.interval.close_time_ms(key.open_time_ms)
            change = RegimeChange(key.symbol, key.interval, regime, key.open_time_ms, close_ms)
            self._unwritten[key.symbol].append(change)
        if self._unwritten[key.symbol]:
            await self._write(self._unwritten[key.symbol])

    async def _write(self, unwritten: deque[RegimeChange]) -> None:
        """Offer them as they are now: the queue is the event loop's, another thread writes."""
        written: list[RegimeChange] = []
        await self._offer(self._add, tuple(unwritten), written)
        for change in written:
            if change in unwritten:  # a full queue may have let go of it meanwhile
                unwritten.remove(change)

    def _add(self, changes: Sequence[RegimeChange], written: list[RegimeChange]) -> None:
        for change in changes:
            self._journal.add_regime(change)
            written.append(change)
