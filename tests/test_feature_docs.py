"""docs/features.md says what the features are now."""

import pytest

from core.config import REPOSITORY
from core.model.features import FeatureGroup, FeatureSpec
from core.signals.features import FEATURES
from ops.commands.feature_docs import feature_docs

PAGE = REPOSITORY / "docs" / "features.md"


def test_the_page_is_what_the_features_say_of_themselves():
    assert PAGE.read_text() == feature_docs(FEATURES.values()), (
        "it is out of date: python main.py feature-docs > docs/features.md"
    )


def test_each_feature_is_listed_once_with_all_there_is_to_know():
    page = feature_docs(FEATURES.values())
    for group in FeatureGroup:
        assert page.count(f"\n## {group.capitalize()}\n") == 1
    for name, spec in FEATURES.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert all(f" {cell} |" in row for cell in (spec.unit, spec.source, spec.meaning))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(None, None, "any"), (0, None, "from 0"), (None, 2.5, "up to 2.5"), (-1, 1, "-1 to 1")],
)
def test_bounds_are_told_in_words(low, high, said):
    spec = FeatureSpec(FeatureGroup.TIME, "x", "y", low, high, "candles", "what")
    assert f"| `x` | y | {said} | candles | what |" in feature_docs([spec])
