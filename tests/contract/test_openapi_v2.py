"""The document about ``/v2`` and what the server does agree, also for requests that nobody would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from fake_service import KEY, FakeService, make_result
from panglot.server.errors import install
from panglot.server.v2 import schemas
from panglot.server.v2.parse import parse
from panglot.server.v2.routes import make_router

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api-assemblyai.md"
SERVICE = FakeService()
BODY = b"""{"audio_url": "https://example.org/a.mp3", "speaker_labels": true, "redact_pii": true,
    "redact_pii_policies": ["phone_number"], "redact_pii_audio": true}"""


def make_app() -> FastAPI:
    app = FastAPI()
    install(app)
    service: Any = SERVICE
    app.include_router(make_router(service, base_url=lambda _: "https://speech.example.org", link_secret=b"secret"))
    return app


schema = schemathesis.openapi.from_asgi("/openapi.json", make_app())
by_id = schema.include(path_regex=r"\{transcript_id\}")


def check(case: schemathesis.Case) -> None:
    # The document cannot say which names are languages, nor which fields exclude each other. Fields that are not in it
    # are accepted on purpose, for clients that are newer than the server.
    excluded = [positive_data_acceptance, negative_data_rejection]
    case.call_and_validate(headers={"Authorization": KEY}, excluded_checks=excluded)


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_documented(case: schemathesis.Case) -> None:
    check(case)


@by_id.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_about_a_transcript_are_as_documented(case: schemathesis.Case) -> None:
    project = SERVICE.authenticate(KEY)
    row = SERVICE.submit(project, parse(BODY).request, audio_url="https://example.org/a.mp3")
    SERVICE.complete(row.id, make_result(speaker="A"), redacted_audio=b"ID3")
    case.path_parameters["transcript_id"] = row.id
    check(case)


def test_every_parameter_and_endpoint_is_on_the_page_about_them() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = [*schemas.TranscriptParameters.model_fields, *schemas.ListParameters.model_fields]
    for options in (schemas.LanguageDetectionOptions, schemas.SpeakerOptions, schemas.AudioRedactionOptions):
        named += options.model_fields
    assert [name for name in named if f"`{name}`" not in page] == []
    endpoints = [(verb.upper(), path) for path, verbs in make_app().openapi()["paths"].items() for verb in verbs]
    assert [f"{verb} {path}" for verb, path in endpoints if f"`{verb} {path}" not in page] == []
