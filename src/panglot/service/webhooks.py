"""Messages to those who asked to be told when a transcript is ready."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import random
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpcore

from panglot.errors import OptionError, RequestError
from panglot.service.addresses import AddressPolicy
from panglot.service.outgoing import (
    EXTENSIONS,
    AddressRefused,
    Deadline,
    DeadlinePassed,
    Way,
    caller_headers,
    open_pool,
    parse_url,
    target,
)
from panglot.storage.records import Delivery
from panglot.storage.webhooks import Outbox
from panglot.units import Seconds

ATTEMPTS = 10
"""Times that a message is sent at most."""
ATTEMPT_SECONDS: Seconds = 10.0
"""Within which a receiver has to answer."""

_FIRST_PAUSE: Seconds = 10.0
_AT_ONCE = 16
_LEASE: Seconds = 60.0
"""Seconds for which a claimed message is left alone by others, well above what one takes."""
_ROUNDS_SECONDS: Seconds = 5.0
"""Seconds after which one call claims no more messages; the next call goes on."""

_UNANSWERED = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    AddressRefused,
    DeadlinePassed,
)

_SECRET_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RESERVED = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "te", "upgrade"})


def _now() -> datetime:
    return datetime.now(UTC)


class Sender:
    """Sends what is in the outbox.

    Any number of processes may send from one outbox: each message is claimed for a time. One whose process dies is
    sent again, so a receiver may get it twice, with the same id.

    Parameters
    ----------
    outbox
        Where the messages are.
    policy
        Which addresses may be called.
    secret
        What messages are signed with, by the Standard Webhooks scheme: ``whsec_`` and 24 to 64 bytes in Base64. None
        for no signatures.
    way
        How names become connections.
    patience
        Seconds within which a receiver has to answer.
    clock
        Tells the time of day.

    Raises
    ------
    OptionError
        If the secret is not one.
    """

    def __init__(
        self,
        outbox: Outbox,
        policy: AddressPolicy,
        *,
        secret: str | None = None,
        way: Way | None = None,
        patience: Seconds = ATTEMPT_SECONDS,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._outbox = outbox
        self._policy = policy
        self._key = None if secret is None else read_secret(secret)
        self._way = way or Way()
        self._patience = patience
        self._clock = clock
        self._random = random.Random()

    def send_due(self) -> None:
        """Send what is due, several messages at the same time."""
        deadline = time.monotonic() + _ROUNDS_SECONDS
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="panglot-webhook") as threads:
            while True:
                due = self._outbox.due(self._clock(), _AT_ONCE, _LEASE)
                list(threads.map(self._send, due))
                if len(due) < _AT_ONCE or time.monotonic() > deadline:
                    return

    def _send(self, delivery: Delivery) -> None:
        try:
            status = self._post(delivery)
        except _UNANSWERED:
            status = None
        except RequestError:
            self._outbox.give_up(delivery.id, None)
            return
        if status is not None and 200 <= status < 300:
            self._outbox.delivered(delivery.id, status)
        elif (status is not None and 400 <= status < 500) or delivery.attempts + 1 >= ATTEMPTS:
            self._outbox.give_up(delivery.id, status)
        else:
            moment = self._clock() + timedelta(seconds=self._pause(delivery.attempts))
            self._outbox.retry_at(delivery.id, moment, status)

    def _post(self, delivery: Delivery) -> int:
        """Send a message once; its URL's query is part of what is called, and no redirect is followed."""
        url = parse_url(delivery.url)
        body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = [*caller_headers(url), (b"Content-Type", b"application/json"), *self._signed(delivery.id, body)]
        if delivery.header_name is not None:
            headers = _with(headers, delivery.header_name, delivery.header_value or "")
        deadline = Deadline(self._patience)
        with (
            open_pool(self._policy, self._way, deadline) as pool,
            pool.stream("POST", target(url), headers=headers, content=body, extensions=EXTENSIONS) as response,
        ):
            return response.status

    def _signed(self, id: str, body: bytes) -> list[tuple[bytes, bytes]]:  # noqa: A002 - the field's name
        moment = int(self._clock().timestamp())
        names = [(b"webhook-id", id.encode()), (b"webhook-timestamp", str(moment).encode())]
        if self._key is None:
            return names
        return [*names, (b"webhook-signature", signature(self._key, id, moment, body).encode())]

    def _pause(self, attempts: int) -> Seconds:
        """Seconds to wait after so many failures before: twice as long each time, a little at random."""
        return _FIRST_PAUSE * 2**attempts * self._random.uniform(0.75, 1.0)


def _with(headers: list[tuple[bytes, bytes]], name: str, value: str) -> list[tuple[bytes, bytes]]:
    check_header(name, value)
    others = [header for header in headers if header[0].lower() != name.encode().lower()]
    return [*others, (name.encode(), value.encode())]


def read_secret(secret: str) -> bytes:
    """Return the key within a webhook secret.

    Parameters
    ----------
    secret
        ``whsec_`` and 24 to 64 bytes in Base64.

    Returns
    -------
    bytes
        For HMAC.

    Raises
    ------
    OptionError
        If it is not one; the message does not repeat it.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_SECRET_PREFIX) or len(key) not in _SECRET_BYTES:
        raise OptionError(
            "The webhook secret cannot be used. Give 'whsec_' followed by 24 to 64 random bytes in Base64, "
            "for example from: echo whsec_$(openssl rand -base64 32)"
        )
    return key


def signature(key: bytes, id: str, moment: int, body: bytes) -> str:  # noqa: A002 - the scheme's name
    """Return the value of ``webhook-signature``, by https://www.standardwebhooks.com.

    Parameters
    ----------
    key
        See `read_secret`.
    id
        Of the message.
    moment
        Seconds since 1970.
    body
        As it is sent.

    Returns
    -------
    str
        Version and HMAC-SHA256.
    """
    digest = hmac.new(key, b".".join([id.encode(), str(moment).encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def check_header(name: str, value: str) -> None:
    """Make sure that a client's header can be sent with its messages.

    Parameters
    ----------
    name
        Of the header.
    value
        Of the header.

    Raises
    ------
    RequestError
        If it cannot; the message does not repeat the value.
    """
    if not _TOKEN.fullmatch(name) or name.lower() in _RESERVED or name.lower().startswith("webhook-"):
        raise RequestError(
            f"'{name}' cannot be the name of a webhook's header. Use letters, digits and hyphens, and none of the "
            "names that the message itself needs."
        )
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise RequestError(f"The value of the webhook's header '{name}' has control characters. Leave them out.")
