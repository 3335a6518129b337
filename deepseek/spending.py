"""How much may still be asked today."""

import logging
from collections.abc import Callable
from typing import Final

from core.model.verdict import Spent
from deepseek.budget import DAY_MS

logger = logging.getLogger(__name__)

WARNED_FROM: Final = 0.8  # of a day's budget; issue 5


class Spending:
    """
    A budget of US dollars and calls for each UTC day of this machine's clock.

    What a call costs is known when it has ended. Until then it counts as one
    call and as the dearest call of the day, so that questions asked side by
    side do not overdraw the budget together. A clock that is set back to
    yesterday does not open a new budget.
    """

    def __init__(
        self,
        *,
        daily_usd: float,
        daily_calls: int,
        utc_now_ms: Callable[[], int],
        spent: Spent | None = None,
        purpose: str = "decisions",
    ) -> None:
        """
        Args:
            daily_usd: Limit; 0 lets nothing be asked.
            daily_calls: Likewise.
            utc_now_ms: The wall clock that the provider's days are counted by.
            spent: What was used already on the day that it is now.
            purpose: What the log calls this budget.
        """
        self._daily_usd = daily_usd
        self._daily_calls = daily_calls
        self._utc_now_ms = utc_now_ms
        self._purpose = purpose
        self._day = utc_now_ms() // DAY_MS
        self._spent = spent or Spent()
        self._under_way = 0
        self._dearest_usd = 0.0
        self._told = 0.0

    @property
    def spent(self) -> Spent:
        """What was used today."""
        self._turn_the_page()
        return self._spent

    @property
    def share(self) -> float:
        """Part of today's budget that is used, of dollars or calls, whichever is more."""
        spent = self.spent
        return max(_share(spent.usd, self._daily_usd), _share(spent.calls, self._daily_calls))

    def refusal(self) -> str:
        """Return why nothing more may be asked now, in words; empty when it may."""
        spent = self.spent
        if spent.usd >= self._daily_usd:
            return f"today's budget of ${self._daily_usd:.2f} is spent"
        if spent.calls >= self._daily_calls:
            return f"today's budget of {self._daily_calls} calls is spent"
        return ""

    def crowding(self) -> str:
        """Return why a question has to wait for those under way; empty when it need not."""
        spent = self.spent
        reserved_usd = self._under_way * self._dearest_usd
        calls = spent.calls + self._under_way
        if spent.usd + reserved_usd >= self._daily_usd or calls >= self._daily_calls:
            return "what is left of today's budget is reserved by questions under way"
        return ""

    def reserve(self) -> None:
        """Count a call that is about to be sent; `settle` must follow."""
        self._under_way += 1

    def settle(self, asked_ms: int, usd: float) -> None:
        """Book a call that has ended, on the day it was asked."""
        self._turn_the_page()
        self._under_way -= 1
        if asked_ms // DAY_MS < self._day:
            return
        self._dearest_usd = max(self._dearest_usd, usd)
        self._spent = Spent(self._spent.usd + usd, self._spent.calls + 1)
        self._tell()

    def in_words(self) -> str:
        """Say how much is used, for people."""
        share = self.share
        if share >= WARNED_FROM:
            return f"{100.0 * min(share, 1.0):.0f} % of today's budget used"
        return f"${self._spent.usd:.2f} of ${self._daily_usd:.2f} today"

    def _turn_the_page(self) -> None:
        today = self._utc_now_ms() // DAY_MS
        if today > self._day:
            self._day, self._spent, self._told, self._dearest_usd = today, Spent(), 0.0, 0.0

    def _tell(self) -> None:
        """Log each of the two marks once a day."""
        share = self.share
        for mark, consequence in ((1.0, "nothing more is asked"), (WARNED_FROM, "rules only soon")):
            if share >= mark > self._told:
                self._told = mark
                logger.warning(
                    "budget used purpose=%s percent=%.0f usd=%.4f of=%.2f calls=%d of=%d (%s)",
                    self._purpose, 100.0 * share, self._spent.usd, self._daily_usd,
                    self._spent.calls, self._daily_calls, consequence,
                )  # fmt: skip
                return


def _share(used: float, limit: float) -> float:
    return used / limit if limit > 0 else 1.0
