from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient
from operation import NOW, Watched, worker

from panglot.server.health import make_router, problems


def client(service: Watched) -> TestClient:
    app = FastAPI()
    app.include_router(make_router(service, patience=60.0))
    return TestClient(app)


def test_all_is_well_without_work() -> None:
    assert problems(Watched(), patience=60.0, now=NOW) == ()
    assert problems(Watched(worker(idle=5000.0)), patience=60.0, now=NOW) == ()


def test_a_worker_with_jobs_and_no_progress_is_stuck() -> None:
    assert problems(Watched(worker(running=("a",), idle=60.0)), patience=60.0, now=NOW) == ()
    (reason,) = problems(
        Watched(worker("w1", running=("a", "b"), idle=61.0), worker("w2", running=("c",), idle=1.0)),
        patience=60.0,
        now=NOW,
    )
    assert reason == "Worker w1 has 2 jobs in hand, and one of them has got no further for 61 s."


def test_jobs_that_wait_without_a_worker_are_a_problem() -> None:
    assert problems(Watched(waits=60.0), patience=60.0, now=NOW) == ()
    assert problems(Watched(worker(), waits=500.0), patience=60.0, now=NOW) == ()
    assert problems(Watched(waits=61.0), patience=60.0, now=NOW) == (
        "Jobs have waited for 61 s, and no worker is seen.",
    )


def test_jobs_that_were_begun_without_a_worker_are_a_problem() -> None:
    assert problems(Watched(jobs={"processing": 2}), patience=60.0, now=NOW) == (
        "2 jobs are begun, and no worker is seen.",
    )
    assert problems(Watched(worker(), jobs={"processing": 2}), patience=60.0, now=NOW) == ()


def test_health_turns_red_and_green_again() -> None:
    service = Watched(waits=61.0)
    answer = client(service).get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["Jobs have waited for 61 s, and no worker is seen."]
    service.waits = 0.0
    answer = client(service).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_process_is_alive_even_where_the_database_is_away() -> None:
    service = Watched()
    service.away = True
    statuses = {path: client(service).get(path).status_code for path in ("/livez", "/healthz", "/readyz")}
    assert statuses == {"/livez": 200, "/healthz": 503, "/readyz": 503}
    service.away = False
    assert client(service).get("/readyz").status_code == 200


def test_probes_give_nothing_away() -> None:
    service = Watched()
    service.away = True
    assert client(service).get("/readyz").json() == {
        "status": "unavailable",
        "reasons": ["The database or the object store cannot be used."],
    }
