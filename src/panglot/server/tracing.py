"""OpenTelemetry traces of requests, where they are asked for: the extra ``panglot[otel]``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from fastapi import FastAPI

from panglot.errors import OptionError
from panglot.server.access import shown_path

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
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise OptionError(
            "PANGLOT_TRACING needs OpenTelemetry, which is not installed. Install it: pip install 'panglot[otel]'"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "panglot"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    instrument(app, provider)


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
