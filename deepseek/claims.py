"""
Whether an analyst relied on what it was shown. Pure.

Every piece of evidence is a feature's name and value, so it can be held
against the facts of the question. Wrong claims cost confidence; from a share
of them on, the answer is about some other market and is refused.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from core.model.verdict import (
    Abstention,
    AbstentionReason,
    Action,
    Check,
    Evidence,
    Facts,
    Verdict,
    View,
)

# The prompt prints a feature with 5 significant digits and asks for them exactly. A claim that is
# rounded to 3 of them is still honest; that moves it by at most half a unit of the third digit,
# which is 0.5 % where the first digit is 1.
TOLERANCE: Final = 0.005
# An opinion that would move money and names no evidence cannot be checked: it is worth half.
UNSUPPORTED_CONFIDENCE: Final = 0.5
_CLOSE: Final = "close"
_NAMED: Final = 3  # wrong claims in a refusal's words
_NAME_CHARACTERS: Final = 40


def checks_of(evidence: Iterable[Evidence], facts: Facts) -> tuple[Check, ...]:
    """Hold each claim against the fact of its name; a name that is not known is wrong."""
    return tuple(_check(claim, facts) for claim in evidence)


def weighed(
    verdict: Verdict, facts: Facts, wrong_claims_refused: float
) -> tuple[Verdict, tuple[Check, ...]]:
    """
    Return the verdict with what its claims are worth, and the checks.

    A feature that is claimed several times counts once, and is wrong if any
    of its claims is: a wrong claim cannot be drowned in repeated right ones.
    From ``wrong_claims_refused`` on, a share of the features, there is no view.
    """
    if isinstance(verdict, Abstention):
        return verdict, ()
    checks = checks_of(verdict.evidence, facts)
    if not checks:
        acts = verdict.action is not Action.HOLD
        factor = UNSUPPORTED_CONFIDENCE if acts else 1.0
        return replace(verdict, confidence=verdict.confidence * factor), ()
    claimed = {check.feature for check in checks}
    wrong = {check.feature: check for check in checks if not check.holds}
    share = len(wrong) / len(claimed)
    if wrong and share >= wrong_claims_refused:
        return _refuted(tuple(wrong.values()), len(claimed)), checks
    return replace(verdict, confidence=verdict.confidence * (1.0 - share), checks=checks), checks


def in_words(verdict: Verdict) -> str:
    """Return ``LONG 70``, or an abstention's reason code."""
    if isinstance(verdict, View):
        return f"{verdict.action.value} {verdict.confidence:.0f}"
    return verdict.reason.value


def _check(claim: Evidence, facts: Facts) -> Check:
    fact = facts.features.values.get(claim.feature)
    if fact is None and claim.feature == _CLOSE:
        fact = facts.close
    if fact is None or not math.isfinite(fact):
        return Check(claim.feature, claim.value, None, holds=False)
    holds = math.isclose(claim.value, fact, rel_tol=TOLERANCE)
    return Check(claim.feature, claim.value, fact, holds=holds)


def _refuted(wrong: Sequence[Check], claimed: int) -> Abstention:
    said = ", ".join(_contradiction(check) for check in wrong[:_NAMED])
    be = "claim is" if claimed == 1 else "claims are"
    return Abstention(AbstentionReason.EVIDENCE, f"{len(wrong)} of {claimed} {be} wrong: {said}")


def _contradiction(check: Check) -> str:
    name = check.feature[:_NAME_CHARACTERS]
    actual = "is not known" if check.actual is None else f"is {check.actual:.5g}"
    return f"{name} said {check.claimed:.5g}, {actual}"
