"""A row has all fields of its dataclass, in their order, and nothing is copied."""

from dataclasses import dataclass

from core.journal.shallow import row_maker


@dataclass(frozen=True, slots=True)
class Kept:
    second: list[int]
    first: str = "as it is"


def test_a_row_holds_the_fields_in_their_order_as_they_are():
    numbers = [1, 2]
    row = row_maker(Kept)(Kept(numbers))
    assert list(row.items()) == [("second", [1, 2]), ("first", "as it is")]
    assert row["second"] is numbers


@dataclass(frozen=True, slots=True)
class Single:
    only: tuple[int, ...]


def test_a_dataclass_of_one_field_makes_a_row_too():
    assert row_maker(Single)(Single((1, 2))) == {"only": (1, 2)}
