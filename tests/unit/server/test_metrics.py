from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient
from operation import Watched, worker
from prometheus_client.parser import text_string_to_metric_families

from panglot.server.access import Access
from panglot.server.fleet import Figures
from panglot.server.metrics import Metrics, make_router


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(metrics.render().decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics).get((name, frozenset(labels.items())))


def test_queue_figures_are_read_when_somebody_looks() -> None:
    service = Watched(waits=12.5, jobs={"queued": 3, "completed": 40})
    metrics = Metrics(service)
    assert value(metrics, "panglot_jobs", status="queued") == 3
    assert value(metrics, "panglot_jobs", status="processing") == 0
    assert value(metrics, "panglot_oldest_wait_seconds") == 12.5
    service.jobs = {"queued": 4}
    assert value(metrics, "panglot_jobs", status="queued") == 4


def test_worker_figures() -> None:
    service = Watched(
        worker(
            "w1",
            running=("a", "b"),
            audio_seconds=600.0,
            busy_seconds=60.0,
            windows=30,
            places=40,
            jobs={"completed": 5, "error": 2},
            failures={"audio_format": 2},
        )
    )
    metrics = Metrics(service)
    where = {"worker": "w1", "model": "base"}
    assert value(metrics, "panglot_workers") == 1
    assert value(metrics, "panglot_worker_running_jobs", **where) == 2
    assert value(metrics, "panglot_worker_audio_seconds_total", **where) == 600.0
    assert value(metrics, "panglot_worker_real_time_factor", **where) == 0.1
    assert value(metrics, "panglot_worker_batch_fill", **where) == 0.75
    assert value(metrics, "panglot_worker_jobs_total", outcome="completed", **where) == 5
    assert value(metrics, "panglot_worker_failures_total", kind="audio_format", **where) == 2


def test_a_worker_that_reports_nothing_yet_has_no_ratios() -> None:
    figures = Figures.of(worker(loaded=None, progressed=None, running=[]))
    assert (figures.model, figures.real_time_factor, figures.batch_fill) == ("none", None, None)
    metrics = Metrics(Watched(worker("new", loaded=None)))
    assert value(metrics, "panglot_worker_real_time_factor", worker="new", model="none") is None
    assert value(metrics, "panglot_worker_running_jobs", worker="new", model="none") == 0


def test_requests_are_counted_by_route_and_status() -> None:
    metrics = Metrics(Watched())
    metrics.observe(method="GET", route="/v2/transcript/{id}", status=200, seconds=0.02)
    metrics.observe(method="GET", route="/v2/transcript/{id}", status=200, seconds=0.02)
    metrics.observe(method="BREW", route="unmatched", status=404, seconds=0.02)
    where = {"method": "GET", "route": "/v2/transcript/{id}"}
    assert value(metrics, "panglot_requests_total", status="200", **where) == 2
    assert value(metrics, "panglot_request_seconds_count", **where) == 2
    assert value(metrics, "panglot_request_seconds_bucket", le="0.01", **where) == 0
    assert value(metrics, "panglot_requests_total", method="OTHER", route="unmatched", status="404") == 1


def test_two_applications_do_not_share_figures() -> None:
    first, second = Metrics(Watched()), Metrics(Watched())
    first.observe(method="GET", route="/", status=200, seconds=0.1)
    assert value(second, "panglot_requests_total", method="GET", route="/", status="200") is None


def test_the_page_is_there_when_the_database_is_not() -> None:
    service = Watched()
    metrics = Metrics(service)
    app = FastAPI()
    app.include_router(make_router(metrics))
    assert value(metrics, "panglot_storage_up") == 1
    service.away = True
    answer = TestClient(app).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert value(metrics, "panglot_storage_up") == 0


def test_requests_are_counted_under_their_template() -> None:
    metrics = Metrics(Watched())
    app = FastAPI()

    @app.get("/things/{name}")
    def thing(name: str) -> str:
        if name == "bug":
            raise ZeroDivisionError
        return name

    app.add_middleware(Access, metrics=metrics)
    client = TestClient(app, raise_server_exceptions=False)
    for path in ("/things/a", "/things/b", "/things/bug", "/elsewhere"):
        client.get(path)
    where = {"method": "GET", "route": "/things/{name}"}
    assert value(metrics, "panglot_requests_total", status="200", **where) == 2
    assert value(metrics, "panglot_requests_total", status="500", **where) == 1
    assert value(metrics, "panglot_requests_total", method="GET", route="unmatched", status="404") == 1
