"""Limits on how often a caller asks, and on how many bodies come at the same time."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panglot.errors import BusyError
from panglot.server.auth import secret_in
from panglot.server.refusing import has_body, is_unfinished, refuse, values
from panglot.units import Seconds

TOO_MANY: Final = "Too Many Requests"

Caller = Callable[[Scope], str]
"""Tells who is asking."""


class TokenBuckets:
    """A bucket of tokens for each caller, refilled steadily.

    Parameters
    ----------
    rate
        Tokens per second.
    burst
        Tokens in a full bucket.
    callers
        Buckets that are kept; who has not asked for longest gets a full one again.
    """

    def __init__(self, *, rate: float, burst: float, callers: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._callers = callers
        self._buckets: OrderedDict[str, tuple[float, Seconds]] = OrderedDict()

    def take(self, caller: str, now: Seconds) -> Seconds:
        """Take a token.

        Parameters
        ----------
        caller
            Whose bucket it comes from.
        now
            The time on any clock that does not go back.

        Returns
        -------
        float
            0 if there was one, else the seconds until there is.
        """
        tokens, then = self._buckets.pop(caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        granted = tokens >= 1
        self._buckets[caller] = tokens - granted, now
        if len(self._buckets) > self._callers:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._rate


def caller_of(scope: Scope) -> str:
    """Tell callers apart by their keys, without keeping the keys, and those without one by their addresses."""
    header = b"".join(values(scope, b"authorization")[:1]).decode("latin-1")
    secret = secret_in(header)
    if secret is not None:
        return hashlib.sha256(secret.encode()).hexdigest()
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""


class RateLimit:
    """Refuses requests of callers who ask too often: 429, with the seconds to wait.

    Each process counts for itself.

    Parameters
    ----------
    app
        What is protected.
    buckets
        The tokens; each request takes one.
    free
        Paths that take none.
    caller
        Tells who is asking.
    clock
        Tells the time.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        buckets: TokenBuckets,
        free: Collection[str] = ("/healthz", "/livez", "/metrics", "/readyz"),
        caller: Caller = caller_of,
        clock: Callable[[], Seconds] = time.monotonic,
    ) -> None:
        self._app = app
        self._buckets = buckets
        self._free = frozenset(free)
        self._caller = caller
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        wait = 0.0
        if scope["type"] == "http" and scope["path"] not in self._free:
            wait = self._buckets.take(self._caller(scope), self._clock())
        if wait:
            await refuse(scope, receive, send, status=429, message=TOO_MANY, code=BusyError.code, retry_after=wait)
        else:
            await self._app(scope, receive, send)


class UploadSlots:
    """Lets so many bodies come at the same time, and tells the others to come back.

    A slot is free again as soon as the body is there, however long the answer takes.

    Parameters
    ----------
    app
        What is protected.
    paths
        Beginnings of the paths that large bodies go to.
    most
        Bodies at the same time; 503 above.
    per_caller
        Bodies of one caller at the same time; 429 above.
    retry_after
        Seconds after which those who are refused may try again.
    caller
        Tells who is asking.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        paths: Collection[str],
        most: int,
        per_caller: int,
        retry_after: Seconds = 5.0,
        caller: Caller = caller_of,
    ) -> None:
        self._app = app
        self._paths = tuple(paths)
        self._most = most
        self._per_caller = per_caller
        self._retry_after = retry_after
        self._caller = caller
        self._taken: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http" or not scope["path"].startswith(self._paths) or not has_body(scope):
            await self._app(scope, receive, send)
            return
        caller = self._caller(scope)
        if self._taken[caller] >= self._per_caller:
            await self._refuse(scope, receive, send, 429, TOO_MANY)
        elif self._taken.total() >= self._most:
            await self._refuse(scope, receive, send, 503, "The server takes no more uploads now. Try again soon.")
        else:
            await self._admit(scope, receive, send, caller)

    async def _admit(self, scope: Scope, receive: Receive, send: Send, caller: str) -> None:
        held = True
        self._taken[caller] += 1

        def release() -> None:
            nonlocal held
            if held:
                held = False
                self._taken[caller] -= 1
                self._taken += Counter()  # forget those who hold none

        async def watched() -> Message:
            message = await receive()
            if not is_unfinished(message):
                release()
            return message

        try:
            await self._app(scope, watched, send)
        finally:
            release()

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, message: str) -> None:
        await refuse(
            scope,
            receive,
            send,
            status=status,
            message=message,
            code=BusyError.code,
            retry_after=self._retry_after,
        )
