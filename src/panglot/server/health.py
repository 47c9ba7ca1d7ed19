"""``/livez``, ``/healthz`` and ``/readyz``: does the process answer, does the work go on, can requests be served."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from panglot.errors import StorageError
from panglot.server.fleet import Figures
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.service.service import Service


def problems(service: Service, *, patience: Seconds, now: datetime | None = None) -> tuple[str, ...]:
    """Find out why jobs do not get on.

    Parameters
    ----------
    service
        Knows queue and workers.
    patience
        Seconds without progress of a job that are still all right.
    now
        The time of day, unless it is now.

    Returns
    -------
    tuple of str
        A sentence each; empty where all is well.

    Raises
    ------
    StorageError
        If the database cannot be read.
    """
    now = now or datetime.now(UTC)
    fleet = [Figures.of(row) for row in service.workers()]
    found = [
        f"Worker {each.worker} has {len(each.running)} jobs in hand, and one of them has got no further for "
        f"{each.stalled(now):.0f} s."
        for each in fleet
        if each.stalled(now) > patience
    ]
    if not fleet and service.oldest_wait() > patience:
        found.append(f"Jobs have waited for {service.oldest_wait():.0f} s, and no worker is seen.")
    if not fleet and (begun := service.counts().get("processing", 0)):
        found.append(f"{begun} jobs are begun, and no worker is seen.")
    return tuple(found)


def make_router(service: Service, *, patience: Seconds) -> APIRouter:
    """Make the routes for probes; they ask for no key.

    Parameters
    ----------
    service
        What is looked at.
    patience
        Seconds without progress of a job after which its worker counts as stuck.

    Returns
    -------
    APIRouter
        To be included.
    """
    router = APIRouter(tags=["operation"])

    async def live() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    def healthy() -> JSONResponse:
        try:
            found = problems(service, patience=patience)
        except StorageError:
            return _unavailable("The database cannot be read.")
        return _unavailable(*found) if found else JSONResponse({"status": "ok"})

    def ready() -> JSONResponse:
        try:
            service.ready()
        except StorageError:
            return _unavailable("The database or the object store cannot be used.")
        return JSONResponse({"status": "ok"})

    unwell = {503: {"description": "It is not; the body says why."}}
    router.add_api_route("/livez", live, methods=["GET"], summary="Whether the process answers")
    router.add_api_route("/healthz", healthy, methods=["GET"], summary="Whether jobs get on", responses={**unwell})
    router.add_api_route(
        "/readyz", ready, methods=["GET"], summary="Whether requests can be served", responses={**unwell}
    )
    return router


def _unavailable(*reasons: str) -> JSONResponse:
    return JSONResponse({"status": "unavailable", "reasons": list(reasons)}, status_code=503)
