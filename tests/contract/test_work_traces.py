"""Whoever traces sees each job and its steps, in the trace of the request for it."""

from dataclasses import replace

import pytest
from working import ASKED, Steps, talk

from panglot.errors import StorageError
from panglot.server.tracing import spans, traceparent
from panglot.service import work
from panglot.service.service import Service
from panglot.service.work import Work

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="panglot[otel] is not installed")


@pytest.fixture
def kept():
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    return InMemorySpanExporter()


@pytest.fixture
def provider(kept):
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    made = sdk.TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(kept))
    return made


def work_on(world, row, provider) -> None:
    Work(world.platform, world.holder, worker_id="w", counters=world.counters, span=spans(provider))(row.id, Steps())


def test_a_job_belongs_to_the_trace_of_its_request(world, kept, provider) -> None:
    world.service = Service(world.platform, models=("fake",), traceparent=traceparent)
    with provider.get_tracer("test").start_as_current_span("POST /v2/transcript"):
        row = world.submit(talk("one two three"), replace(ASKED, speakers=True))
    work_on(world, row, provider)

    request, *steps, job = kept.get_finished_spans()
    assert [span.name for span in steps] == ["prepare", "recognise", "diarize"]
    assert job.name == "job"
    assert dict(job.attributes) == {"panglot.transcript": row.id, "panglot.attempt": 1, "panglot.worker": "w"}
    assert {span.context.trace_id for span in (*steps, job)} == {request.context.trace_id}
    assert job.parent.span_id == request.context.span_id
    assert {step.parent.span_id for step in steps} == {job.context.span_id}
    assert steps[1].attributes["panglot.step"] == "recognise 0"


def test_a_step_that_fails_tells_the_kind_of_its_error_alone(world, kept, provider, monkeypatch) -> None:
    monkeypatch.setattr(work, "_FIRST_PAUSE", 0.001)
    put, failed = world.platform.blobs.put, []

    def failing(key, data) -> None:
        if "chunk" in key and not failed:
            failed.append(key)
            raise StorageError(f"no room for {key}")
        put(key, data)

    monkeypatch.setattr(world.platform.blobs, "put", failing)
    row = world.submit(talk(*["one two three"] * 6))
    work_on(world, row, provider)

    assert world.row(row).status == "completed"
    first, second, *_ = [span for span in kept.get_finished_spans() if span.name == "recognise"]
    assert (first.status.is_ok, first.status.description) == (False, "StorageError")
    assert second.status.is_ok
    assert not first.events


def test_without_a_traced_request_a_job_begins_a_trace(world, kept, provider) -> None:
    assert traceparent() is None
    row = world.submit(talk("one two three"))
    assert "traceparent" not in row.request  # a worker of the version before would not know it
    work_on(world, row, provider)

    *_, job = kept.get_finished_spans()
    assert job.parent is None
