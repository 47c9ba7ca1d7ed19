"""``panglot worker``: takes jobs, on this machine or any other that reaches the database."""

from __future__ import annotations

import ctypes
import os
import platform as machine
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli.deployment import open_deployment, settings_of
from panglot.cli.session import Session, session_of
from panglot.cli.supervisor import orphaned_from

if TYPE_CHECKING:
    from panglot.pipeline.model import Model
    from panglot.server.settings import Settings


_NICENESS = 5
"""How far a worker steps back beside an API on the same machine: requests are short, and somebody waits for them."""

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""Parameters of the C library's ``mallopt``."""
_LARGE = 64 << 20
"""Bytes of a block that is handed back at once; smaller ones are kept for the next."""
_SPARE = 256 << 20
"""Bytes that are kept at the end of the memory when nothing is in them."""


def worker(
    context: typer.Context,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Take jobs from the queue of the service, until told to stop.

    Any number of workers may run, on any number of machines: give them the same PANGLOT_DATABASE_URL and
    PANGLOT_STORAGE_URL. All settings are variables of the environment; `panglot serve --print-config` lists them.

    On SIGTERM a worker finishes the chunks in hand, and gives its jobs back for others to go on with.
    """
    from panglot.server.deployment import worker_options
    from panglot.server.logs import configure
    from panglot.server.tracing import worker_spans
    from panglot.service.spans import untraced
    from panglot.service.worker import run_worker

    if parent is not None:
        os.nice(_NICENESS)
    _keep_memory()
    session = session_of(context)
    settings = settings_of(session)
    configure(settings.log_level, settings.log_format)
    with open_deployment(settings) as platform:
        run_worker(
            platform,
            load=_loader(session, settings),
            options=worker_options(settings),
            orphaned=(lambda: False) if parent is None else orphaned_from(parent),
            span=worker_spans() if settings.tracing else untraced,
        )


def _keep_memory() -> None:
    """Let all threads take memory from one place, and keep what is free for the next window.

    The C library of Linux gives each thread its own by default, and the many windows that are in hand make it hand
    large blocks back and take them again all the time: the system clears every page of them each time.
    """
    if machine.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(_ARENA_MAX, 1)
    if mallopt(_MMAP_THRESHOLD, _LARGE):  # before 2.35 it refuses more than half of that, and does better by itself
        mallopt(_TRIM_THRESHOLD, _SPARE)


def _loader(session: Session, settings: Settings) -> Callable[[], Model]:
    return lambda: session.load(
        settings.model,
        device=settings.device,
        compute=settings.compute,
        threads=settings.threads,
        store=session.store,
        progress=None,
    )
