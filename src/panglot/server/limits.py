"""Limits on what a request may send: the size of its headers and body, and how slowly it may come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panglot.errors import PanglotError, RequestError, TooLargeError
from panglot.server.refusing import DRAIN_SECONDS, is_unfinished, refuse, values
from panglot.units import Seconds

_ONCE: Final = (b"host", b"content-length", b"content-type", b"authorization")
"""Headers that would mean two things if they came twice."""


class HeaderLimits:
    """Refuses requests with more headers than any client of the API sends, and ones that contradict themselves.

    Parameters
    ----------
    app
        What is protected.
    most
        The number of headers that is still taken.
    largest
        Bytes of all headers together, and of the address, that are still taken.
    """

    def __init__(self, app: ASGIApp, *, most: int = 100, largest: int = 32_768) -> None:
        self._app = app
        self._most = most
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            status, message = problem
            await refuse(scope, receive, send, status=status, message=message, code=RequestError.code)

    def _problem(self, scope: Scope) -> tuple[int, str] | None:
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        if len(headers) > self._most:
            return 431, f"The request has {len(headers)} headers. At most {self._most} are allowed."
        if sum(len(name) + len(value) for name, value in headers) > self._largest:
            return 431, f"The request's headers are too long. At most {self._largest} bytes are allowed."
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self._largest:
            return 414, f"The request's address is too long. At most {self._largest} bytes are allowed."
        counts = Counter(name.lower() for name, _ in headers)
        twice = [name.decode() for name in _ONCE if counts[name] > 1]
        if twice:
            return 400, f"The request has the header {twice[0]} twice. Send it once."
        if any(not value.isdigit() for value in values(scope, b"content-length")):
            return 400, "The request's Content-Length is not a number of bytes. Leave it to the HTTP library."
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How slowly a body may come. Only time spent waiting for the client counts."""

    idle: Seconds = 30.0
    """Seconds without a byte after which the request is given up."""
    rate: float = 1_000.0
    """Bytes per second that have to come in the mean."""
    grace: Seconds = 30.0
    """Seconds before that mean is asked for."""


class BodyLimits:
    """Refuses bodies that are too large (413) or come too slowly (408).

    A body that announces its size is refused before any of it is read. One that does not is counted: what reads it gets
    an error as soon as it is too large, as with a client that goes away, so that nothing of it is kept; whatever the
    application would answer then is replaced.

    Parameters
    ----------
    app
        What is protected.
    largest
        Bytes that are allowed, by the beginning of the path; the longest that fits counts.
    otherwise
        Bytes that are allowed on all other paths.
    pace
        How slowly a body may come.
    drain
        Seconds for which the rest of a body that is too large is read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        largest: Mapping[str, int],
        otherwise: int = 1 << 20,
        pace: Pace | None = None,
        drain: Seconds = DRAIN_SECONDS,
    ) -> None:
        self._app = app
        self._largest = sorted(largest.items(), key=lambda each: len(each[0]), reverse=True)
        self._otherwise = otherwise
        self._pace = pace or Pace()
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        if any(_exceeds(length, limit) for length in values(scope, b"content-length")):
            await self._refuse(scope, receive, send, _too_large(limit))
            return
        body = _Body(receive, limit, self._pace)
        answer = _Answer(send, body)
        try:
            await self._app(scope, body, answer)
        except Exception:
            if body.problem is None or answer.started:
                raise
        if body.problem is not None and not answer.started:
            await self._refuse(scope, receive, send, body.problem)

    def _limit(self, path: str) -> int:
        return next((limit for prefix, limit in self._largest if path.startswith(prefix)), self._otherwise)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, problem: PanglotError) -> None:
        large = isinstance(problem, TooLargeError)
        await refuse(
            scope,
            receive,
            send,
            status=413 if large else 408,
            message=str(problem),
            code=problem.code,
            drain=self._drain if large else 0.0,
        )


class _Body:
    """A request's body on its way to the application."""

    def __init__(self, receive: Receive, limit: int, pace: Pace) -> None:
        self.problem: PanglotError | None = None
        self._receive = receive
        self._limit = limit
        self._pace = pace
        self._complete = False
        self._received = 0
        self._waited: Seconds = 0.0

    async def __call__(self) -> Message:
        if self.problem is not None:
            return {"type": "http.disconnect"}
        if self._complete:
            return await self._receive()
        message = await self._timed()
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            self.problem = _too_large(self._limit)
            raise self.problem
        self._complete = not is_unfinished(message)
        return message

    async def _timed(self) -> Message:
        pace = self._pace
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(min(pace.idle, pace.grace + self._received / pace.rate - self._waited)):
                message = await self._receive()
        except TimeoutError:
            self.problem = RequestError("The request's body came too slowly and was given up. Send it again.")
            raise self.problem from None
        self._waited += clock() - began
        return message


class _Answer:
    """An answer on its way to the client; held back once the body is refused."""

    def __init__(self, send: Send, body: _Body) -> None:
        self.started = False
        self._send = send
        self._body = body

    async def __call__(self, message: Message) -> None:
        if self._body.problem is None or self.started:
            self.started = True
            await self._send(message)


def _exceeds(length: bytes, limit: int) -> bool:
    # The number of digits first: Python refuses to read numbers of thousands of them.
    return length.isdigit() and (len(length) > 19 or int(length) > limit)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"The request's body is too large. At most {limit} bytes are allowed here. Send less.")
