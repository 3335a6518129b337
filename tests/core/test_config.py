"""Whatever surprises in the configuration is an error that names it, and shows no secret."""

import copy
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.config import (
    REPOSITORY,
    ConfigError,
    Home,
    HomeError,
    Policy,
    load_settings,
    parse_settings,
)
from core.model.intervals import Interval
from tests.builders import committed_document, settings

TEXT = (REPOSITORY / "config.yaml").read_text(encoding="utf-8")
KEY = "sk-0123456789abcdef"


def document(path: str = "", value: object = None) -> dict[str, object]:
    """The committed configuration with the value at a dotted ``path`` replaced."""
    whole = committed_document()
    if path:
        *sections, key = path.split(".")
        place = whole
        for section in sections:
            place = place[section]
        place[key] = value
    return whole


def fault(path: str, value: object, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_settings(document(path, value), environ)
    return str(caught.value)


def written(folder: Path, text: str = TEXT, dotenv: str | None = None) -> Path:
    if dotenv is not None:
        (folder / ".env").write_text(dotenv, encoding="utf-8")
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder / "config.yaml"


def test_the_committed_file_is_valid_and_gives_the_documented_defaults():
    made = settings()
    assert made.symbols == ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    assert made.signals.interval is Interval.M15
    assert made.signals.policy is Policy.CONFIRM
    assert made.dashboard.port == 8050
    assert made.deepseek.api_key is None


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        settings().dashboard.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("symbls", "did you mean symbols?"),
        ("exchange.rest_ur", "did you mean rest_url?"),
        ("deepseek.chat.daily_us", "did you mean daily_usd?"),
        ("paper.zzz", "allowed: starting_equity_usd, taker_fee_bps, maker_fee_bps, slippage_bps"),
    ],
)
def test_an_unknown_key_names_itself_and_the_nearest_one(path, nearest):
    message = fault(path, 1)
    assert f"config.yaml: unknown key {path} " in message
    assert nearest in message


def test_the_value_of_an_unknown_key_is_not_repeated():
    assert KEY not in fault("deepseek.api_kye", KEY)


@pytest.mark.parametrize("path", ["data", "exchange", "risk.risk_per_trade_pct"])
def test_a_missing_key_is_named(path):
    whole = document()
    *sections, key = path.split(".")
    del (whole[sections[0]] if sections else whole)[key]
    with pytest.raises(ConfigError, match=f"missing key {path}"):
        parse_settings(whole, {})


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("data.history_days", "30", "valid integer"),
        ("data.history_days", True, "valid integer"),
        ("data.history_days", 30.0, "valid integer"),
        ("signals.threshold", "0.5", "valid number"),
        ("signals.threshold", None, "valid number"),
        ("exchange.rest_url", 5, "valid string"),
        ("symbols", "BTCUSDT", "must be a list"),
        ("symbols", [1], "valid string"),
        ("exchange", None, "must be a section of keys, was NoneType"),
        ("deepseek", KEY, "must be a section of keys, was str"),
    ],
)
def test_a_wrong_type_names_key_and_expectation(path, value, said):
    message = fault(path, value)
    assert message.startswith(f"config.yaml: {path}")
    assert said in message
    assert KEY not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("risk.risk_per_trade_pct", 2.1, "less than or equal to 2"),
        ("risk.risk_per_trade_pct", 0, "greater than 0"),
        ("signals.threshold", 1.5, "less than or equal to 1"),
        ("data.history_days", 0, "greater than or equal to 1"),
        ("dashboard.port", 65_536, "less than or equal to 65535"),
        ("signals.interval", "2m", "'1m', '5m', '15m', '1h', '4h' or '1d'"),
        ("signals.policy", "maybe", "'rules', 'confirm' or 'analyst'"),
        ("logging.level", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("dashboard.host", "here", "an address of this machine"),
        ("symbols", ["BTCUSDT", "ETHUSDT", "BTCUSDT"], "names BTCUSDT more than once"),
    ],
)
def test_a_value_out_of_range_names_key_value_and_what_is_allowed(path, value, allowed):
    message = fault(path, value)
    assert message.startswith(f"config.yaml: {path} = {value!r}: ")
    assert allowed in message
    assert "\n" not in message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("path", ["signals.threshold", "feed.silence_s", "deepseek.chat.daily_usd"])
def test_what_is_no_finite_number_is_refused(path, value):
    assert f"{path} = {value!r}: " in fault(path, value)


@pytest.mark.parametrize(
    "name", ["btcusdt", "BTC/USDT", "BTC USDT", "BTCUSDT\n", "../X", "A@B", "A\x00", "A\x1b[2J"]
)
def test_a_symbol_that_could_split_a_path_or_stream_is_refused_in_words(name):
    message = fault("symbols", [name])
    assert message == (
        f"config.yaml: symbols.0 = {name!r}: must be a symbol as Binance names it, such as BTCUSDT"
    )


def test_a_symbol_may_be_foreign_or_carry_an_expiry():
    made = parse_settings(document("symbols", ["币安人生USDT", "BTCUSDT_261225"]), {})
    assert made.symbols == ("币安人生USDT", "BTCUSDT_261225")


@pytest.mark.parametrize(
    "url",
    [
        "http://a:1/fapi",
        "http://a:1?x",
        "http://a:1#x",
        "http://user:word@a:1",
        "http://a:99999",
        "http://a:0",
        "http://a:1?",
        "http://a:1#",
        "http://a\x01b",
        "http://a:\u0663",
        "http://a:x",
        "http://a b:1",
        "http://:80",
        "http://",
        "http://[",
        "a:1",
        "ftp://a",
        "ws://a:1",
    ],
)
def test_a_rest_address_is_scheme_host_and_port(url):
    assert fault("exchange.rest_url", url).startswith(f"config.yaml: exchange.rest_url = {url!r}")


def test_the_stream_address_is_a_websocket_address():
    assert "wss://host:port" in fault("exchange.ws_url", "https://fstream.binance.com")


def test_a_final_slash_is_not_a_path():
    assert settings(BINANCE_FUTURES_REST_URL="http://[::1]:81/").exchange.rest_url == (
        "http://[::1]:81"
    )


def test_every_fault_has_a_line_of_its_own():
    whole = document("dashboard.port", 0)
    whole["symbls"] = whole.pop("symbols")
    with pytest.raises(ConfigError) as caught:
        parse_settings(whole, {}, source="mine.yaml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith("mine.yaml: ") for line in lines)


def test_a_key_that_is_no_text_is_an_error_too():
    assert "Keys should be strings" in fault("exchange", {**document()["exchange"], 1: 2})


@pytest.mark.parametrize(
    ("value", "quote", "number"),
    [
        ("all", None, None),
        ({"quote": "USDT"}, "USDT", None),
        ({"quote": "USDC", "top_by_volume": 50}, "USDC", 50),
    ],
)
def test_a_universe_is_all_or_those_of_a_quote_or_the_largest_of_them(value, quote, number):
    made = parse_settings(document("universe", value), {}).universe
    assert made is not None
    assert (made.quote, made.top_by_volume) == (quote, number)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("some", "must be all, or a section"),
        (5, "must be all, or a section"),
        (["BTCUSDT"], "must be all, or a section"),
        ({}, "missing key universe.quote"),
        ({"quote": "usdt"}, "universe.quote = 'usdt': must be an asset in upper case"),
        ({"quote": "USDT", "top_by_volume": 0}, "universe.top_by_volume = 0"),
        ({"quote": "USDT", "top_by_volume": 1001}, "universe.top_by_volume = 1001"),
        ({"quote": "USDT", "top_by_volume": "50"}, "valid integer"),
        ({"quote": "USDT", "top": 5}, "unknown key universe.top (allowed: quote, top_by_volume)"),
        ({"quote": "USDT", "top_by_volum": 5}, "did you mean top_by_volume?"),
        ({"quote": None, "top_by_volume": 5}, "top_by_volume needs a quote"),
    ],
)
def test_a_universe_that_is_none_is_explained(value, said):
    assert said in fault("universe", value)


def test_without_a_list_the_universe_is_what_is_followed():
    whole = document("universe", "all")
    del whole["symbols"]
    assert parse_settings(whole, {}).symbols == ()


@pytest.mark.parametrize("symbols", [{}, {"symbols": []}])
def test_without_a_list_and_a_universe_there_is_nothing_to_follow(symbols):
    whole = document()
    del whole["symbols"]
    with pytest.raises(ConfigError, match=r"config\.yaml: symbols, universe: at least one"):
        parse_settings(whole | symbols, {})


def test_the_environment_overrides_the_file():
    made = settings(
        BINANCE_FUTURES_REST_URL="http://127.0.0.1:1",
        BINANCE_FUTURES_WS_URL="ws://127.0.0.1:2",
        DEEPSEEK_BASE_URL="http://127.0.0.1:3/v1",
        DEEPSEEK_API_KEY=KEY,
        DASHBOARD_PORT="8150",
        ENGINE_PORT="8151",
    )
    assert made.exchange.rest_url == "http://127.0.0.1:1"
    assert made.exchange.ws_url == "ws://127.0.0.1:2"
    assert made.deepseek.base_url == "http://127.0.0.1:3/v1"
    assert made.deepseek.api_key is not None
    assert made.deepseek.api_key.get_secret_value() == KEY
    assert (made.dashboard.port, made.engine.port) == (8150, 8151)


def test_an_empty_variable_overrides_nothing():
    made = settings(DEEPSEEK_API_KEY="", DASHBOARD_PORT="", BINANCE_FUTURES_REST_URL="")
    assert made == settings()


def test_overriding_leaves_the_document_alone():
    whole = document()
    before = copy.deepcopy(whole)
    parse_settings(whole, {"DASHBOARD_PORT": "1234"})
    assert whole == before


@pytest.mark.parametrize(
    "text",
    [
        "80x",
        "-1",
        "8050.0",
        " 8050",
        "0x10",
        "\u0663\u0663",
        "\u00b2",
        pytest.param("9" * 5000, id="huge"),
    ],
)
def test_a_port_that_is_no_number_names_its_variable(text):
    with pytest.raises(ConfigError, match=r"DASHBOARD_PORT = .* must be a port number"):
        settings(DASHBOARD_PORT=text)


def test_what_a_variable_says_is_not_blamed_on_the_document():
    with pytest.raises(
        ConfigError, match=r"^DASHBOARD_PORT \(environment or .env\): dashboard.port"
    ):
        settings(DASHBOARD_PORT="99999")
    with pytest.raises(ConfigError, match=r"^BINANCE_FUTURES_REST_URL \(environment"):
        settings(BINANCE_FUTURES_REST_URL="nope")
    with pytest.raises(ConfigError, match=r"^DASHBOARD_PORT and config.yaml: .* must differ"):
        settings(DASHBOARD_PORT="8051")


def test_a_port_out_of_range_names_its_key():
    with pytest.raises(ConfigError, match=r"engine\.port = 99999"):
        settings(ENGINE_PORT="99999")


def test_the_key_is_in_no_representation_of_the_settings():
    made = settings(DEEPSEEK_API_KEY=KEY)
    assert KEY not in repr(made) + str(made) + made.model_dump_json()


@pytest.mark.parametrize(
    "value", [[KEY], 12_345, {"x": KEY}, f"{KEY} ", f"{KEY}\n", f"\u00e9{KEY}"]
)
def test_a_wrong_key_is_not_shown(value):
    message = fault("deepseek.api_key", value)
    assert "deepseek.api_key" in message
    assert str(value) not in message
    assert KEY not in message


def test_a_dotenv_file_beside_the_configuration_is_read(tmp_path):
    path = written(tmp_path, dotenv=f'DEEPSEEK_API_KEY="{KEY}"\nDASHBOARD_PORT=8150 # mine\n')
    made = load_settings(path, {})
    assert made.deepseek.api_key is not None
    assert made.dashboard.port == 8150


def test_the_environment_wins_over_dotenv(tmp_path):
    path = written(tmp_path, dotenv="DASHBOARD_PORT=8150\nENGINE_PORT=8151\n")
    made = load_settings(path, {"DASHBOARD_PORT": "8250"})
    assert (made.dashboard.port, made.engine.port) == (8250, 8151)


def test_a_dotenv_that_is_no_text_is_an_error_that_does_not_quote_it(tmp_path):
    path = written(tmp_path)
    (tmp_path / ".env").write_bytes(KEY.encode() + b"\xff")
    with pytest.raises(ConfigError, match=r"\.env: cannot be read") as caught:
        load_settings(path, {})
    assert KEY not in str(caught.value)


def test_a_missing_file_says_where_it_looked(tmp_path):
    path = tmp_path / "nothing.yaml"
    with pytest.raises(ConfigError, match=f"{path}: no such file"):
        load_settings(path, {})
    with pytest.raises(ConfigError, match=f"{path}: no such file"):
        load_settings(None, {"TRADING_CONFIG": str(path)})


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "42", "just words"])
def test_a_document_that_is_no_mapping_is_an_error(tmp_path, text):
    with pytest.raises(ConfigError, match=r"config\.yaml: must be a mapping of keys"):
        load_settings(written(tmp_path, text), {})


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: b: c",
        "\t- x",
        "? [a]\n: 1",
        "a: 2026-99-99",
        pytest.param("a: " + "9" * 5000, id="huge"),
        "\0",
    ],
)
def test_a_file_that_is_not_yaml_is_an_error(tmp_path, text):
    with pytest.raises(ConfigError, match=r"config\.yaml: not YAML: "):
        load_settings(written(tmp_path, text), {})


def test_a_syntax_error_gives_the_line_without_quoting_it(tmp_path):
    text = f"deepseek: {{api_key: {KEY}\nsymbols: [\n"
    with pytest.raises(ConfigError, match="line 2") as caught:
        load_settings(written(tmp_path, text), {})
    assert KEY not in str(caught.value)


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "config.yaml", {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_a_demo_has_its_own_interval_and_history_and_asks_nobody(tmp_path):
    path = written(tmp_path, dotenv=f"DEEPSEEK_API_KEY={KEY}\n")
    made = load_settings(path, {"DEEPSEEK_API_KEY": KEY}, demo=True)
    assert made.signals.interval is made.demo.interval
    assert made.data.history_days == made.demo.history_days
    assert made.deepseek.api_key is None


def test_the_home_is_trading_home_or_else_the_checkout(tmp_path):
    assert Home.from_environment({}).root == REPOSITORY
    assert Home.from_environment({"TRADING_HOME": ""}).root == REPOSITORY
    home = Home.from_environment({"TRADING_HOME": str(tmp_path / "x" / ".." / "y")})
    assert home.root == tmp_path / "y"
    assert home.database == tmp_path / "y" / "data" / "trading_signals.db"


def test_a_home_makes_its_directories_as_often_as_asked(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    home.create()
    made = {str(path.relative_to(home.root)) for path in home.root.rglob("*")}
    assert made == {"data", "data/cache", "data/run", "logs", "backups", "reports"}


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_home_that_is_a_file_or_lies_below_one_is_named(tmp_path, below):
    (tmp_path / "file").touch()
    named = tmp_path / "file" / below
    with pytest.raises(HomeError, match=re.escape(str(named))):
        Home.from_environment({"TRADING_HOME": str(named)})


def test_a_home_of_an_impossible_name_is_refused(tmp_path):
    with pytest.raises(HomeError, match="too long"):
        Home.from_environment({"TRADING_HOME": str(tmp_path / ("x" * 300))})


def test_a_home_behind_a_loop_of_links_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(HomeError, match="loop"):
        Home.from_environment({"TRADING_HOME": str(tmp_path / "loop")})


def test_a_home_whose_directories_cannot_be_made_names_the_one(tmp_path):
    (tmp_path / "logs").touch()
    with pytest.raises(HomeError, match=r"logs: cannot be made: File exists"):
        Home(tmp_path).create()


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(document())), values), values)
def test_no_document_is_more_than_a_config_error(changes, extra):
    whole = document() | changes | {"extra": extra}
    with pytest.raises(ConfigError):
        parse_settings(whole, {})


def test_two_servers_cannot_share_a_port():
    assert "dashboard.port and engine.port = 8050: must differ" in fault("engine.port", 8050)


def test_a_key_that_is_there_twice_is_an_error_with_its_line(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("universe: all\nsymbols: [BTCUSDT]\nuniverse: {quote: USDT}\n")
    with pytest.raises(ConfigError, match="line 3: key universe is there twice"):
        load_settings(path, {})


def test_a_value_without_end_is_shown_in_short(tmp_path):
    path = tmp_path / "config.yaml"
    bomb = "[&a [1], " + ", ".join(
        f"&{b} [*{a},*{a},*{a},*{a},*{a},*{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    path.write_text(f"symbols: {bomb}]\nfeed: {'x' * 100_000}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    assert len(str(caught.value)) < 10_000
    assert len(fault("symbols", ["A" * 100_000])) < 300
