"""With a password set, only who logged in and programs with the token get anywhere."""

import hashlib
from urllib.parse import urlencode

import pytest

from core.config import DashboardSettings
from core.config.password_hash import PasswordHash
from tests.ui.asked import Answer, ask
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.access.feature import access_feature
from ui.access.gate import Gate
from ui.access.server_key import ServerKey
from ui.web_guard import WebGuard, hosts_of

WORD = "correct horse battery"
COST, SALT = 1 << 14, b"sixteen of bytes"
# As cheap as one may be; how slow the real one is to guess, tests/core/test_password_hash.py tells.
HASH = PasswordHash(
    COST, 1, 1, SALT, hashlib.scrypt(WORD.encode(), salt=SALT, n=COST, r=1, p=1, dklen=32)
).line
TOKEN = "0123456789abcdefghijklmnop"  # noqa: S105 - of these tests
HERE = ("origin", "http://127.0.0.1:8050")
COOKIE = "trading_session_8050"
START_S = 1_795_000_000.0


async def _page(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})
    else:
        await send({"type": "websocket.accept"})


class Scene:
    """The gate before a page, behind the guard, as the product puts them together."""

    def __init__(self, token=TOKEN, word_hash=HASH, **more):
        self.now_s = START_S
        self.settings = DashboardSettings(
            host="127.0.0.1", port=8050, candles_shown=500, pushes_per_s=4.0,
            password_hash=word_hash, token=token, **more,
        )  # fmt: skip
        self.key = ServerKey()
        self.access = self.made()

    def made(self):
        return Access(
            self.settings, self.key, clock_s=lambda: self.now_s, monotonic=lambda: self.now_s
        )

    def ask(self, path, **more) -> Answer:
        gate = Gate(_page, access=self.access)
        guard = WebGuard(
            gate, content_security_policy="default-src 'self'", hosts=hosts_of(self.settings)
        )
        return ask(guard, path, **more)

    def login(self, word=WORD, headers=(HERE,), target="/", **more):
        body = urlencode({"password": word, "next": target}).encode()
        form = ("content-type", "application/x-www-form-urlencoded")
        return self.ask("/login", method="POST", body=body, headers=[form, *headers], **more)

    def cookie(self, **more):
        told = self.login(**more).headers["set-cookie"]
        return ("cookie", told.partition(";")[0])


def test_only_the_login_and_the_sign_of_life_are_open():
    scene = Scene()
    assert scene.ask("/health/live").status == 200
    assert scene.ask("/login").status == 200
    for path in ("/", "/metrics", "/health", "/_dash-layout", "/assets/page.css", "/health/live/x",
                 "/_dash-component-suites/x.js", "/emergency/state", "/login/x", "//health/live",
                 "/health/live/", "/LOGIN", "/login.css", "/health%2Flive"):  # fmt: skip
        answer = scene.ask(path)
        assert (answer.status, answer.text) == (401, '{"detail":"Log in first."}'), path
    for path in ("/live/lease", "/emergency/stop", "/access/logout", "/"):
        assert scene.ask(path, method="POST", headers=[HERE]).status == 401, path
    assert scene.ask("/ws", kind="websocket").kinds == ["websocket.close"]


def test_a_person_is_led_to_the_login_and_back():
    scene = Scene()
    looks = ("accept", "text/html,*/*")
    answer = scene.ask("/performance?symbol=ETHUSDT&interval=15m", headers=[looks])
    assert answer.status == 303
    where = "/login?next=/performance%3Fsymbol%3DETHUSDT%26interval%3D15m"
    assert answer.headers["location"] == where
    form = scene.ask(where)
    assert 'value="/performance?symbol=ETHUSDT&amp;interval=15m"' in form.text
    done = scene.login(target="/performance?symbol=ETHUSDT&interval=15m")
    assert (done.status, done.headers["location"]) == (
        303,
        "/performance?symbol=ETHUSDT&interval=15m",
    )


def test_a_session_opens_everything():
    scene = Scene()
    cookie = scene.cookie()
    for path in ("/", "/metrics", "/health", "/assets/page.css"):
        assert scene.ask(path, headers=[cookie]).text == "page", path
    assert scene.ask("/ws", kind="websocket", headers=[cookie]).kinds == ["websocket.accept"]
    assert scene.ask("/login?next=/system", headers=[cookie]).headers["location"] == "/system"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites():
    scene = Scene()
    told = scene.login().headers["set-cookie"]
    assert told.startswith(f"{COOKIE}=")
    assert told.endswith("; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict")
    assert scene.login(scheme="https").headers["set-cookie"].endswith("; Secure")
    behind_a_proxy = [("origin", "https://127.0.0.1:8050")]
    assert scene.login(headers=behind_a_proxy).headers["set-cookie"].endswith("; Secure")


def test_the_login_page_has_no_script_and_a_policy_of_its_own():
    answer = Scene().ask("/login")
    assert "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "",
     "\t//evil.example", "/\r\nSet-Cookie: a=b", "/login", "/login?next=//x", "evil", "/é"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(target):
    answer = Scene().login(target=target)
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_where_it_leads_is_text_and_never_markup():
    scene = Scene()
    text = scene.ask("/login?next=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script" not in text
    assert "&quot;&gt;&lt;script&gt;" in text


@pytest.mark.parametrize(
    "word", ["", "correct horse", WORD + " ", WORD.upper(), "\x00", "é" * 5000]
)
def test_a_wrong_password_is_told_no_more_than_that(word):
    answer = Scene().login(word)
    assert answer.status == 403
    assert "This is not the password." in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body",
    [b"", b"password", b"\xff\xfe", b"&" * 1000, b"a=1&" * 100, b'{"password": 1}',
     b"password%00=x", b"next=/", b"password=x&password=" + WORD.encode()],
)  # fmt: skip
def test_a_form_that_is_none_lets_nobody_in(body):
    answer = Scene().ask("/login", method="POST", body=body, headers=[HERE])
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_a_login_needs_the_origin_of_this_page():
    scene = Scene()
    for headers in ([], [("origin", "null")], [("origin", "http://evil.example")]):
        answer = scene.login(headers=headers)
        assert answer.status == 403, headers
        assert "set-cookie" not in answer.headers
    assert scene.ask("/login", method="PUT", headers=[HERE]).status == 405


def test_attempts_are_limited_and_the_right_word_waits_too():
    scene = Scene()
    assert [scene.login("wrong").status for _ in range(7)] == [403] * 5 + [429] * 2
    limited = scene.login()
    assert limited.status == 429
    assert "Too many attempts. Try again in " in limited.text
    assert scene.login(client="192.0.2.9").status == 303
    scene.now_s += 61
    assert scene.login().status == 303


@pytest.mark.parametrize(
    "value",
    ["", "x", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"],
)
def test_a_wrong_token_opens_nothing(value):
    assert Scene().ask("/metrics", headers=[("authorization", value)]).status == 401


def test_the_token_opens_everything_and_without_one_set_none_does():
    bearer = ("authorization", f"Bearer {TOKEN}")
    assert Scene().ask("/metrics", headers=[bearer]).text == "page"
    assert Scene().ask("/ws", kind="websocket", headers=[bearer]).kinds == ["websocket.accept"]
    for value in ("Bearer ", "Bearer", "bearer \t"):
        assert Scene(token=None).ask("/metrics", headers=[("authorization", value)]).status == 401


@pytest.mark.parametrize(
    "value",
    [f"{COOKIE}=", f"{COOKIE}=1.1.p{'0' * 32}.{'0' * 64}", COOKIE, "=;=;", f'{COOKIE}="\\"',
     f"{COOKIE}=\x01", f"{COOKIE}={'9' * 20_000}", "; " * 500],
)  # fmt: skip
def test_a_forged_cookie_opens_nothing(value):
    assert Scene().ask("/", headers=[("cookie", value)]).status == 401


def test_a_session_outlives_the_server_but_not_the_password_nor_a_logout():
    scene = Scene()
    cookie = scene.cookie()
    scene.access = scene.made()
    assert scene.ask("/", headers=[cookie]).status == 200
    other = PasswordHash.of("another password", cost=1 << 14, parallel=1).line
    changed = Scene(word_hash=other)
    changed.key = scene.key
    changed.access = changed.made()
    assert changed.ask("/", headers=[cookie]).status == 401
    scene.access.end_all()
    assert scene.ask("/", headers=[cookie]).status == 401


def test_a_session_that_is_used_is_renewed_with_data_but_not_with_files():
    scene = Scene()
    cookie = scene.cookie()
    assert "set-cookie" not in scene.ask("/", headers=[cookie]).headers
    scene.now_s += 3600
    assert "set-cookie" not in scene.ask("/assets/page.css", headers=[cookie]).headers
    told = scene.ask("/", headers=[cookie]).headers["set-cookie"]
    scene.now_s += 12 * 3600 - 1
    assert scene.ask("/", headers=[cookie]).status == 401
    assert scene.ask("/", headers=[("cookie", told.partition(";")[0])]).status == 200


def test_names_that_are_public_are_welcome_and_others_are_not():
    scene = Scene(public_hosts=["desk.example"])
    assert scene.ask("/login", headers=[("host", "desk.example")]).status == 200
    assert scene.ask("/login", headers=[("host", "evil.example")]).status == 403
    body = urlencode({"password": WORD}).encode()
    headers = [("host", "desk.example"), ("origin", "https://desk.example")]
    answer = scene.ask("/login", method="POST", body=body, headers=headers)
    assert answer.headers["set-cookie"].endswith("; Secure")


def test_logging_out_is_offered_where_there_is_a_login():
    scene, actions = Scene(), ActionToken()
    offered = access_feature(scene.access, actions)
    assert len(offered.parts) == 1
    assert offered.router is not None
    assert access_feature(Scene(word_hash=None, token=None).access, actions).parts == ()


def test_a_socket_that_was_open_ends_with_a_logout():
    scene = Scene()
    pushed = []

    async def pushing(scope, receive, send):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "before"})
        scene.access.end_all()
        await send({"type": "websocket.send", "text": "after"})
        pushed.append("after")

    gate = Gate(pushing, access=scene.access)
    answer = ask(gate, "/ws", kind="websocket", headers=[scene.cookie()])
    assert answer.kinds == ["websocket.accept", "websocket.send", "websocket.close"]
    assert pushed
    program = ("authorization", f"Bearer {TOKEN}")
    assert ask(gate, "/ws", kind="websocket", headers=[program]).kinds[-1] == "websocket.send"
