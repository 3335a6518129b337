import asyncio
import socket

import pytest
from fastapi import FastAPI

from ops.ports import PortTakenError, free_port
from tests.builders import settings
from ui.access.body_limit import LARGEST_BODY
from ui.serving import addresses, config_of, serve


def test_a_message_of_the_socket_is_as_limited_as_a_request():
    assert config_of(FastAPI(), settings().dashboard).ws_max_size == LARGEST_BODY


def test_pushes_are_packed_only_for_a_network():
    here = settings().dashboard
    away = here.model_copy(update={"host": "192.168.1.7"})
    assert not config_of(FastAPI(), here).ws_per_message_deflate
    assert config_of(FastAPI(), away).ws_per_message_deflate


def test_our_own_commands_find_the_page_on_loopback_whatever_it_is_bound_to():
    assert addresses("127.0.0.1") == ("127.0.0.1",)
    assert addresses("0.0.0.0") == ("0.0.0.0",)  # noqa: S104
    assert addresses("192.168.1.7") == ("192.168.1.7", "127.0.0.1")


def test_an_address_of_another_machine_is_told_in_words():
    elsewhere = {"host": "192.0.2.1", "port": free_port()}  # RFC 5737: nobody's
    chosen = settings().dashboard.model_copy(update=elsewhere)
    with pytest.raises(PortTakenError, match=r"192\.0\.2\.1 port \d+ cannot be listened on"):
        asyncio.run(serve(FastAPI(), chosen))


def test_both_addresses_answer():
    chosen = settings().dashboard.model_copy(update={"host": "127.0.0.2", "port": free_port()})

    async def both():
        serving = asyncio.create_task(serve(FastAPI(), chosen))
        try:
            for place in ("127.0.0.2", "127.0.0.1"):
                assert await asyncio.wait_for(_answers(place, chosen.port), 60)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(both())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", chosen.port)) != 0


async def _answers(place, port):
    while True:
        try:
            reader, writer = await asyncio.open_connection(place, port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        line = await reader.readline()
        writer.close()
        return line.startswith(b"HTTP/1.1 404")
