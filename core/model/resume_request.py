"""Somebody's wish to trade again after a drawdown, as it is put into the control table."""

import json
from dataclasses import asdict, dataclass

RESUME_TRADING = "resume_trading"
"""Key of the control table: the newest request; the engine obeys when its number has grown."""

RESUMED_TRADING = "resumed_trading"
"""Key of the control table: number of the newest request that the engine carried out."""

LONGEST_REASON = 500
"""Characters; it is a line of a log."""


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    """
    One request.

    Attributes:
        number: Higher than that of any request before.
        who: Name of the account on this machine that asked.
        reason: In that person's words; one line.

    Raises:
        ValueError: If the number is not positive, or the words are none, too long or not
            printable.
    """

    number: int
    who: str
    reason: str

    def __post_init__(self) -> None:
        if type(self.number) is not int or self.number < 1:
            raise ValueError(f"number must be at least 1, was {self.number!r}")
        for words in (self.who, self.reason):
            if not isinstance(words, str) or not words.strip() or not words.isprintable():
                raise ValueError(f"must be words on one line, was {words!r:.80}")
            if len(words) > LONGEST_REASON:
                raise ValueError(f"must be at most {LONGEST_REASON} characters, was {len(words)}")

    def to_json(self) -> str:
        """Return the request as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ResumeRequest":
        """
        Read what `to_json` wrote.

        Raises:
            ValueError: If it is something else.
        """
        try:
            return cls(**json.loads(text))
        except (TypeError, RecursionError) as error:
            raise ValueError(f"not a request to resume: {text[:80]!r}") from error
