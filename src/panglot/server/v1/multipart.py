"""Reading a form as it comes in: the file is handed on block by block, whatever stands before or after it.

Nothing is kept but the fields, so memory does not depend on the size of the file. Names of files are not looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from panglot.errors import RequestError

_FIELDS: Final = 2000
_FIELD_BYTES: Final = 65_536
_REST_BYTES: Final = 1_048_576
"""Bytes of a form that are not its file's: fields, headers, boundaries, and what stands after the last one."""
_DRAINED_BYTES: Final = 16_777_216


class FormReader:
    """Takes a form apart.

    Parameters
    ----------
    content_type
        The request's header.
    body
        The request's bytes.
    file
        Name of the part that is the file.
    check_name
        Called with the name of each part before its content is read; raises a RequestError for one that is refused.

    Raises
    ------
    RequestError
        If the request is not a form.
    """

    def __init__(
        self, content_type: str | None, body: AsyncIterator[bytes], *, file: str, check_name: Callable[[str], None]
    ) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise RequestError(
                f"The body is of type {content_type or 'unknown'}. Send multipart/form-data with a boundary and the "
                f"recording in the part {file!r}."
            )
        self.fields: list[tuple[str, str]] = []
        """Names and values in the order they came in; complete when `blocks` has ended."""
        self._body = body
        self._file = file
        self._check_name = check_name
        self._blocks: list[bytes] = []
        self._rest = 0
        self._parts = 0
        self._file_seen = False
        self._ended = False
        self._header_name = self._header_value = self._disposition = b""
        self._name = ""
        self._value = bytearray()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._add_header_name,
                    "on_header_value": self._add_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _malformed(error) from error

    async def blocks(self) -> AsyncIterator[bytes]:
        """Yield the file's bytes, and read the form to its end.

        Yields
        ------
        bytes
            A part of the file.

        Raises
        ------
        RequestError
            If the form is malformed, ends early, has no file or two, or is too large apart from its file. So whoever
            keeps the file learns that it must not be kept.
        """
        try:
            async for block in self._body:
                self._feed(block)
                for part in self._blocks:
                    yield part
                self._blocks.clear()
        except ClientDisconnect as error:
            raise RequestError("The client went away before the request was complete.") from error
        if not self._ended:
            raise RequestError("The form ends before its last boundary. Send the whole body.")
        if not self._file_seen:
            raise RequestError(f"The form has no part {self._file!r}. Send the recording as a file part of that name.")

    async def drain(self) -> None:
        """Read on without keeping anything, so that a client that still sends gets to read why it was refused."""
        drained = 0
        with suppress(ClientDisconnect):
            async for block in self._body:
                drained += len(block)
                if drained > _DRAINED_BYTES:
                    return

    def _feed(self, block: bytes) -> None:
        self._rest += len(block)
        try:
            self._parser.write(block)
        except FormParserError as error:
            raise _malformed(error) from error
        if self._rest > _REST_BYTES:
            raise RequestError(
                f"The form's fields have more than {_REST_BYTES} bytes together. Send less besides the file."
            )

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > _FIELDS:
            raise RequestError(f"The form has more than {_FIELDS} fields. Send fewer.")
        self._disposition = b""
        self._value.clear()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = _text(options.get(b"name", b""), "The name of a field")
        if not self._name:
            raise RequestError("A part of the form has no name. Give each part a Content-Disposition with a name.")
        self._check_name(self._name)
        if self._name == self._file:
            if self._file_seen:
                raise RequestError(f"The form has several parts {self._file!r}. Send one recording in a request.")
            self._file_seen = True

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == self._file:
            self._rest -= end - start
            self._blocks.append(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > _FIELD_BYTES:
            raise RequestError(
                f"The field {self._name[:100]!r} has more than {_FIELD_BYTES} bytes. Send a shorter value."
            )

    def _end_part(self) -> None:
        if self._name != self._file:
            self.fields.append((self._name, _text(bytes(self._value), f"The field {self._name[:100]!r}")))

    def _end(self) -> None:
        self._ended = True


def _text(value: bytes, what: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise RequestError(f"{what} is not UTF-8. Send text as UTF-8.") from error


def _malformed(error: FormParserError) -> RequestError:
    return RequestError(f"The form is malformed: {error}. Send multipart/form-data as RFC 7578 has it.")
