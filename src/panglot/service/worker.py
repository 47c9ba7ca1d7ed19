"""A worker process: it takes jobs, beats, and looks after what other workers left."""

from __future__ import annotations

import os
import platform as machine
import signal
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from panglot.jobs.liveness import Chore, Heart, Sweeper
from panglot.jobs.worker import JobWorker
from panglot.pipeline.model import Model
from panglot.service.admission import admit, forget_finished, reconcile
from panglot.service.counters import Counters
from panglot.service.erasing import erase_abandoned, erase_outdated
from panglot.service.holder import ModelHolder
from panglot.service.platform import Platform
from panglot.service.scratch import is_running, remove_abandoned
from panglot.service.spans import Span, untraced
from panglot.service.webhooks import Sender
from panglot.service.work import Work
from panglot.units import Seconds

_LONG_AGO = timedelta(days=1)
_BEATS = 6
"""Reports and sweeps in the time of a lease."""

_log = structlog.get_logger("panglot.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How a worker works."""

    jobs: int = 12
    """Jobs at the same time: enough that the engine has work while some of them are read or written."""
    lease: Seconds = 30.0
    """Seconds without a beat after which others take over its jobs."""
    idle_unload: Seconds | None = None
    shutdown: Seconds = 60.0
    """Seconds that the steps in hand may take at the end."""
    webhook_secret: str | None = None


def run_worker(
    platform: Platform,
    *,
    load: Callable[[], Model],
    options: WorkerOptions,
    orphaned: Callable[[], bool] = lambda: False,
    span: Span = untraced,
) -> None:
    """Work until the process is told to stop, then hand over what is not finished.

    Parameters
    ----------
    platform
        Where everything is kept.
    load
        Loads the model; called when the first job comes.
    options
        How to work.
    orphaned
        Asked every second; the worker ends when it says yes.
    span
        Marks each job, and each step of it.
    """
    identity = f"{machine.node()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    counters = Counters()
    holder = ModelHolder(load, idle=options.idle_unload)
    work = Work(platform, holder, worker_id=identity, counters=counters, span=span)
    jobs = JobWorker(platform.queue_url, worker_id=identity, work=work, concurrency=options.jobs)
    sender = Sender(platform.outbox, platform.policy, secret=options.webhook_secret)
    heart = Heart(
        platform.workers,
        worker_id=identity,
        interval=options.lease / _BEATS,
        info=lambda: _info(counters, holder, jobs),
    )
    sweeper = Sweeper(
        jobs,
        platform.workers,
        lease=options.lease,
        interval=options.lease / _BEATS,
        admit=lambda: admit(platform),
        chores=[
            Chore(name="reconcile", call=lambda: reconcile(platform), interval=options.lease),
            Chore(name="webhooks", call=sender.send_due, interval=1.0),
            Chore(name="retention", call=lambda: erase_outdated(platform), interval=60.0),
            Chore(name="abandoned", call=lambda: erase_abandoned(platform), interval=3600.0),
            Chore(name="journal", call=lambda: forget_finished(platform), interval=600.0),
        ],
    )
    stop = _stop_on_signals()
    remove_abandoned()
    _bury(platform)
    heart.start()
    jobs.start()
    sweeper.start()
    _log.info("worker_started", worker=identity)
    try:
        while not stop.wait(1.0):
            if orphaned():
                break
    finally:
        _log.info("worker_stopping", worker=identity)
        jobs.drain(options.shutdown)
        sweeper.stop()
        jobs.close()
        heart.stop()
        holder.close()
        _log.info("worker_stopped", worker=identity)


def _info(counters: Counters, holder: ModelHolder, jobs: JobWorker) -> dict[str, Any]:
    model = holder.loaded
    what = model and {"model": model.info.model, "device": model.info.device, "compute": model.info.compute}
    batches = asdict(model.tally) if model else {}
    return {**counters.report(), **batches, "loaded": what, "running": list(jobs.running())}


def _bury(platform: Platform) -> None:
    """Take workers off the list that ran on this machine and are gone: nobody has to wait for their lease to end."""
    host = machine.node()
    for row in platform.workers.alive(datetime.now(UTC) - _LONG_AGO):
        if row.host == host and not is_running(row.pid):
            platform.workers.remove(row.id)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
