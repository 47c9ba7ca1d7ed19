"""``/metrics``: figures of the queue, the requests and the workers, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from panglot.errors import StorageError
from panglot.server.fleet import Figures

if TYPE_CHECKING:
    from panglot.service.service import Service

STATUSES: Final = ("queued", "processing", "completed", "error")
METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds: from a look at a row to the upload of a long recording."""
_PER_WORKER = ("worker", "model")


class Metrics:
    """The figures of one application, in a registry of their own.

    Parameters
    ----------
    service
        Asked for queue and workers whenever somebody looks.
    """

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "panglot_requests",
            "Requests answered, by method, route and status; 499 where the client went away.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "panglot_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_Deployment(service))

    def observe(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered.

        Parameters
        ----------
        method
            Its HTTP method.
        route
            Template of the route, never the path itself: ids would make figures without end.
        status
            Of the answer.
        seconds
            It took.
        """
        known = method if method in METHODS else "OTHER"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def render(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._registry)


def make_router(metrics: Metrics) -> APIRouter:
    """Make the route ``/metrics``.

    Parameters
    ----------
    metrics
        What it shows.

    Returns
    -------
    APIRouter
        To be included; it asks for no key, and shows no id of a job or project.
    """
    router = APIRouter(tags=["operation"])

    def show() -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)

    router.add_api_route("/metrics", show, methods=["GET"], summary="Figures for Prometheus", response_class=Response)
    return router


class _Deployment(Collector):
    """Figures that are read from the database when somebody looks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; where the database is away, only that it is."""
        try:
            counts, wait, rows = self._service.counts(), self._service.oldest_wait(), self._service.workers()
        except StorageError:
            yield _gauge("panglot_storage_up", "1 where the database can be read.", 0)
            return
        yield _gauge("panglot_storage_up", "1 where the database can be read.", 1)
        jobs = GaugeMetricFamily("panglot_jobs", "Jobs by status.", labels=("status",))
        for status in STATUSES:
            jobs.add_metric((status,), counts.get(status, 0))
        yield jobs
        yield _gauge("panglot_oldest_wait_seconds", "Seconds that the oldest queued job has waited.", wait)
        yield _gauge("panglot_workers", "Workers that reported lately.", len(rows))
        yield from _workers([Figures.of(row) for row in rows])


def _workers(fleet: list[Figures]) -> Iterator[Metric]:
    now = datetime.now(UTC)
    running = _gauges("panglot_worker_running_jobs", "Jobs that a worker has in hand.")
    stalled = _gauges(
        "panglot_worker_stalled_seconds",
        "Seconds for which one of the jobs in hand has got no further; 0 without jobs.",
    )
    factor = _gauges("panglot_worker_real_time_factor", "Seconds of work for a second of audio, since the start.")
    fill = _gauges("panglot_worker_batch_fill", "Share of the places in batches that was used, since the start.")
    audio = _counters("panglot_worker_audio_seconds", "Seconds of audio recognised.")
    busy = _counters("panglot_worker_busy_seconds", "Seconds of work that recognition took.")
    windows = _counters("panglot_worker_windows", "Windows recognised.")
    places = _counters("panglot_worker_batch_places", "Places that the batches had.")
    finished = _counters("panglot_worker_jobs", "Jobs that ended, by outcome.", "outcome")
    failures = _counters("panglot_worker_failures", "Failed jobs, by kind of error.", "kind")
    for each in fleet:
        labels = (each.worker, each.model)
        running.add_metric(labels, len(each.running))
        stalled.add_metric(labels, each.stalled(now))
        if each.real_time_factor is not None:
            factor.add_metric(labels, each.real_time_factor)
        if each.batch_fill is not None:
            fill.add_metric(labels, each.batch_fill)
        audio.add_metric(labels, each.audio)
        busy.add_metric(labels, each.busy)
        windows.add_metric(labels, each.windows)
        places.add_metric(labels, each.places)
        for outcome, number in each.finished.items():
            finished.add_metric((*labels, outcome), number)
        for kind, number in each.failures.items():
            failures.add_metric((*labels, kind), number)
    yield from (running, stalled, factor, fill, audio, busy, windows, places, finished, failures)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _gauges(name: str, about: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, labels=_PER_WORKER)


def _counters(name: str, about: str, *more: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, about, labels=(*_PER_WORKER, *more))
