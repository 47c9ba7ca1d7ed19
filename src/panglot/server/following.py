"""Following a job from the outside: looking at its row, more and more seldom, until it is finished."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from starlette.concurrency import run_in_threadpool

from panglot.errors import PanglotError
from panglot.storage.records import Partial, Project, TranscriptRow
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.service.service import Service

_SOON: Seconds = 0.05
_SELDOM: Seconds = 1.0
_SHARE = 0.05
"""Of the time waited so far: a job is seen to be finished at most so much later than it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a job at one moment."""

    row: TranscriptRow
    partials: tuple[Partial, ...] = ()
    """What was recognised since the last look, where it was asked for."""

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.row.deleted or self.row.status in ("completed", "error")


async def follow(service: Service, project: Project, id: str, *, since: int | None = None) -> AsyncIterator[Look]:  # noqa: A002
    """Look at a job again and again.

    Parameters
    ----------
    service
        Is asked in threads, so that nothing else waits.
    project
        Whose job it is.
    id
        Which job.
    since
        Number of the partial after which to hand out partials; None for none at all.

    Yields
    ------
    Look
        One for each look, whether or not something changed; the last one is of the finished job.

    Raises
    ------
    NotFoundError
        If there is no such job, or not any more.
    """
    began = time.monotonic()
    while True:
        look = await run_in_threadpool(_look, service, project, id, since)
        if look.partials:
            since = look.partials[-1].number
        yield look
        if look.finished:
            return
        await asyncio.sleep(min(max(_SOON, _SHARE * (time.monotonic() - began)), _SELDOM))


def _look(service: Service, project: Project, id: str, since: int | None) -> Look:  # noqa: A002
    # The row first: once it is finished, all partials are there.
    row = service.get(project, id)
    return Look(row=row, partials=() if since is None else service.partials(project, id, since=since))


@asynccontextmanager
async def cancelled_on_leaving(service: Service, project: Project, id: str) -> AsyncGenerator[None]:  # noqa: A002
    """Cancel the job if the block is left by any exception, such as that of a client that went away."""
    try:
        yield
    except BaseException:
        with anyio.CancelScope(shield=True), suppress(PanglotError):
            await run_in_threadpool(service.cancel, project, id)
        raise
