"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """From good to bad."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """
    Attributes:
        name: Of the check, in snake case.
        words: What was found, one line.
        advice: What to do; empty where nothing is.
    """

    name: str
    verdict: Verdict
    words: str
    advice: str = ""

    @property
    def line(self) -> str:
        """Return it for people, as one line."""
        told = f"{self.verdict.value:<8} {self.name:<16} {self.words}"
        return _one_line(f"{told} -> {self.advice}" if self.advice else told)


def fine(name: str, words: str) -> Diagnosis:
    """Return that nothing is wrong."""
    return Diagnosis(name, Verdict.OK, words)


def warning(name: str, words: str, advice: str = "") -> Diagnosis:
    """Return that somebody should look, though all works."""
    return Diagnosis(name, Verdict.WARNING, words, advice)


def problem(name: str, words: str, advice: str = "") -> Diagnosis:
    """Return that something does not work, or will not for long."""
    return Diagnosis(name, Verdict.PROBLEM, words, advice)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
