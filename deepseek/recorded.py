"""An analyst that says again what a model once said, for replays."""

from collections.abc import Mapping

from core.model.verdict import Abstention, AbstentionReason, Consultation, Facts, LlmCall
from deepseek.claims import in_words, weighed
from deepseek.prompt import prompt_for, prompt_sha256
from deepseek.reply import parse_reply

_MODEL = "recorded"


class RecordedBrain:
    """
    An `Analyst` that looks its answers up by the hash of the question.

    Only the model's words are taken from the record. They are read and checked
    by the code of today, as if they had just come.
    """

    def __init__(self, answers: Mapping[str, str], *, wrong_claims_refused: float = 0.34) -> None:
        """
        Args:
            answers: Recorded text by ``prompt_sha256``. An empty text is an answer that
                did not come.
            wrong_claims_refused: As `DeepSeekSettings` has it.
        """
        self._answers = answers
        self._wrong_claims_refused = wrong_claims_refused

    async def judge(self, facts: Facts) -> Consultation:
        """Say what was said then; abstain where nothing is recorded."""
        prompt = prompt_for(facts)
        sha256 = prompt_sha256(prompt)
        answer = self._answers.get(sha256, "")
        if not answer:
            return Consultation(
                Abstention(AbstentionReason.NOT_RECORDED, f"no answer to question {sha256[:12]}")
            )
        verdict, checks = weighed(
            parse_reply(answer, facts.close), facts, self._wrong_claims_refused
        )
        call = LlmCall(
            prompt=prompt.text,
            prompt_sha256=sha256,
            answer=answer,
            model=_MODEL,
            prompt_tokens=0,
            cache_hit_tokens=0,
            completion_tokens=0,
            cost_usd=0.0,
            latency_ms=0,
            verdict=in_words(verdict),
            checks=checks,
            cached=True,
        )
        return Consultation(verdict, (call,))
