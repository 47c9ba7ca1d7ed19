"""Logs: one line an event, as JSON or for people, without what is nobody's business.

Keys, passwords and the text of transcripts never get into a line; URLs lose their user and query. Ids of the request
and of the job stand in every line that belongs to one: ``structlog.contextvars`` carries them.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "console", "json"]

HIDDEN: Final = "[hidden]"

_PRIVATE = frozenset(
    {
        "api_key",
        "authorization",
        "body",
        "cookie",
        "header_value",
        "headers",
        "key",
        "keyterms",
        "password",
        "prompt",
        "secret",
        "segments",
        "text",
        "token",
        "utterances",
        "words",
    }
)
"""Names of values that are never logged."""
_URL = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s/?#'\"<>]*@)?([^\s?#'\"<>]*)(?:[?#][^\s'\"<>]*)?", re.IGNORECASE)
_CREDENTIAL = re.compile(r"\b(bearer|basic)\s+[^\s'\",]{8,}", re.IGNORECASE)
_API_KEY = re.compile(r"\bpg_[A-Za-z0-9_-]{8,}")
_TALKATIVE = ("alembic", "asyncio", "httpcore", "httpx", "uvicorn")
"""Libraries whose every step is not worth a line."""


def configure(level: Level, style: Format, *, stream: TextIO | None = None) -> None:
    """Send all logs of the process to one place in one form.

    Parameters
    ----------
    level
        The least important messages to write.
    style
        JSON, for people, or by what the stream is.
    stream
        Where to; standard error unless given.
    """
    target = stream or sys.stderr
    colours = target.isatty()
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter("console" if style == "auto" and colours else style, colours=colours))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def clean(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide values of telling names, and take keys and parts of URLs out of texts: a processor of structlog."""
    return {name: HIDDEN if name.lower() in _PRIVATE else _cleaned(value) for name, value in event.items()}


def clean_text(text: str) -> str:
    """Return a text without keys, and with its URLs cut to scheme, host and path."""
    return _CREDENTIAL.sub(rf"\1 {HIDDEN}", _API_KEY.sub(HIDDEN, _URL.sub(r"\1\2", text)))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return clean(None, "", dict(cast("Mapping[str, Any]", value)))
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in cast("list[Any]", value)]
    return value if value is None or isinstance(value, bool | int | float) else clean_text(str(value))


def _shared() -> list[Processor]:
    """What is done to our lines and to those of libraries alike."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(style: Format, *, colours: bool) -> logging.Formatter:
    # A traceback becomes text before it is cleaned. It shows no values of variables.
    plain = structlog.dev.plain_traceback
    for_people = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)
    renderer = for_people if style == "console" else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_shared()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            clean,
            renderer,
        ],
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn says something that was not logged with the request already."""
    return not record.getMessage().startswith("Exception in ASGI application")
