from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from operation import Watched

from panglot.server.access import Access
from panglot.server.envelope import RequestIds
from panglot.server.logs import HIDDEN, clean, clean_text, configure
from panglot.server.metrics import Metrics

KEY = "pg_AUSF_fWXnwOwDBnLKGHmOaPDQR38l6FTsTbU_1kXYa4"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where logs go during a test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure("info", "json", stream=written)
    yield written
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("got https://ada:secret@example.org/a.mp3?token=x#t", "got https://example.org/a.mp3"),
        ("s3://bucket/key?X-Amz-Signature=abc and more", "s3://bucket/key and more"),
        ("postgresql+psycopg://u:p@db:5432/x is away", "postgresql+psycopg://db:5432/x is away"),
        (f"no such key {KEY}.", f"no such key {HIDDEN}."),
        ("Authorization: Bearer abcdefghijkl", f"Authorization: Bearer {HIDDEN}"),
        ("'https://example.org/a?b=c' failed", "'https://example.org/a' failed"),
        ("nothing to hide: 12:30, a@b", "nothing to hide: 12:30, a@b"),
    ],
)
def test_texts_lose_what_is_secret(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_values_of_telling_names_are_hidden_at_any_depth() -> None:
    event = {"event": "x", "text": "what was said", "deep": {"Authorization": "k", "n": 1}, "list": [KEY, None, True]}
    assert clean(None, "info", event) == {
        "event": "x",
        "text": HIDDEN,
        "deep": {"Authorization": HIDDEN, "n": 1},
        "list": [HIDDEN, None, True],
    }


def test_our_lines_and_those_of_libraries_look_the_same(stream: io.StringIO) -> None:
    structlog.get_logger("panglot.work").info("job_started", transcript="t1")
    logging.getLogger("library").warning("slow: %s", "https://u:p@example.org/?q=1", extra={"job": "t2"})
    ours, theirs = lines(stream)
    assert (ours["event"], ours["transcript"], ours["level"], ours["logger"]) == (
        "job_started",
        "t1",
        "info",
        "panglot.work",
    )
    assert (theirs["event"], theirs["job"], theirs["level"]) == ("slow: https://example.org/", "t2", "warning")
    assert ours.keys() - {"transcript"} == theirs.keys() - {"job"}


def test_less_important_lines_are_left_out(stream: io.StringIO) -> None:
    structlog.get_logger("panglot").debug("no")
    logging.getLogger("httpx").info("no")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
    assert lines(stream) == []


def test_tracebacks_are_cleaned_and_show_no_values(stream: io.StringIO) -> None:
    def fail(spoken: str) -> None:
        raise ValueError(f"at https://example.org/?key={len(spoken)}")

    private = "-".join(("what", "was", "said"))
    try:
        fail(private)
    except ValueError:
        structlog.get_logger("panglot").exception("failed")
    (line,) = lines(stream)
    assert "ValueError: at https://example.org/" in line["exception"]
    assert "?key=1" not in line["exception"]
    assert private not in stream.getvalue()


def test_people_get_text() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    try:
        configure("info", "console", stream=written)
        structlog.get_logger("panglot").info("hello", number=1)
    finally:
        logging.captureWarnings(False)
        structlog.reset_defaults()
        root.handlers[:], root.level = handlers, level
    assert "hello" in written.getvalue()
    assert "number=1" in written.getvalue()
    assert "\x1b" not in written.getvalue()


def test_a_request_leaves_one_line_without_its_query(stream: io.StringIO) -> None:
    app = FastAPI()

    @app.get("/v2/transcript/{transcript_id}/word-search")
    def search(transcript_id: str) -> str:
        structlog.get_logger("panglot").info("searching")
        return transcript_id

    app.add_middleware(Access, metrics=Metrics(Watched()))
    app.add_middleware(RequestIds)
    client = TestClient(app)
    headers = {"X-Request-Id": "r-1", "Authorization": KEY}
    answer = client.get("/v2/transcript/t1/word-search?words=private", headers=headers)
    client.get("/healthz")
    inner, access = (each for each in lines(stream) if each["logger"] in ("panglot", "panglot.access"))
    assert answer.headers["x-request-id"] == "r-1"
    assert inner["request_id"] == "r-1"
    written = stream.getvalue()
    assert "private" not in written
    assert KEY not in written
    assert {name: access[name] for name in ("event", "request_id", "transcript", "status", "method", "path")} == {
        "event": "request",
        "request_id": "r-1",
        "transcript": "t1",
        "status": 200,
        "method": "GET",
        "path": "/v2/transcript/t1/word-search",
    }


def test_a_request_about_a_transcript_says_so_whatever_its_route_calls_it(stream: io.StringIO) -> None:
    app = FastAPI()

    @app.get("/v2/transcript/{id}/events")
    def events(id: str) -> str:  # noqa: A002 - the route names it so
        return id

    @app.get("/v1/models/{model}")
    def model(model: str) -> str:
        return model

    app.add_middleware(Access, metrics=Metrics(Watched()))
    client = TestClient(app)
    client.get("/v2/transcript/t1/events")
    client.get("/v1/models/base")
    about, other = (each for each in lines(stream) if each["logger"] == "panglot.access")
    assert (about["path"], about["transcript"]) == ("/v2/transcript/t1/events", "t1")
    assert "transcript" not in other
