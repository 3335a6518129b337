"""Commands on their way through the journal."""

import json

import pytest

from core.model.alert import PRICE, Alert, Comparison
from core.model.command import (
    AddAlert,
    Close,
    Enter,
    Flatten,
    MoveLevels,
    PauseSymbol,
    RemoveAlert,
    ResumeSymbol,
    from_json,
    to_json,
)
from core.model.intervals import Interval
from core.model.signal import Direction
from core.model.source import Source

ALERT = Alert("BTCUSDT", Interval.M15, "rsi", Comparison.CROSSES, 70.0, "too far?", once=False)
COMMANDS = [
    Enter("BTCUSDT", Direction.LONG, 95.0, 110.0, risk_pct=0.5),
    Enter("BTCUSDT", Direction.SHORT, 105.0, 90.0, quantity=2.0),
    Close(3, 0.25),
    MoveLevels(3, stop=99.5),
    Flatten((Source.HAND, Source.POLICY)),
    PauseSymbol("ETHUSDT"),
    ResumeSymbol("ETHUSDT"),
    AddAlert(ALERT),
    AddAlert(Alert("BTCUSDT", None, PRICE, Comparison.ABOVE, 64_000.0)),
    RemoveAlert(7),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_comes_back_as_it_was(command):
    assert from_json(to_json(command)) == command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_with_another_field_or_one_too_few_is_refused(command):
    told = json.loads(to_json(command))
    with pytest.raises(ValueError, match="missing or unknown: more"):
        from_json(json.dumps(told | {"more": 1}))
    del told[next(name for name in told if name != "kind")]
    with pytest.raises(ValueError, match="missing or unknown"):
        from_json(json.dumps(told))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no object with a kind"),
        ('{"kind": "sell"}', "kind must be one of"),
        ('{"kind": "close", "trade_id": 1, "trade_id": 2, "share": 1.0}', "twice"),
        ('{"kind": "close", "trade_id": true, "share": 1.0}', "trade_id"),
        ('{"kind": "close", "trade_id": 1, "share": 0}', "share"),
        ('{"kind": "close", "trade_id": 1, "share": 1.01}', "share"),
        ('{"kind": "close", "trade_id": 1, "share": NaN}', "share"),
        ('{"kind": "move_levels", "trade_id": 1, "stop": null, "target": null}', "stop or target"),
        ('{"kind": "move_levels", "trade_id": 1, "stop": 1e400, "target": null}', "stop"),
        ('{"kind": "flatten", "sources": []}', "each once"),
        ('{"kind": "flatten", "sources": ["random"]}', "hand and policy only"),
        ('{"kind": "pause_symbol", "symbol": "BTC/USDT"}', "symbol"),
        ('{"kind": "add_alert", "alert": 3}', "alert must be an object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_command_is_refused_with_what_is_wrong(text, words):
    with pytest.raises(ValueError, match=words):
        from_json(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"risk_pct": None}, "exactly one"),
        ({"quantity": 1.0}, "exactly one"),
        ({"risk_pct": -1.0}, "risk_pct"),
        ({"direction": Direction.FLAT}, "LONG or SHORT"),
        ({"stop": 111.0}, "wrong sides"),
        ({"stop": 10**400}, "stop"),
    ],
)
def test_an_entry_that_cannot_be_is_not_made(changes, words):
    fields = {"direction": Direction.LONG, "stop": 95.0, "target": 110.0, "risk_pct": 0.5}
    with pytest.raises(ValueError, match=words):
        Enter("BTCUSDT", **fields | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"level": float("nan")}, "level"),
        ({"level": 0.0}, "above 0"),
        ({"interval": Interval.M1}, "no interval"),
        ({"note": "a\nb"}, "note"),
        ({"note": "x" * 201}, "note"),
        ({"once": 1}, "once"),
        ({"subject": ""}, "subject"),
        ({"comparison": "above"}, "comparison"),
    ],
)
def test_an_alert_that_cannot_be_is_not_made(changes, words):
    fields = {"interval": None, "subject": PRICE, "comparison": Comparison.ABOVE, "level": 1.0}
    with pytest.raises(ValueError, match=words):
        Alert("BTCUSDT", **fields | changes)
