"""Recordings that a client gave the address of, brought here as files."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpcore
import httpx

from panglot.errors import AudioMissingError, OutputError, RequestError, TooLargeError
from panglot.service.addresses import AddressPolicy
from panglot.service.outgoing import (
    EXTENSIONS,
    AddressRefused,
    CertificateInvalid,
    Deadline,
    DeadlinePassed,
    Way,
    caller_headers,
    open_pool,
    parse_url,
    redacted,
    target,
)
from panglot.units import Seconds

_REDIRECTS = 5
_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})
_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one a moment later."""
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate", "compress", "br", "zstd"})
_PLAIN = ((b"Accept", b"*/*"), (b"Accept-Encoding", b"identity"))
_UNABLE = "Download error, unable to download {}."
_HINT = "Please make sure the file exists and is accessible from the internet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What was fetched."""

    size: int
    """Bytes."""
    content_type: str | None
    """What the server calls it."""


class _Failure(Exception):
    """An attempt failed.

    Parameters
    ----------
    reason
        For the client; it names no address but the one the client gave.
    passing
        Whether another attempt may do better.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class _Larger(Exception):
    """The file is larger than allowed."""


def download(
    url: str,
    path: Path,
    *,
    policy: AddressPolicy,
    max_bytes: int,
    timeout: Seconds,
    progress: Callable[[], object] = lambda: None,
    pauses: Sequence[Seconds] = (0.5, 2.0),
    way: Way | None = None,
) -> Downloaded:
    """Fetch a file over HTTP; the path holds all of it afterwards, or is not touched.

    At most five redirects are followed, and each is checked as the first address is. The file is stored as it comes:
    nothing is decompressed.

    Parameters
    ----------
    url
        ``http`` or ``https``; name and password in it are sent to its host.
    path
        Where the file goes.
    policy
        Which addresses may be called.
    max_bytes
        The largest file to take.
    timeout
        Seconds for everything, attempts that failed included.
    progress
        Called with every block that comes.
    pauses
        Seconds before each further attempt, after failures that may pass.
    way
        How names become connections.

    Returns
    -------
    Downloaded
        What was fetched.

    Raises
    ------
    AudioMissingError
        If it cannot be fetched; the message has the reason, and no secret of the URL.
    TooLargeError
        If it is larger than allowed.
    OutputError
        If the file cannot be written.
    """
    call = _Call(policy, way or Way(), Deadline(timeout), max_bytes, progress)
    try:
        return _persistently(url, path, call, pauses)
    except DeadlinePassed as error:
        raise _unable(url, f"It was not complete within {timeout:g} s.") from error
    except _Failure as error:
        raise _unable(url, str(error)) from error
    except _Larger as error:
        raise TooLargeError(
            f"{_UNABLE.format(redacted(url))} It is larger than {max_bytes} bytes, the most this server takes."
        ) from error


def _unable(url: str, reason: str) -> AudioMissingError:
    return AudioMissingError(f"{_UNABLE.format(redacted(url))} {_HINT} {reason}")


@dataclass(frozen=True, slots=True)
class _Call:
    policy: AddressPolicy
    way: Way
    deadline: Deadline
    max_bytes: int
    progress: Callable[[], object]


def _persistently(url: str, path: Path, call: _Call, pauses: Sequence[Seconds]) -> Downloaded:
    for pause in pauses:
        try:
            return _attempt(url, path, call)
        except _Failure as failure:
            if not failure.passing:
                raise
            time.sleep(call.deadline.left(pause))
    return _attempt(url, path, call)


def _attempt(url: str, path: Path, call: _Call) -> Downloaded:
    partial = path.with_name(f"{path.name}.partial")
    try:
        with _told_apart(), open_pool(call.policy, call.way, call.deadline) as pool:
            found = _follow(pool, _parsed(url), partial, call)
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"The recording cannot be written to '{path}': {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return found


@contextmanager
def _told_apart() -> Generator[None]:
    """Say what a failed connection means. No message tells anything about addresses that may not be called."""
    try:
        yield
    except AddressRefused as error:
        raise _Failure("Its host has no address that may be called.") from error
    except httpcore.TimeoutException as error:
        raise _Failure("The server did not answer in time.", passing=True) from error
    except CertificateInvalid as error:
        raise _Failure("The server's certificate is not valid.") from error
    except httpcore.ConnectError as error:
        raise _Failure("The server cannot be reached.", passing=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _Failure("The connection broke off.", passing=True) from error


def _follow(pool: httpcore.ConnectionPool, url: httpx.URL, partial: Path, call: _Call) -> Downloaded:
    for _ in range(_REDIRECTS + 1):
        with pool.stream(
            "GET", target(url), headers=[*caller_headers(url), *_PLAIN], extensions=EXTENSIONS
        ) as response:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECT_STATUS and "location" in headers:
                url = _joined(url, headers["location"])
                continue
            _check(response.status, headers, call.max_bytes)
            return Downloaded(size=_store(response, partial, call), content_type=headers.get("content-type"))
    raise _Failure(f"It redirects more than {_REDIRECTS} times.")


def _check(status: int, headers: Mapping[str, str], max_bytes: int) -> None:
    if status != 200:
        raise _Failure(f"The server answered with status {status}.", passing=status in _PASSING_STATUS)
    if headers.get("content-encoding", "").strip().lower() in _COMPRESSED:
        raise _Failure("The server sends it compressed, though it was asked not to. Serve the file as it is.")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise _Larger


def _store(response: httpcore.Response, partial: Path, call: _Call) -> int:
    size = 0
    with partial.open("wb") as file:
        for block in response.iter_stream():
            size += len(block)
            if size > call.max_bytes:
                raise _Larger
            file.write(block)
            call.progress()
    return size


def _parsed(url: str) -> httpx.URL:
    try:
        return parse_url(url)
    except RequestError as error:
        raise _Failure("Only http:// and https:// URLs can be fetched.") from error


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    try:
        joined = str(url.join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise _Failure("It redirects to something that is not a URL.") from error
    return _parsed(joined)
