"""What ``simulate`` refuses before it opens a port."""

import pytest
import typer
from typer.testing import CliRunner

from ops.commands.simulate import simulate_command


@pytest.mark.parametrize("text", ["{", '{"kind":"flood"}', '{"kind":"drop","code":5}'])
def test_what_is_no_fault_ends_with_a_usage_error(text: str):
    app = typer.Typer()
    app.command()(simulate_command)
    words = ["--port", "0", "--fault", '{"kind":"mute"}', "--fault", text]
    ended = CliRunner().invoke(app, words, env={"COLUMNS": "200"})  # not as wide as our terminal
    assert ended.exit_code == 2
    assert "not a fault" in ended.output
