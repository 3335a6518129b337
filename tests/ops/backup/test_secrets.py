import pytest
import yaml

from ops.backup.secrets import without_secrets

KEPT = "max_tokens: 1200\nsymbols: [A]\n"


@pytest.mark.parametrize(
    "text",
    [
        "api_key: hunter2hunter2\n",
        "deepseek: {api_key: 'hunter2hunter2', model: x}\n",
        '# api_key: "hunter2hunter2"\n',
        "#dashboard_password: hunter2hunter2\n",
        "Telegram_Token : hunter2hunter2 # mine\n",
        "api_key: >\n  hunter2hunter2\n",
        "api_key: |\n  hunter2hunter2\n",
        "alerts:\n  - {url: x, secret: hunter2hunter2}\n",
        "api_key: hunter2hunter2\nbroken: [\n",
        "x: 1 # old token: one,hunter2hunter2}hunter2\n",
        "# API_KEY = hunter2hunter2\n",
        "binance:\n  secret_key: hunter2hunter2\n  private-key: hunter2hunter2\n",
        "url: https://me:hunter2hunter2@proxy.example:8080/x\n",
    ],
)
def test_a_secret_is_emptied_however_it_is_written(text):
    cleared = without_secrets(text + KEPT, ())
    assert "hunter2" not in cleared
    assert "max_tokens: 1200" in cleared


def test_what_holds_no_secret_stays_to_the_byte():
    assert without_secrets(KEPT, ()) == KEPT


def test_a_known_secret_is_hidden_wherever_it_is():
    assert "hunter2hunter2" not in without_secrets("a: hunter2hunter2\n", ("hunter2hunter2",))


def test_the_result_is_the_same_document_but_for_the_secrets():
    text = "deepseek:\n  api_key: hunter2hunter2\n  model: x\n"
    told = {"deepseek": {"api_key": None, "model": "x"}}
    assert yaml.safe_load(without_secrets(text, ())) == told
