import pytest

from core.config.password_hash import LONGEST, PasswordHash

CHEAP = 1 << 14
WORD = "correct horse ☃ $1 'quoted'"
HASHED = PasswordHash.of(WORD, cost=CHEAP, parallel=1)


def test_only_the_password_matches():
    assert HASHED.matches(WORD)
    for other in ("", WORD[:-1], WORD + "x", WORD.upper(), "\x00" * 20, WORD + "x" * LONGEST):
        assert not HASHED.matches(other), other


def test_the_line_is_read_back_and_holds_nothing_that_a_shell_would_take():
    assert PasswordHash.parse(HASHED.line) == HASHED
    assert set(HASHED.line) <= set("scrypt:0123456789abcdef")
    assert WORD not in repr(HASHED)
    assert HASHED.salt.hex() not in repr(HASHED)


def test_each_hash_has_a_salt_of_its_own():
    assert PasswordHash.of(WORD, cost=CHEAP, parallel=1).line != HASHED.line


@pytest.mark.parametrize(
    "line",
    [
        "",
        WORD,
        HASHED.line.replace("scrypt", "md5"),
        HASHED.line.replace("16384", "1024"),  # weaker
        HASHED.line.replace("16384", "16385"),  # no power of two
        HASHED.line.replace("16384", "1048576"),  # a gigabyte
        HASHED.line.replace(":8:", ":99:"),
        HASHED.line.replace(":8:", ":0:"),
        HASHED.line + "00",
        HASHED.line[:-2],
        HASHED.line + "\n",
        HASHED.line.replace("16384", "\u0661\u0666"),
    ],
)
def test_what_is_no_hash_of_ours_is_refused_without_repeating_it(line):
    with pytest.raises(ValueError, match=r"python main\.py password") as caught:
        PasswordHash.parse(line)
    assert not line or line.strip() not in str(caught.value)


@pytest.mark.parametrize("word", ["", "123456789", "x" * (LONGEST + 1)])
def test_a_password_must_be_long_but_not_endless(word):
    with pytest.raises(ValueError, match="10 to 256 characters"):
        PasswordHash.of(word, cost=CHEAP, parallel=1)
