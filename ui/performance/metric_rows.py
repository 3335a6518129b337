"""What each figure is called, how it is made, and why there is none where there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.signals.metrics import Bounds
from core.signals.metrics.bootstrap import LEAST_RESAMPLED
from core.signals.metrics.returns import LEAST_DAYS_OF_CALMAR
from ops.success_report import AccountReport
from ui.figures.numbers import THIN_SPACE, number


@dataclass(frozen=True, slots=True)
class Style:
    """
    How a number is written.

    Attributes:
        factor: The number is multiplied by it: 100 for percent.
        signed: Whether a gain carries a plus, and a colour.
    """

    decimals: int = 0
    unit: str = ""
    factor: float = 1.0
    signed: bool = False

    def text(self, value: float) -> str:
        """Return a number with its unit."""
        return self.bare(value) + (f"{THIN_SPACE}{self.unit}" if self.unit else "")

    def bare(self, value: float) -> str:
        """Return a number without its unit."""
        return number(value * self.factor, self.decimals, signed=self.signed)

    def interval(self, bounds: Bounds | None) -> str:
        """Return ``low to high`` without the unit; empty where there is none."""
        if bounds is None:
            return ""
        high = "no limit" if bounds.high is None else self.bare(bounds.high)
        return f"{self.bare(bounds.low)} to {high}"


COUNT: Final = Style()
SHARE: Final = Style(1, "%", 100.0)
DEPTH: Final = Style(2, "%", 100.0)
RATIO: Final = Style(2)
MONEY: Final = Style(2, "USD")
CENTS: Final = Style(4, "USD")
GAIN: Final = Style(2, "USD", signed=True)
MULTIPLE: Final = Style(2, "R", signed=True)
LENGTH: Final = Style(1, "days")

Reason = Callable[[AccountReport], str]


def _always(_: AccountReport) -> str:
    return ""


def _trades(account: AccountReport) -> str:
    return _less(account.metrics.closed_trades, LEAST_RESAMPLED, "closed trades")


def _days(account: AccountReport) -> str:
    return account.equity_note or _less(account.metrics.days, LEAST_RESAMPLED, "days")


def _month(account: AccountReport) -> str:
    return account.equity_note or _less(account.metrics.days, LEAST_DAYS_OF_CALMAR, "days")


def _curve(account: AccountReport) -> str:
    return account.equity_note


def _less(count: int, least: int, what: str) -> str:
    return f"{count} of {least} {what}" if count < least else ""


@dataclass(frozen=True, slots=True)
class Metric:
    """
    A figure of an account.

    Attributes:
        key: Its name in `SuccessMetrics`, or ``open_trades`` of the report.
        formula: For people, as docs/metrics.md has it.
        few: Why it rests on too little to be told; empty where it does not.
        none: Why there is none though enough was recorded.
    """

    key: str
    label: str
    formula: str
    style: Style
    few: Reason = _always
    none: str = ""

    def value(self, account: AccountReport) -> float | None:
        """Return the figure whatever it rests on; None where there is none."""
        of = account if self.key == "open_trades" else account.metrics
        found: float | None = getattr(of, self.key)
        return found

    def reason(self, account: AccountReport) -> str:
        """Return why there is none, or too little to tell it."""
        return self.few(account) or self.none

    def bounds(self, account: AccountReport) -> Bounds | None:
        """Return its interval; None where it has none."""
        found: Bounds | None = getattr(account.bounds, self.key, None)
        return found


_NO_CURVE = "no point of equity yet"
METRICS: Final = (
    Metric("net_pnl_usd", "Net P&L", "Sum of the results of closed trades, after fees and funding. "
           "What the model's answers cost is not part of it.", GAIN),
    Metric("closed_trades", "Closed trades", "Trades that were closed in this stretch of time.",
           COUNT),
    Metric("open_trades", "Open trades", "Pending or open now, whatever the stretch of time.",
           COUNT),
    Metric("signals", "Signals", "Entries that were decided in this stretch of time, those that "
           "were refused or never filled too.", COUNT),
    Metric("win_rate", "Win rate", "Trades with a result above 0 / closed trades.", SHARE,
           _trades),
    Metric("profit_factor", "Profit factor", "Money won / money lost.", RATIO,
           _trades, "nothing was lost"),
    Metric("expectancy_r", "Average R", "Mean result of a closed trade, in multiples of the money "
           "risked at its entry.", MULTIPLE, _trades, "no trade has a known risk"),
    Metric("expectancy_usd", "Expectancy", "Mean result of a closed trade, after fees and funding.",
           GAIN, _trades),
    Metric("sharpe", "Sharpe ratio", "Mean / standard deviation of daily returns · √365; "
           "risk-free rate 0. A day is a UTC day of feed time.", RATIO,
           _days, "all days were alike"),
    Metric("sortino", "Sortino ratio", "Mean of daily returns / √(mean of min(return, 0)² over all "
           "days) · √365; target 0.", RATIO, _days, "no day lost"),
    Metric("calmar", "Calmar ratio", "((end / start)^(365 / days) - 1) / maximum drawdown.", RATIO,
           _month, "no drawdown to divide by"),
    Metric("max_drawdown", "Maximum drawdown", "Deepest fall of equity, open P&L included, below "
           "an earlier peak, as a share of that peak.", DEPTH, _curve, _NO_CURVE),
    Metric("drawdown_days", "Drawdown length", "From the peak of the maximum drawdown to the first "
           "point that reached it again, else to the last point.", LENGTH, _curve, _NO_CURVE),
    Metric("exposure", "Exposure", "Time-weighted mean of the notional held / equity.", RATIO,
           _curve, "the curve covers no time yet"),
    Metric("time_in_market", "Time in the market", "Share of the time in which anything was held.",
           SHARE, _curve, "the curve covers no time yet"),
    Metric("fees_usd", "Fees", "Paid on closed trades; part of the net P&L.", MONEY),
    Metric("funding_usd", "Funding paid", "On closed trades, part of the net P&L; negative where "
           "it was received.", MONEY),
    Metric("llm_usd", "LLM cost", "Price of the model's answers for decisions; not part of the "
           "P&L. Nothing for other accounts than the one as traded.", CENTS),
)  # fmt: skip
"""In the order they are shown."""
