"""What is sealed opens with its passphrase only, and no bit of it can be changed."""

import pytest

from ops.backup.errors import BackupError
from ops.backup.sealed import Cost, seal, unseal

CHEAP = Cost(log2_n=2, r=1)
TEXT = b"DEEPSEEK_API_KEY=sk-1234567890abcdef\n"


def test_it_opens_with_its_passphrase_and_is_another_each_time():
    first, second = (seal(TEXT, "correct horse", CHEAP) for _ in range(2))
    assert first != second
    assert unseal(first, "correct horse") == unseal(second, "correct horse") == TEXT
    assert b"sk-" not in first


@pytest.mark.parametrize("other", ["correct horsE", "", "correct horse "])
def test_another_passphrase_is_one_line(other):
    with pytest.raises(BackupError, match="do not open") as refused:
        unseal(seal(TEXT, "correct horse", CHEAP), other)
    assert "\n" not in str(refused.value)


def test_a_change_of_any_byte_is_found_the_header_included():
    sealed = seal(TEXT, "correct horse", CHEAP)
    for place in range(len(sealed)):
        for change in (0x01, 0x80):
            damaged = bytearray(sealed)
            damaged[place] ^= change
            with pytest.raises(BackupError):
                unseal(bytes(damaged), "correct horse")


def test_any_shorter_piece_is_refused():
    sealed = seal(TEXT, "correct horse", CHEAP)
    for length in range(len(sealed)):
        with pytest.raises(BackupError):
            unseal(sealed[:length], "correct horse")


@pytest.mark.parametrize(
    "cost", [Cost(30, 8, 1), Cost(17, 255, 1), Cost(17, 8, 255), Cost(0, 8, 1)]
)
def test_a_file_that_asks_for_too_much_memory_or_time_is_refused(cost):
    sealed = bytearray(seal(TEXT, "correct horse", CHEAP))
    sealed[7:10] = bytes((cost.log2_n, cost.r, cost.p))
    with pytest.raises(BackupError, match="damaged"):
        unseal(bytes(sealed), "correct horse")


def test_a_newer_form_is_named():
    sealed = bytearray(seal(TEXT, "correct horse", CHEAP))
    sealed[6] = 9
    with pytest.raises(BackupError, match="of form 9"):
        unseal(bytes(sealed), "correct horse")


def test_a_guess_costs_what_is_recommended():
    assert (Cost().log2_n, Cost().r, Cost().p) == (17, 8, 1)
