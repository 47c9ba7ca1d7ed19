from __future__ import annotations

import sys

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from panglot.errors import OptionError
from panglot.server.tracing import instrument, trace


def make_app() -> FastAPI:
    app = FastAPI()
    app.add_api_route("/v2/transcript/{name}", lambda name: name)
    app.add_api_route("/healthz", lambda: "ok")
    return app


def test_requests_are_traced_without_their_query() -> None:
    pytest.importorskip("opentelemetry.sdk", reason="panglot[otel] is not installed")
    pytest.importorskip("opentelemetry.instrumentation.fastapi", reason="panglot[otel] is not installed")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    app = make_app()
    instrument(app, provider)
    client = TestClient(app)
    client.get("/v2/transcript/t1?words=private")
    client.get("/healthz")
    (span,) = kept.get_finished_spans()
    assert "/v2/transcript/{name}" in span.name
    assert "private" not in str(dict(span.attributes or {}))


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(OptionError, match=r"pip install 'panglot\[otel\]'"):
        trace(make_app())
