"""The application: all routes, and what every request passes through."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI, Request
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from panglot.server import errors, events, health, metrics, page
from panglot.server.access import Access
from panglot.server.deployment import store_of
from panglot.server.own.routes import make_router as make_own
from panglot.server.protection import HttpLimits, protect
from panglot.server.settings import Settings
from panglot.server.tracing import trace
from panglot.server.v1.routes import ID_HEADER
from panglot.server.v1.routes import make_router as make_v1
from panglot.server.v2.routes import make_router as make_v2
from panglot.service.service import Service

_ABOUT: Final = """Speech to text in 99 languages.

Paths under `/v2` are those of AssemblyAI's API, paths under `/v1` those of OpenAI's: the clients of both work
unchanged. Paths under `/panglot` are our own: revisions, sound, search and more. Send the API key in `Authorization`,
as it is or after `Bearer`.
"""


def make_app(
    service: Service, settings: Settings, *, link_secret: bytes, closing: Callable[[], bool] = lambda: False
) -> ASGIApp:
    """Make the application, with all that protects and observes it.

    Parameters
    ----------
    service
        The use cases.
    settings
        Of this deployment.
    link_secret
        Signs links to files; the same in all processes of a deployment.
    closing
        Whether the server is about to end; event streams end then, so that it need not wait for them.

    Returns
    -------
    ASGIApp
        It never redirects, and answers errors in the form of each API.
    """
    figures = metrics.Metrics(service)
    api = make_api(service, settings, figures=figures, link_secret=link_secret, closing=closing)
    return Access(_cross_origin(protect(api, _limits(settings))), metrics=figures)


def make_api(
    service: Service,
    settings: Settings,
    *,
    figures: metrics.Metrics,
    link_secret: bytes,
    closing: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """Make the application alone; see `make_app`."""
    app = FastAPI(
        title="Panglot",
        version=version("panglot"),
        description=_ABOUT,
        redirect_slashes=False,
        docs_url=None,  # both pages of the framework load their programs from elsewhere
        redoc_url=None,
    )
    errors.install(app)

    def base_url(request: Request) -> str:
        return _base_url(request, settings)

    app.include_router(make_v2(service, base_url=base_url, link_secret=link_secret))
    app.include_router(make_own(service, base_url=base_url, link_secret=link_secret, store=store_of(settings)))
    app.include_router(events.make_router(service, closing=closing))
    app.include_router(make_v1(service, public_url=settings.public_url))
    app.include_router(health.make_router(service, patience=settings.stuck_seconds))
    app.include_router(metrics.make_router(figures))
    app.include_router(page.make_router())
    if settings.tracing:
        trace(app)
    return app


def _limits(settings: Settings) -> HttpLimits:
    return HttpLimits(upload_bytes=settings.upload_limit_bytes, requests_per_minute=settings.requests_per_minute)


def _cross_origin(app: ASGIApp) -> ASGIApp:
    """Let pages from anywhere use the API: they need a key, and no cookie says who asks."""
    return CORSMiddleware(
        app,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        expose_headers=["Retry-After", "X-Request-Id", ID_HEADER],
    )


def _base_url(request: Request, settings: Settings) -> str:
    """Address of this server as the client sees it; behind a trusted proxy, the request carries it."""
    return settings.public_url or str(request.base_url).rstrip("/")
