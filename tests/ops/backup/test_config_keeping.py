"""The last configuration that started cleanly is beside the one in force."""

import asyncio
import os

import pytest

from ops.backup.config_keeping import CLEAN_START_S, ConfigKeeper


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("symbols: [A]\n")
    return path


def kept(config):
    return config.with_name("config.yaml.backup")


def test_it_is_kept_once_the_engine_has_run_for_a_while_as_it_was_at_the_start(config):
    waited = []

    async def sleep(seconds):
        assert not kept(config).exists()
        config.write_text("edited meanwhile\n")
        waited.append(seconds)

    asyncio.run(ConfigKeeper(config, sleep=sleep).run())
    assert waited == [CLEAN_START_S]
    assert kept(config).read_text() == "symbols: [A]\n"


def test_an_engine_that_ends_before_keeps_nothing(config):
    async def ended(_seconds):
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ConfigKeeper(config, sleep=ended).run())
    assert not kept(config).exists()


def test_it_is_written_only_when_it_changed_and_has_the_mode_of_the_original(config):
    config.chmod(0o640)
    assert ConfigKeeper(config).keep()
    assert kept(config).stat().st_mode & 0o777 == 0o640
    assert not ConfigKeeper(config).keep()
    config.write_text("symbols: [B]\n")
    assert ConfigKeeper(config).keep()
    assert kept(config).read_text() == "symbols: [B]\n"
    assert {path.name for path in config.parent.iterdir()} == {config.name, kept(config).name}


def test_where_it_cannot_be_written_nothing_fails(config):
    kept(config).mkdir()
    assert not ConfigKeeper(config).keep()
    assert {path.name for path in config.parent.iterdir()} == {config.name, kept(config).name}


def test_a_link_in_its_place_is_replaced_not_followed(config, tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    kept(config).symlink_to(tmp_path / "elsewhere")
    assert ConfigKeeper(config).keep()
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not os.path.islink(kept(config))


def test_without_a_configuration_there_is_nothing_to_keep(tmp_path):
    assert not ConfigKeeper(tmp_path / "config.yaml").keep()
