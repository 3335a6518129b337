from core.journal.decision_reader import DecisionLine
from core.model.signal import Direction, Outcome, Strength
from tests.core.journal.builders import key
from ui.panels.evaluations import evaluation_rows


def test_a_row_says_outcome_score_and_reason_and_whether_a_setup_forms():
    forming = DecisionLine(
        4, key(), Outcome.HOLD, "score +0.28", Direction.FLAT, Strength.HOLD, 0.28, 47.0, "no_key"
    )
    down = DecisionLine(5, key(1), Outcome.ENGINE_DOWN, "stopped", None, None, None, None, "")
    first, second = evaluation_rows((forming, down), 0.3)
    assert (first["id"], first["outcome"], first["score"]) == ("4", "hold, setup forming", 0.28)
    assert first["analyst"] == "no key for deepseek is set"
    assert (second["outcome"], second["isBad"], second["direction"]) == ("engine down", True, "")
