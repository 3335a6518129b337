"""The runbook as steps that can be run: its blocks, and what they say of their results."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)(?: (.*?))?\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_OPTIONS = re.compile(r"soon|follow|sandbox|exit=\d+")
NOTHING = "(nothing)"


@dataclass(frozen=True)
class Step:
    """
    One block of commands.

    Attributes:
        line: Where it stands.
        expected: What it prints, line by line; None where nothing is stated.
        soon: Whether that may take a while to become true.
        follow: Whether it runs until somebody ends it.
        status: Its exit status.
    """

    line: int
    script: str
    expected: tuple[str, ...] | None
    soon: bool = False
    follow: bool = False
    status: int = 0

    @property
    def name(self) -> str:
        return f"line {self.line}: {self.script.splitlines()[0][:60]}"

    def holds(self, output: str) -> bool:
        """Whether an output has the stated lines, in their order."""
        if self.expected is None:
            return True
        if self.expected == (NOTHING,):
            return not output.strip()
        lines = iter(output.splitlines())
        return all(
            any(_pattern(wanted).fullmatch(line) for line in lines) for wanted in self.expected
        )


def steps_of(page: Path) -> list[Step]:
    """
    Read a page.

    Raises:
        ValueError: If a block has an option that nobody knows.
    """
    text = page.read_text(encoding="utf-8")
    blocks = list(_BLOCK.finditer(text))
    steps = []
    for number, block in enumerate(blocks):
        language, options, script = block.groups()
        if language != "bash":
            continue
        words = (options or "").split()
        if unknown := [word for word in words if not _OPTIONS.fullmatch(word)]:
            raise ValueError(f"{page.name}: a block has the options {unknown}")
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        stated = after is not None and after[1] == "text" and after.start() == block.end()
        steps.append(
            Step(
                line=text[: block.start()].count("\n") + 1,
                script=script,
                expected=tuple(after[3].splitlines()) if after and stated else None,
                soon="soon" in words,
                follow="follow" in words,
                status=next((int(w[5:]) for w in words if w.startswith("exit=")), 0),
            )
        )
    return steps


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, line.strip().split("..."))) + r"\s*")
