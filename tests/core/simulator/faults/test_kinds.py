"""Faults as JSON: what is accepted, and what an error names."""

import msgspec
import pytest

from core.simulator.errors import SimulatorError
from core.simulator.faults.kinds import KINDS, Drop, MissingClose, RestGap, parse_fault

NEEDED = {
    "delay": {"ms": 5},
    "rest_slow": {"ms": 5},
    "clock_skew": {"ms": -86_400_000},
    "rest_gap": {"from_ms": 1, "to_ms": 2},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_told_and_tells_itself(kind: str):
    told = {"kind": kind, "seconds": 2.5, **NEEDED.get(kind, {})}
    fault = parse_fault(msgspec.json.encode(told))
    assert fault.kind == kind
    assert told.items() <= msgspec.to_builtins(fault).items()


def test_what_is_not_told_has_a_default():
    assert parse_fault('{"kind":"drop"}') == Drop(code=1006)
    assert parse_fault('{"kind":"missing_close","symbols":["A"]}') == MissingClose(symbols=("A",))
    assert parse_fault('{"kind":"rest_gap","from_ms":1,"to_ms":9}') == RestGap(from_ms=1, to_ms=9)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"kind":"flood"}', "flood"),
        ("{}", "kind"),
        ("", "fault"),
        ("[]", "array"),
        ("{", "truncated"),
        ("\ud800", "fault"),
        ('{"kind":"drop","code":1007}', "code"),
        ('{"kind":"garbage","seed":9223372036854775808}', "seed"),
        ('{"kind":"garbage","seed":-1}', "seed"),
        ('{"kind":"refuse","status":200}', "status"),
        ('{"kind":"rest_error","status":404}', "status"),
        ('{"kind":"duplicate","share":1.5}', "share"),
        ('{"kind":"duplicate","share":-0.1}', "share"),
        ('{"kind":"duplicate","share":NaN}', "fault"),
        ('{"kind":"duplicate","shar":0.5}', "shar"),
        ('{"kind":"mute","seconds":0}', "seconds"),
        ('{"kind":"mute","seconds":"5"}', "seconds"),
        ('{"kind":"delay"}', "ms"),
        ('{"kind":"delay","ms":1.5}', "ms"),
        ('{"kind":"clock_skew","ms":99999999999}', "ms"),
        ('{"kind":"rest_gap","from_ms":5,"to_ms":5}', "to_ms"),
        ('{"kind":"missing_close","symbols":"BTCUSDT"}', "symbols"),
    ],
)
def test_what_is_no_fault_is_refused_by_name(text: str, named: str):
    with pytest.raises(SimulatorError, match=named):
        parse_fault(text)
