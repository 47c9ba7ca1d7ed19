"""All endpoints under ``/panglot``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from panglot.models import Store
from panglot.server.own import about, corrections, documents, exports, operator, playback, recordings, sharing

if TYPE_CHECKING:
    from panglot.service.service import Service


def make_router(service: Service, *, base_url: Callable[[Request], str], link_secret: bytes, store: Store) -> APIRouter:
    """Make the endpoints under ``/panglot``.

    Parameters
    ----------
    service
        Does the work.
    base_url
        Tells the URL of this server as a request's client sees it, without a slash at the end.
    link_secret
        Signs links to files, and makes tokens; the same in all processes that serve the API.
    store
        Where the weights and the language cards of models are.

    Returns
    -------
    APIRouter
        To be included in an application that has the handlers of `panglot.server.errors`.
    """
    router = APIRouter(prefix="/panglot", tags=["Panglot"], redirect_slashes=False)
    about.add(router, service)
    recordings.add(router, service)
    documents.add(router, service)
    playback.add(router, service, base_url=base_url, secret=link_secret)
    exports.add(router, service)
    sharing.add(router, service, base_url=base_url, secret=link_secret)
    corrections.add(router, service)
    operator.add(router, service, store=store)
    return router
