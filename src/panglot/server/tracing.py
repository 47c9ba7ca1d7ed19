"""OpenTelemetry traces of requests and of jobs, where they are asked for: the extra ``panglot[otel]``."""

from __future__ import annotations

from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI

from panglot.errors import OptionError
from panglot.server.access import shown_path
from panglot.service.spans import Span

_TELLING = ("http.target", "http.url", "url.full", "url.path", "url.query")
"""Attributes that may hold what clients search for, or a key."""


def trace(app: FastAPI) -> None:
    """Send a trace of each request to where the ``OTEL_*`` variables say.

    Parameters
    ----------
    app
        Its requests are traced; probes are not.

    Raises
    ------
    OptionError
        If the extra is not installed.
    """
    instrument(app, _provider("panglot"))


def worker_spans() -> Span:
    """Return what sends spans of a worker's jobs to where the ``OTEL_*`` variables say.

    Returns
    -------
    Span
        For the worker.

    Raises
    ------
    OptionError
        If the extra is not installed.
    """
    return spans(_provider("panglot-worker"))


def spans(provider: Any) -> Span:
    """Return what makes spans.

    Parameters
    ----------
    provider
        An OpenTelemetry ``TracerProvider``, which says where they go.

    Returns
    -------
    Span
        A job's span continues the trace of the request for it; what happens inside a span belongs to it. Of an error
        it tells the kind alone.
    """
    from opentelemetry.trace import StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    tracer = provider.get_tracer("panglot")

    @contextmanager
    def span(name: str, /, *, parent: str | None = None, **attributes: str | int) -> Generator[None]:
        asked = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
        known = {f"panglot.{key}": value for key, value in attributes.items()}
        with tracer.start_as_current_span(
            name, context=asked, attributes=known, record_exception=False, set_status_on_exception=False
        ) as begun:
            try:
                yield
            except Exception as error:
                begun.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    return span


def traceparent() -> str | None:
    """Return that of the request in hand (W3C Trace Context), None where it is not traced."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def _provider(name: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise OptionError(
            "PANGLOT_TRACING needs OpenTelemetry, which is not installed. Install it: pip install 'panglot[otel]'"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def instrument(app: FastAPI, provider: Any) -> None:
    """Trace the requests of an application.

    Parameters
    ----------
    app
        The application.
    provider
        An OpenTelemetry ``TracerProvider``, which says where traces go.
    """
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        excluded_urls="healthz,livez,metrics,readyz",
        server_request_hook=_hide,
        exclude_spans=["receive", "send"],
    )


def _hide(span: Any, scope: MutableMapping[str, Any]) -> None:
    attributes: Mapping[str, Any] = getattr(span, "attributes", None) or {}
    for name in _TELLING:
        if name in attributes:
            span.set_attribute(name, shown_path(scope["path"]))
