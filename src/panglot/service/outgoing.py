"""Connections to addresses that clients named.

A name is resolved here, its addresses are checked, and the connection goes to an address that was checked: a name that
leads elsewhere when it is asked again gains nothing. Everything within one call shares one deadline, so a server that
sends a byte now and then cannot hold it up.
"""

from __future__ import annotations

import base64
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote_to_bytes

import httpcore
import httpx

from panglot.errors import RequestError
from panglot.service.addresses import Address, AddressPolicy
from panglot.units import Seconds

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host; raises OSError where it has none."""

CONNECT_SECONDS: Seconds = 10.0
IDLE_SECONDS: Seconds = 30.0
"""How long a server may stay silent."""

EXTENSIONS: MutableMapping[str, Any] = {
    "timeout": {"connect": CONNECT_SECONDS, "read": IDLE_SECONDS, "write": IDLE_SECONDS},
}
"""Of every request."""


_UNUSABLE = "The address cannot be called. Give a URL that starts with http:// or https://."
_USER_AGENT = b"Panglot"


class AddressRefused(Exception):
    """A host has no address that may be called: none at all, or only others."""


class CertificateInvalid(httpcore.ConnectError):
    """A server's certificate is not one for its name, or not of an authority that is trusted."""


class DeadlinePassed(Exception):
    """A call took longer than it was given."""


class Deadline:
    """A moment after which nothing more is waited for.

    Parameters
    ----------
    seconds
        From now on.
    """

    def __init__(self, seconds: Seconds) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: Seconds | None = None) -> Seconds:
        """Return the seconds left, at most so many; raises `DeadlinePassed` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left if most is None else min(left, most)


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How names become connections."""

    resolve: Resolve = system_addresses
    network: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)
    tls: ssl.SSLContext | None = None
    """Whose certificates are trusted; None for the public authorities and those that ``SSL_CERT_FILE`` names."""


def open_pool(policy: AddressPolicy, way: Way, deadline: Deadline) -> httpcore.ConnectionPool:
    """Open connections that only lead where a policy permits, and end with a deadline.

    Parameters
    ----------
    policy
        Which addresses may be called.
    way
        How names become connections.
    deadline
        Of all that is done with them.

    Returns
    -------
    httpcore.ConnectionPool
        Close it. It knows no proxies and follows no redirects.
    """
    return httpcore.ConnectionPool(
        ssl_context=way.tls or _trusted(),
        network_backend=_CheckedNetwork(policy, way, deadline),
        max_keepalive_connections=0,
    )


def parse_url(text: str) -> httpx.URL:
    """Take a client's URL apart.

    Parameters
    ----------
    text
        As the client wrote it.

    Returns
    -------
    httpx.URL
        With ``http`` or ``https`` and a host.

    Raises
    ------
    RequestError
        If it is anything else.
    """
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise RequestError(_UNUSABLE) from error
    if url.scheme not in ("http", "https") or not url.raw_host or not 0 < (url.port or 80) < 65536:
        raise RequestError(_UNUSABLE)
    return url


def target(url: httpx.URL) -> httpcore.URL:
    """Return a URL as the connections take it."""
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def caller_headers(url: httpx.URL) -> list[tuple[bytes, bytes]]:
    """Return the headers that every request has: the host, who is calling, and the URL's own name and password."""
    headers = [(b"Host", url.netloc), (b"User-Agent", _USER_AGENT)]
    if url.userinfo:
        headers.append((b"Authorization", b"Basic " + base64.b64encode(unquote_to_bytes(url.userinfo))))
    return headers


def redacted(text: str) -> str:
    """Return a URL without what may be secret: name and password, and the query, where signatures are.

    Parameters
    ----------
    text
        As the client wrote it, perhaps not a URL at all.

    Returns
    -------
    str
        For messages and logs; an ellipsis stands for what was left out.
    """
    bare, question, _ = text.strip().partition("#")[0].partition("?")
    query = "?…" if question else ""
    try:
        url = parse_url(bare)
    except RequestError:
        return f"{'…' if '@' in bare else bare}{query}"
    authority, slash, path = bare.partition("://")[2].partition("/")
    return f"{url.scheme}://{authority.rpartition('@')[2]}{slash}{path}{query}"


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class _CheckedNetwork(httpcore.NetworkBackend):
    def __init__(self, policy: AddressPolicy, way: Way, deadline: Deadline) -> None:
        self._policy = policy
        self._way = way
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception = httpcore.ConnectError("no address")
        for address in self._checked(host, port, timeout):
            try:
                stream = self._way.network.connect_tcp(
                    str(address), port, self._deadline.left(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    def _checked(self, host: str, port: int, timeout: float | None) -> Sequence[Address]:
        try:
            found = _resolve(self._way.resolve, host, port, self._deadline.left(timeout))
        except UnicodeError as error:
            raise AddressRefused from error
        except OSError as error:
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
                raise AddressRefused from error
            raise httpcore.ConnectError("the name cannot be resolved now") from error
        addresses = [ip_address(each) for each in dict.fromkeys(found)]
        permitted = [each for each in addresses if self._policy.permits(host, each)]
        if not permitted:
            raise AddressRefused
        return permitted


def _resolve(resolve: Resolve, host: str, port: int, seconds: Seconds) -> Sequence[str]:
    """Resolve a name in a thread of its own: the system's resolver cannot be told when to give up."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, name="panglot-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty as error:
        raise TimeoutError("the name was not resolved in time") from error
    if isinstance(answer, Exception):
        raise answer
    return answer


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise CertificateInvalid from error
            raise
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
