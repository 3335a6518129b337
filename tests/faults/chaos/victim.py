"""The installation that chaos strikes: a supervised demo of its own, and two eyes on it."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil

from core.config import load_settings
from ops.processes import Role, end, running
from tests.system.product import Product

# Nobody calls a page that takes longer alive, however busy the machine is.
_ANSWER_S = 5.0
_LOOK_EVERY_S = 0.05
_DEADLINE_S = 300.0
_WRONG_CLOCK = Path(__file__).with_name("wrong_clock")
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Look:
    """
    What one server answers at an instant.

    Attributes:
        status: Of HTTP; 0 when nobody answers in time.
    """

    status: int = 0
    body: Any = field(default_factory=dict)


def look(
    url: str, method: str = "GET", body: object = None, *, within_s: float = _ANSWER_S
) -> Look:
    """Ask; silence is an answer too."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    try:
        with _OPENER.open(request, timeout=within_s) as response:
            return Look(response.status, json.loads(response.read()))
    except urllib.error.HTTPError as error:
        return Look(error.code, json.loads(error.read() or b"{}"))
    except (OSError, ValueError):
        return Look()


class Eye(threading.Thread):
    """Looks at one health page again and again, so that a slow one delays no other."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.last = Look()
        self._url = url
        self._closed = threading.Event()

    def run(self) -> None:
        while not self._closed.wait(_LOOK_EVERY_S):
            self.last = look(self._url)

    def close(self) -> None:
        self._closed.set()
        self.join()


class Victim:
    """
    A demo in a home of its own.

    Args:
        root: Its ``TRADING_HOME``.
    """

    def __init__(self, root: Path) -> None:
        self.clock = root / "clock_offset_s"
        self.product = Product(
            root, {"PYTHONPATH": str(_WRONG_CLOCK), "CLOCK_OFFSET_FILE": str(self.clock)}, demo=True
        )
        self.home = self.product.home
        self.engine_eye = Eye(f"http://127.0.0.1:{self.product.engine_port}/health")
        self.page_eye = Eye(f"http://127.0.0.1:{self.product.port}/health")
        self.symbols = load_settings(demo=True).symbols

    def start(self) -> None:
        done = self.product.run("demo")
        assert done.returncode == 0, done.stdout + done.stderr
        for eye in (self.engine_eye, self.page_eye):
            eye.start()

    def end(self) -> None:
        for eye in (self.engine_eye, self.page_eye):
            if eye.is_alive():
                eye.close()
        self.product.end()

    def end_clients(self) -> None:
        """End engine and page as `stop` would; the exchange and the supervisor go on."""
        for role in (Role.ENGINE, Role.DASHBOARD):
            end(self.home.run, role)

    @property
    def engine(self) -> Look:
        """What the engine says of itself."""
        return self.engine_eye.last

    @property
    def page(self) -> Look:
        """What the page says of itself and of the engine."""
        return self.page_eye.last

    def told_by_engine(self) -> Any:
        """Return what the engine says of itself, once it answers."""
        found = Look()

        def has_answered() -> bool:
            nonlocal found
            found = self.engine
            return found.status == HTTPStatus.OK

        self.until(has_answered, "an answer of the engine")
        return found.body

    @property
    def is_well(self) -> bool:
        """Whether both servers say so, and the page knows of an engine that runs."""
        engine, page = self.engine, self.page
        return (
            engine.status == page.status == 200
            and engine.body.get("feed_state") == "LIVE"
            and not engine.body.get("alarm")
            and page.body.get("status") == "ok"
            and page.body.get("engine", {}).get("state") == "running"
        )

    def process(self, role: Role) -> psutil.Process:
        """The process of a role, which must run."""
        found = self.product.process(role)
        assert found is not None, f"no {role} runs"
        return found

    def exchange(self, path: str, method: str = "GET", body: object = None) -> Look:
        """
        Ask the simulator of this demo, which is nobody's patient: it may take its time.

        Raises:
            ChaosError: If it does not answer what is asked: nothing could be said of the rest.
        """
        simulator = running(self.home.run, Role.SIMULATOR)
        url = f"http://127.0.0.1:{simulator.port if simulator else 0}{path}"
        found = look(url, method, body, within_s=_DEADLINE_S)
        if found.status != HTTPStatus.OK:
            raise ChaosError(f"the exchange says {found} to {method} {path}")
        return found

    def until(
        self,
        condition: Callable[[], object],
        what: str,
        *,
        deadline_s: float = _DEADLINE_S,
        given_up: bool = False,
    ) -> float:
        """Poll until it is so, or given up if that is allowed; return the seconds that took."""
        begun_s = time.monotonic()
        while not condition():
            if time.monotonic() - begun_s > deadline_s:
                if given_up:
                    break
                raise ChaosError(f"not within {deadline_s:g} s: {what}; {self.told}")
            time.sleep(_LOOK_EVERY_S)
        return time.monotonic() - begun_s

    @property
    def told(self) -> str:
        """Both states in a line, for who reads why something did not come about."""
        return f"engine: {self.engine}; page: {self.page}"


class ChaosError(Exception):
    """Something was not seen, or did not recover."""
