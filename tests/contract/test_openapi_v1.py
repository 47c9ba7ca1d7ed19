"""The document about the API and what the API does agree, also for requests that nobody would write."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from v1_server import KEY, V1Service, make_app

from panglot.service.results import Result
from panglot.testing import make_segment, make_transcript

SERVICE = V1Service()
SERVICE.answer = lambda request: Result(transcript=make_transcript(make_segment(speaker="A")))
APP = make_app(SERVICE)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_documented(case: schemathesis.Case) -> None:
    # The document cannot say which names are languages, nor which fields exclude each other; and in a form everything
    # is text, so that a number is a text too.
    excluded = [positive_data_acceptance, negative_data_rejection]
    case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"}, excluded_checks=excluded)


def test_every_field_that_is_documented_is_read() -> None:
    document = APP.openapi()
    body = document["paths"]["/v1/audio/transcriptions"]["post"]["requestBody"]
    documented = set(body["content"]["multipart/form-data"]["schema"]["properties"]) - {"file"}
    from panglot.server.v1.form import read_form

    unused = read_form([(name, "") for name in documented] + [("beyond", "x")], translate=False).request.warnings
    assert unused == ("The field 'beyond' is unknown and has no effect.",)
