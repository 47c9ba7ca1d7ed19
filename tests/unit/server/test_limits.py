"""What a request may send, how often and how many at once; and what every answer carries."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panglot.errors import RequestError, TooLargeError
from panglot.server.envelope import RequestIds, SecurityHeaders
from panglot.server.limits import BodyLimits, HeaderLimits, Pace
from panglot.server.protection import HttpLimits, protect
from panglot.server.rates import RateLimit, TokenBuckets, UploadSlots, caller_of

Source = Callable[[], Awaitable[Message]]


class Reply:
    """What an application sent."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        starts = [message for message in messages if message["type"] == "http.response.start"]
        assert len(starts) == 1
        self.status: int = starts[0]["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in starts[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages)
        self.complete = not messages[-1].get("more_body", False)

    @property
    def error(self) -> Any:
        return json.loads(self.body)["error"]


def chunks(*parts: bytes) -> Source:
    """A body that comes in parts and is over then; the client stays."""
    waiting = list(parts)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    return receive


def scope_of(path: str = "/v2/transcript", *headers: tuple[str, str], **changes: Any) -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("192.0.2.1", 5000),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        **changes,
    }


def ask(app: ASGIApp, scope: Scope, receive: Source | None = None) -> Reply:
    return asyncio.run(asked(app, scope, receive))


async def asked(app: ASGIApp, scope: Scope, receive: Source | None = None) -> Reply:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive or chunks(b""), send)
    return Reply(sent)


class Echo:
    """Answers with the body's size; keeps what it read, and what went wrong while it did."""

    def __init__(self, *, status: int = 200, swallow: bool = False) -> None:
        self.read: list[bytes] = []
        self.problems: list[Exception] = []
        self.calls = 0
        self._status = status
        self._swallow = swallow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        try:
            more = True
            while more:
                message = await receive()
                self.read.append(message.get("body", b""))
                more = message.get("more_body", False)
        except Exception as error:
            self.problems.append(error)
            if not self._swallow:
                raise
        body = str(sum(map(len, self.read))).encode()
        await send({"type": "http.response.start", "status": self._status, "headers": []})
        await send({"type": "http.response.body", "body": body})


CHUNKED = ("Transfer-Encoding", "chunked")

# Bodies


def bodies(app: ASGIApp, *, pace: Pace | None = None) -> BodyLimits:
    return BodyLimits(app, largest={"/v2/upload": 100, "/v2": 50}, otherwise=10, pace=pace, drain=0.05)


@pytest.mark.parametrize(("path", "limit"), [("/v2/upload", 100), ("/v2/transcript", 50), ("/other", 10)])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_up_to_the_paths_limit_passes_and_no_byte_more(path: str, limit: int, announced: bool) -> None:
    for size in (limit, limit + 1):
        headers = ("Content-Length", str(size)) if announced else CHUNKED
        echo = Echo()
        reply = ask(bodies(echo), scope_of(path, headers), chunks(bytes(size // 2), bytes(size - size // 2)))
        assert reply.status == (200 if size == limit else 413)
        assert reply.complete
        if size > limit:
            assert str(limit) in reply.error
            assert reply.headers["connection"] == "close"
            assert sum(map(len, echo.read)) <= limit


def test_an_announced_body_that_is_too_large_reaches_nobody() -> None:
    echo = Echo()
    assert ask(bodies(echo), scope_of("/v2/upload", ("Content-Length", "9" * 30))).status == 413
    assert echo.calls == 0


@pytest.mark.parametrize("swallow", [True, False])
def test_whoever_reads_too_large_a_body_gets_an_error_and_its_own_answer_is_replaced(swallow: bool) -> None:
    echo = Echo(status=500, swallow=swallow)
    reply = ask(bodies(echo), scope_of("/v2/upload", CHUNKED), chunks(bytes(90), bytes(90)))
    assert [type(problem) for problem in echo.problems] == [TooLargeError]
    assert reply.status == 413


def test_the_rest_of_a_refused_body_is_read_so_that_the_client_sees_the_answer() -> None:
    taken: list[Message] = []
    source = chunks(*[bytes(90)] * 5)

    async def watched() -> Message:
        taken.append(await source())
        return taken[-1]

    reply = ask(bodies(Echo()), scope_of("/v2/upload", ("Content-Length", "450")), watched)
    assert (reply.status, len(taken)) == (413, 5)


def test_who_asks_before_sending_is_answered_without_an_invitation() -> None:
    async def never() -> Message:
        raise AssertionError("reading would ask the client to send")

    headers = ("Content-Length", "450"), ("Expect", "100-continue")
    assert ask(bodies(Echo()), scope_of("/v2/upload", *headers), never).status == 413


def test_a_body_that_stops_coming_is_given_up() -> None:
    echo = Echo()
    first = chunks(b"12345", b"67890")
    stuck = asyncio.Event

    async def stalls() -> Message:
        message = await first()
        if not message["more_body"]:
            await stuck().wait()
        return message

    reply = ask(bodies(echo, pace=Pace(idle=0.05)), scope_of("/v2/upload", CHUNKED), stalls)
    assert reply.status == 408
    assert reply.headers["connection"] == "close"
    assert [type(problem) for problem in echo.problems] == [RequestError]


def test_a_body_that_drips_is_given_up() -> None:
    async def drips() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    reply = ask(bodies(Echo(), pace=Pace(rate=1000.0, grace=0.1)), scope_of("/v2/upload", CHUNKED), drips)
    assert reply.status == 408


def test_the_time_that_the_application_takes_is_not_the_clients() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            await asyncio.sleep(0.05)
            more = (await receive()).get("more_body", False)
        await Echo()(scope, chunks(b""), send)

    reply = ask(bodies(slow, pace=Pace(rate=1e6, grace=0.1)), scope_of("/v2/upload", CHUNKED), chunks(*[b"x"] * 5))
    assert reply.status == 200


def test_waiting_for_the_client_to_go_is_not_a_slow_body() -> None:
    async def long_answer(scope: Scope, receive: Receive, send: Send) -> None:
        assert not (await receive())["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await receive()
        await send({"type": "http.response.body", "body": b"done"})

    reply = ask(bodies(long_answer, pace=Pace(idle=0.01, grace=0.01)), scope_of())
    assert (reply.status, reply.body) == (200, b"done")


def test_a_client_that_goes_away_is_passed_on() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.disconnect"
        await Echo()(scope, chunks(b""), send)

    assert ask(bodies(app), scope_of("/v2/upload", CHUNKED), gone).status == 200


def test_an_applications_own_error_is_passed_on() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        ask(bodies(broken), scope_of())


# Headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("X-A", "1")] * 100, 200),
        ([("X-A", "1")] * 101, 431),
        ([("X-A", "x" * 40_000)], 431),
        ([("Authorization", "a"), ("authorization", "b")], 400),
        ([("Content-Length", "1"), ("Content-Length", "2")], 400),
        ([("Content-Length", "-1")], 400),
        ([("Content-Length", "1e3")], 400),
        ([("Content-Length", "²")], 400),
    ],
)
def test_headers_are_few_short_and_of_one_mind(headers: list[tuple[str, str]], status: int) -> None:
    assert ask(HeaderLimits(Echo()), scope_of("/v2/x", *headers)).status == status


def test_an_address_without_end_is_refused() -> None:
    assert ask(HeaderLimits(Echo()), scope_of(query_string=b"a" * 40_000)).status == 414


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["content-length", "host", "authorization", "expect", "x-request-id", "x"]),
            st.text(alphabet=st.characters(max_codepoint=255)),
        ),
        max_size=8,
    )
)
def test_no_headers_break_the_server(headers: list[tuple[str, str]]) -> None:
    app = protect(Echo(), HttpLimits(upload_bytes=1000, requests_per_minute=1.0))
    assert ask(app, scope_of("/v2/upload", *headers)).status in (200, 400, 413)


# Rates


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 20),
    steps=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_a_bucket_gives_what_it_held_and_what_came_in_and_no_more(rate: float, burst: int, steps: list[float]) -> None:
    buckets = TokenBuckets(rate=rate, burst=burst)
    now = granted = 0.0
    for step in steps:
        now += step
        wait = buckets.take("a", now)
        granted += wait == 0
        assert granted <= burst + rate * now + 1e-6
        assert 0 <= wait <= 1 / rate + 1e-9
        if wait:
            assert buckets.take("a", now + wait + 1e-6) == 0
            now += wait + 1e-6
            granted += 1


def test_callers_have_buckets_of_their_own() -> None:
    buckets = TokenBuckets(rate=1, burst=1)
    assert [buckets.take(caller, 0.0) for caller in ("a", "b", "a", "b")] == [0, 0, 1, 1]


def test_memory_for_buckets_is_bounded_and_who_asks_often_is_remembered() -> None:
    buckets = TokenBuckets(rate=0.001, burst=1, callers=10)
    for number in range(1000):
        buckets.take("often", 0.0)
        buckets.take(str(number), 0.0)
    assert buckets.take("often", 0.0) > 0
    assert buckets.take("0", 0.0) == 0


def rated(app: ASGIApp, *, burst: int = 2) -> tuple[RateLimit, list[float]]:
    now = [0.0]
    return RateLimit(app, buckets=TokenBuckets(rate=0.5, burst=burst), clock=lambda: now[0]), now


def test_too_many_requests_are_refused_until_the_time_that_is_said() -> None:
    app, now = rated(Echo())
    scope = scope_of("/v2/transcript", ("Authorization", "key"))
    assert [ask(app, scope).status for _ in range(3)] == [200, 200, 429]
    refused = ask(app, scope)
    assert refused.error == "Too Many Requests"
    assert refused.headers["retry-after"] == "2"
    now[0] += 2
    assert ask(app, scope).status == 200


def test_the_error_has_the_form_of_each_api() -> None:
    app, _ = rated(Echo(), burst=1)
    for path in ("/v1/audio/transcriptions", "/v1/models"):
        reply = ask(app, scope_of(path, ("Authorization", "Bearer one")))
    assert reply.error["type"] == "rate_limit_error"
    assert set(reply.error) == {"message", "type", "param", "code"}


def test_a_key_is_one_caller_however_it_is_sent_and_none_is_the_address() -> None:
    plain, bearer, other = (scope_of("/", ("Authorization", key)) for key in ("pg_a", "bearer pg_a", "pg_b"))
    assert caller_of(plain) == caller_of(bearer) != caller_of(other)
    assert "pg_a" not in caller_of(plain)
    assert caller_of(scope_of("/")) == "192.0.2.1"
    assert caller_of(scope_of("/", client=None)) == ""


def test_health_is_never_refused() -> None:
    app, _ = rated(Echo(), burst=1)
    assert [ask(app, scope_of("/healthz")).status for _ in range(5)] == [200] * 5


# Uploads at once


def slots(app: ASGIApp, **options: Any) -> UploadSlots:
    return UploadSlots(app, **{"paths": ("/v2/upload",), "most": 3, "per_caller": 2, **options})


class Client:
    """Sends a body when it is told to."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._rest = asyncio.Event()
        scope = scope_of("/v2/upload", ("Authorization", key), CHUNKED)
        self.task = asyncio.ensure_future(asked(app, scope, self._receive))

    async def _receive(self) -> Message:
        await self._rest.wait()
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def finish(self) -> Reply:
        self._rest.set()
        return await self.task


async def begun(app: ASGIApp, *keys: str) -> list[Client]:
    clients = [Client(app, key) for key in keys]
    await asyncio.sleep(0)
    return clients


def test_uploads_above_the_number_are_told_to_come_back_and_may_then() -> None:
    async def run() -> None:
        app = slots(Echo())
        waiting = await begun(app, "a", "a", "b")
        upload = scope_of("/v2/upload", ("Authorization", "c"), ("Content-Length", "1"))
        refused = await asked(app, upload, chunks(b"x"))
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert (await waiting[0].finish()).status == 200
        assert (await asked(app, upload, chunks(b"x"))).status == 200
        for client in waiting[1:]:
            assert (await client.finish()).status == 200

    asyncio.run(run())


def test_one_caller_does_not_take_all_slots() -> None:
    async def run() -> None:
        app = slots(Echo())
        waiting = await begun(app, "a", "a")
        refused = await asked(app, scope_of("/v2/upload", ("Authorization", "a"), CHUNKED), chunks(b"x"))
        assert (refused.status, refused.error) == (429, "Too Many Requests")
        for client in waiting:
            await client.finish()

    asyncio.run(run())


@pytest.mark.parametrize("ends", ["answers", "breaks", "is gone"])
def test_a_slot_is_free_again_however_the_upload_ends(ends: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if ends == "breaks":
            raise KeyError
        if ends == "is gone":
            await receive()
        await Echo()(scope, chunks(b""), send)

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    limited = slots(app, most=1, per_caller=1)
    for _ in range(3):
        try:
            assert ask(limited, scope_of("/v2/upload", CHUNKED), gone).status == 200
        except KeyError:
            assert ends == "breaks"


def test_a_slot_is_free_while_the_answer_is_still_worked_on() -> None:
    async def run() -> None:
        working, proceed = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            working.set()
            await proceed.wait()
            await Echo()(scope, chunks(b""), send)

        limited = slots(app, most=1, per_caller=1)
        (first,) = await begun(limited, "a")
        first_reply = asyncio.ensure_future(first.finish())
        await working.wait()
        (second,) = await begun(limited, "a")
        proceed.set()
        assert (await second.finish()).status == (await first_reply).status == 200

    asyncio.run(run())


def test_other_requests_take_no_slot() -> None:
    limited = slots(Echo(), most=0, per_caller=0)
    assert ask(limited, scope_of("/v2/transcript", CHUNKED)).status == 200
    assert ask(limited, scope_of("/v2/upload")).status == 200


# What answers carry


class Noting:
    """Answers, and notes what it was told about the request."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.state: Any = None
        self.logged: Any = None
        self._headers = list(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.state = scope.get("state")
        self.logged = structlog.contextvars.get_contextvars()
        await send({"type": "http.response.start", "status": 200, "headers": list(self._headers)})
        await send({"type": "http.response.body", "body": b""})


def test_a_plain_request_id_is_kept_and_known_inside() -> None:
    app = Noting()
    reply = ask(RequestIds(app), scope_of("/", ("X-Request-Id", "abc-1.2_3")))
    assert reply.headers["x-request-id"] == app.state["request_id"] == app.logged["request_id"] == "abc-1.2_3"
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize("sent", [[], [""], ["a b"], ["x" * 65], ["a\r\nb"], ["<script>"], ["ä"], ["a", "b"]])
def test_any_other_request_id_is_replaced(sent: Iterable[str]) -> None:
    reply = ask(RequestIds(Noting()), scope_of("/", *[("X-Request-Id", value) for value in sent]))
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-request-id"])


def test_answers_of_the_api_are_neither_kept_nor_run() -> None:
    headers = ask(SecurityHeaders(Noting()), scope_of("/v2/transcript")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


def test_pages_have_policies_of_their_own_and_tls_stays() -> None:
    own = (b"content-security-policy", b"default-src 'self'")
    headers = ask(SecurityHeaders(Noting(own)), scope_of("/", scheme="https")).headers
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["x-frame-options"] == "DENY"
    assert "cache-control" not in headers
    assert "max-age" in headers["strict-transport-security"]


def test_refused_requests_carry_all_of_it() -> None:
    app = protect(Echo(), HttpLimits(upload_bytes=10))
    reply = ask(app, scope_of("/v2/upload", ("Content-Length", "11")))
    assert reply.status == 413
    assert {"x-request-id", "x-content-type-options", "cache-control"} <= set(reply.headers)


def test_requests_are_counted_only_where_a_limit_is_set() -> None:
    free, limited = (protect(Echo(), HttpLimits(upload_bytes=10, requests_per_minute=rate)) for rate in (None, 60))
    assert {ask(free, scope_of()).status for _ in range(100)} == {200}
    answers = [ask(limited, scope_of()) for _ in range(20)]
    assert [reply.status for reply in answers[:10]] == [200] * 10
    assert answers[-1].status == 429
    assert math.isclose(int(answers[-1].headers["retry-after"]), 1)


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_passes(kind: str) -> None:
    called: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope["type"])

    async def run() -> None:
        scope = {**scope_of(), "type": kind}
        await protect(app, HttpLimits(upload_bytes=1, requests_per_minute=1))(scope, chunks(b""), None)  # type: ignore[arg-type]

    asyncio.run(run())
    assert called == [kind]
