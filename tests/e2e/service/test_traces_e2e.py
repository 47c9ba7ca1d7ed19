"""A deployment that is traced: one trace from the request to the last step of its job, in two processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from deployment import Deployment, finished, submit, upload
from sample import Sample


class Collector:
    """Takes what exporters send over OTLP."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: dict[str, list[tuple[str, bytes]]] = {}
        """Name and trace of each span, by service."""
        self.said = b""

    def wait(self, service: str, name: str, *, seconds: float) -> set[bytes]:
        """Return the traces that have a span of that name."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = {trace for named, trace in self.spans.get(service, []) if named == name}
            if found:
                return found
            time.sleep(0.1)
        return set()

    def take(self, body: bytes) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        self.said += body
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(each.value.string_value for each in group.resource.attributes if each.key == "service.name")
            spans = self.spans.setdefault(service, [])
            spans += [(span.name, span.trace_id) for scope in group.scope_spans for span in scope.spans]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a free loopback port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the method's own name for it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        collector.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.timeout(120)
def test_a_request_and_its_job_are_one_trace(deploy: Callable[..., Deployment], samples: dict[str, Sample]) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="panglot[otel] is not installed")
    with collecting() as collector:
        server = deploy(
            PANGLOT_TRACING="true",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_EXPORTER_OTLP_COMPRESSION="none",
            OTEL_BSP_SCHEDULE_DELAY="200",
        )
        with server.client() as client:
            job = submit(client, upload(client, samples["english"].path.read_bytes()))
            assert finished(client, job, seconds=60)["status"] == "completed"
        jobs = collector.wait("panglot-worker", "job", seconds=20)
        assert len(jobs) == 1
        assert jobs <= collector.wait("panglot", "POST /v2/transcript", seconds=20)
        steps = {name for name, trace in collector.spans["panglot-worker"] if trace in jobs}
        assert steps == {"prepare", "recognise", "job"}
        assert job.encode() in collector.said
        assert server.key.encode() not in collector.said
