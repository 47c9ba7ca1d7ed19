# ruff: noqa: A001, A006 - the name of the field
"""What the official Python client makes of the answers, and exactly which keys they have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import assemblyai as aai
import pytest
from assemblyai.prerecorded.v2 import api as sdk
from fastapi import FastAPI
from starlette.testclient import TestClient

from fake_service import KEY, FakeService, make_result
from panglot.server.errors import install
from panglot.server.v2.routes import make_router
from panglot.service.results import LanguageShare, Result
from panglot.testing import make_segment, make_transcript

# The client itself uses what its pydantic calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")

# Every key of a transcript, with its value while queued where the request sets nothing; "any" is checked elsewhere.
QUEUED: dict[str, Any] = {
    "id": "any",
    "status": "queued",
    "audio_url": "https://example.org/a.mp3",
    "language_model": "assemblyai_default",
    "acoustic_model": "assemblyai_default",
    "error": None,
    "throttled": None,
    "text": None,
    "words": None,
    "utterances": None,
    "confidence": None,
    "audio_duration": None,
    "speech_model_used": None,
    "language_code": "en_us",
    "language_codes": None,
    "language_detection": False,
    "language_confidence": None,
    "language_confidence_threshold": None,
    "language_detection_options": None,
    "language_detection_results": None,
    "punctuate": True,
    "format_text": True,
    "disfluencies": False,
    "dual_channel": None,
    "multichannel": None,
    "audio_start_from": None,
    "audio_end_at": None,
    "word_boost": [],
    "boost_param": None,
    "keyterms_prompt": None,
    "prompt": None,
    "temperature": None,
    "remove_audio_tags": None,
    "domain": None,
    "custom_spelling": None,
    "filter_profanity": False,
    "speaker_labels": False,
    "speakers_expected": None,
    "speaker_options": None,
    "speech_threshold": None,
    "speech_model": None,
    "speech_models": None,
    "speed_boost": False,
    "redact_pii": False,
    "redact_pii_audio": False,
    "redact_pii_audio_quality": None,
    "redact_pii_policies": None,
    "redact_pii_sub": None,
    "redact_pii_audio_options": None,
    "redact_pii_return_unredacted": None,
    "webhook_url": None,
    "webhook_status_code": None,
    "webhook_auth": False,
    "webhook_auth_header_name": None,
    "summarization": False,
    "summary": None,
    "summary_model": None,
    "summary_type": None,
    "auto_chapters": False,
    "chapters": None,
    "auto_highlights": False,
    "auto_highlights_result": None,
    "content_safety": False,
    "content_safety_labels": {},
    "iab_categories": False,
    "iab_categories_result": {},
    "sentiment_analysis": False,
    "sentiment_analysis_results": None,
    "entity_detection": False,
    "entities": None,
    "custom_topics": False,
    "topics": [],
    "metadata": {
        "domain_used": None,
        "warning": None,
        "warnings": [],
        "stage": "accepted",
        "seconds_done": 0.0,
        "duration": None,
    },
    "translated_texts": None,
    "speech_understanding": None,
}
UNAVAILABLE = {"status": "unavailable", "results": [], "summary": {}}
WORDS = [
    {"text": "Hello", "start": 0, "end": 400, "confidence": 0.9, "speaker": None},
    {"text": "there,", "start": 400, "end": 800, "confidence": 0.9, "speaker": None},
    {"text": "world.", "start": 800, "end": 1200, "confidence": 0.9, "speaker": None},
]
# What differs from that in the other states.
COMPLETED: dict[str, Any] = {
    "status": "completed",
    "text": "Hello there, world.",
    "words": WORDS,
    "confidence": 0.9,
    "audio_duration": 1,
    "speech_model_used": "base",
    "content_safety_labels": UNAVAILABLE,
    "iab_categories_result": UNAVAILABLE,
    "metadata": {**QUEUED["metadata"], "stage": "done", "seconds_done": 1.2, "duration": 1.2},
}
PROCESSING: dict[str, Any] = {
    "status": "processing",
    "metadata": {**QUEUED["metadata"], "stage": "recognising", "seconds_done": 30.0, "duration": 61.5},
}
FAILED: dict[str, Any] = {
    "status": "error",
    "error": "Audio duration is too short.",
    "metadata": {**QUEUED["metadata"], "stage": "done"},
}
STILL_FALSE = (
    "webhook_auth",
    "auto_highlights",
    "redact_pii",
    "auto_chapters",
    "summarization",
    "disfluencies",
    "sentiment_analysis",
    "entity_detection",
)
DELETED: dict[str, Any] = {
    **dict.fromkeys(QUEUED),
    **dict.fromkeys(STILL_FALSE, False),
    "status": "completed",
    "audio_url": "http://deleted_by_user",
    "webhook_url": "http://deleted_by_user",
    "language_model": "assemblyai_default",
    "acoustic_model": "assemblyai_default",
    "text": "Deleted by user.",
    "audio_duration": 1,
}

EVERYTHING: dict[str, Any] = {
    "speech_models": ["universal-3-pro", "universal-2"],
    "speech_model": "best",
    "language_detection": True,
    "language_confidence_threshold": 0.2,
    "language_detection_options": {
        "expected_languages": ["en", "es"],
        "fallback_language": "en",
        "code_switching": True,
        "on_low_language_confidence": "fallback",
    },
    "punctuate": False,
    "format_text": False,
    "disfluencies": True,
    "speaker_labels": True,
    "speaker_options": {"min_speakers_expected": 1, "max_speakers_expected": 4},
    "multichannel": True,
    "audio_start_from": 500,
    "audio_end_at": 60_000,
    "keyterms_prompt": ["Panglot"],
    "word_boost": ["tide"],
    "boost_param": "high",
    "temperature": 0.1,
    "remove_audio_tags": "all",
    "domain": "medical-v1",
    "custom_spelling": [{"from": ["sequel"], "to": "SQL"}],
    "filter_profanity": True,
    "speech_threshold": 0.1,
    "redact_pii": True,
    "redact_pii_audio": True,
    "redact_pii_audio_quality": "wav",
    "redact_pii_policies": ["phone_number", "email_address"],
    "redact_pii_sub": "entity_name",
    "redact_pii_audio_options": {"override_audio_redaction_method": "silence"},
    "redact_pii_return_unredacted": True,
    "webhook_url": "https://hooks.example.org/?a=b",
    "webhook_auth_header_name": "X-Secret",
    "custom_topics": True,
    "topics": ["tides"],
    "speed_boost": True,
}


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def client(service: FakeService) -> TestClient:
    """An HTTP client such as the official client uses inside."""
    app = FastAPI()
    install(app)
    app.include_router(make_router(service, base_url=lambda _: "https://speech.example.org", link_secret=b"secret"))
    return TestClient(app, headers={"Authorization": KEY}, raise_server_exceptions=False, follow_redirects=False)


def ask(client: TestClient, **parameters: Any) -> str:
    answer = client.post("/v2/transcript", json={"audio_url": "https://example.org/a.mp3", **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def everything(client: TestClient, service: FakeService) -> str:
    """Complete a job that asked for all there is."""
    id = ask(client, **EVERYTHING, webhook_auth_header_value="never shown")
    left = make_segment("Call ####, please.", speaker="1A", channel=1)
    right = make_segment("Sí.", start=1.5, language="es", speaker="2A", channel=2)
    result = Result(
        transcript=make_transcript(left, right, duration=61.5, warnings=["One place was not understood."]),
        unredacted=make_transcript(make_segment("Call 5551234, please.", speaker="1A", channel=1), right),
        languages=(LanguageShare(language="en", confidence=0.7), LanguageShare(language="es", confidence=0.3)),
    )
    service.complete(id, result, redacted_audio=b"RIFF")
    return id


STATES: dict[str, tuple[Callable[[FakeService, str], object], dict[str, Any]]] = {
    "queued": (lambda service, id: None, {}),
    "processing": (lambda service, id: service.start(id, seconds_done=30.0, duration=61.5), PROCESSING),
    "completed": (lambda service, id: service.complete(id, make_result()), COMPLETED),
    "error": (lambda service, id: service.fail(id, "Audio duration is too short."), FAILED),
}


@pytest.mark.parametrize("state", STATES)
def test_every_key_in_every_state(client: TestClient, service: FakeService, state: str) -> None:
    id = ask(client)
    change, different = STATES[state]
    change(service, id)
    assert client.get(f"/v2/transcript/{id}").json() == {**QUEUED, "id": id, **different}


def test_every_key_after_deletion(client: TestClient, service: FakeService) -> None:
    id = ask(client, webhook_url="https://hooks.example.org", speaker_labels=True)
    service.complete(id, make_result())
    assert client.delete(f"/v2/transcript/{id}").json() == {**DELETED, "id": id}


def test_a_new_job_answers_as_a_queued_one(client: TestClient) -> None:
    answer = client.post("/v2/transcript", json={"audio_url": "https://example.org/a.mp3"}).json()
    assert answer == {**QUEUED, "id": answer["id"]}


def test_what_was_asked_comes_back(client: TestClient, service: FakeService) -> None:
    answer = client.get(f"/v2/transcript/{everything(client, service)}").json()
    assert {name: answer[name] for name in EVERYTHING} == EVERYTHING
    said = answer["metadata"]["warning"]
    assert all(f"{name} has no effect" in said for name in ("speech_models", "speech_model", "domain", "temperature"))
    assert answer["webhook_auth"] is True
    assert "never shown" not in json.dumps(answer)
    more = {"audio_channels", "unredacted_text", "unredacted_words", "unredacted_utterances"}
    assert answer.keys() == {*QUEUED, *more}
    assert answer["audio_channels"] == 2
    assert answer["language_code"] == "en"
    assert [list(word) for word in answer["words"]] == [
        ["text", "start", "end", "confidence", "speaker", "channel"]
    ] * 4
    assert answer["utterances"][0].keys() == {*answer["words"][0], "words"}


# The official client


@pytest.mark.parametrize("state", STATES)
def test_the_client_reads_every_state(client: TestClient, service: FakeService, state: str) -> None:
    id = ask(client)
    STATES[state][0](service, id)
    read = sdk.get_transcript(client, id)  # pyright: ignore[reportArgumentType]
    assert (read.id, read.status.value) == (id, state)


def test_the_client_reads_a_deleted_transcript(client: TestClient, service: FakeService) -> None:
    id = everything(client, service)
    assert sdk.delete_transcript(client, id).text == "Deleted by user."  # pyright: ignore[reportArgumentType]


def test_the_client_asks_and_reads_everything(client: TestClient, service: FakeService) -> None:
    asked = aai.types.TranscriptRequest(
        audio_url="https://example.org/a.mp3", **EVERYTHING, webhook_auth_header_value="x"
    )
    assert sdk.create_transcript(client, asked).status == aai.TranscriptStatus.queued  # pyright: ignore[reportArgumentType]
    read = sdk.get_transcript(client, everything(client, service))  # pyright: ignore[reportArgumentType]
    assert read.utterances is not None
    assert [(each.speaker, each.channel, each.text) for each in read.utterances] == [
        ("1A", "1", "Call ####, please."),
        ("2A", "2", "Sí."),
    ]
    assert read.unredacted_text == "Call 5551234, please. Sí."
    assert read.language_detection_results is not None
    assert [each.language_code for each in read.language_detection_results.code_switching_languages or ()] == [
        "en",
        "es",
    ]
    assert read.metadata is not None
    assert [each.message for each in read.metadata.warnings or ()][-1] == "One place was not understood."


def test_the_client_reads_what_came_with_unknown_fields(client: TestClient) -> None:
    http: Any = client
    spelling = {"from": ["sequel"], "to": "SQL", "shiny": 1}
    id = ask(client, custom_spelling=[spelling], speaker_labels=True, speaker_options={"shiny": {"a": []}})
    read = sdk.get_transcript(http, id)
    assert read.custom_spelling == [{"from": ["sequel"], "to": "SQL"}]
    assert read.metadata is not None
    assert [each.message.partition(" ")[0] for each in read.metadata.warnings or ()] == [
        "speaker_options.shiny",
        "custom_spelling.shiny",
    ]


def test_the_client_is_told_what_a_language_does_not_have(client: TestClient) -> None:
    http: Any = client
    asked = aai.types.TranscriptRequest(
        audio_url="https://example.org/a.mp3",
        language_code="sv",
        redact_pii=True,
        redact_pii_policies=[aai.PIIRedactionPolicy.date_of_birth],
    )
    with pytest.raises(aai.types.TranscriptError, match=r"not available in this language: .*date_of_birth") as caught:
        sdk.create_transcript(http, asked)
    assert caught.value.status_code == 400


def test_the_client_reads_all_else(client: TestClient, service: FakeService) -> None:
    http: Any = client
    id = everything(client, service)
    assert [each.text for each in sdk.get_sentences(http, id).sentences] == ["Call ####, please.", "Sí."]
    assert [each.text for each in sdk.get_paragraphs(http, id).paragraphs] == ["Call ####, please.", "Sí."]
    assert sdk.export_subtitles_srt(http, id, 32).startswith("1\n00:00:00,000 --> ")
    assert sdk.export_subtitles_vtt(http, id, None).startswith("WEBVTT\n\n00:00:00.000 --> ")
    found = sdk.word_search(http, id, ["please", "call"])
    assert [(each.text, each.indexes, each.timestamps) for each in found.matches] == [
        ("please", [2], [(800, 1200)]),
        ("call", [0], [(0, 400)]),
    ]
    assert sdk.get_redacted_audio(http, id).redacted_audio_url.startswith("https://speech.example.org/v2/transcript/")
    assert aai.api.upload_file(http, b"RIFF").startswith("https://speech.example.org/v2/upload/")


def test_the_client_waits_for_redacted_audio_and_knows_when_it_is_gone(client: TestClient) -> None:
    http: Any = client
    id = ask(client, redact_pii=True, redact_pii_policies=["phone_number"], redact_pii_audio=True)
    with pytest.raises(aai.types.RedactedAudioIncompleteError):
        sdk.get_redacted_audio(http, id)
    with pytest.raises(aai.types.RedactedAudioExpiredError):
        sdk.get_redacted_audio(http, ask(client))


def test_the_client_pages_back_through_the_list(client: TestClient) -> None:
    http: Any = client
    ids = [ask(client) for _ in range(5)]
    seen: list[str] = []
    params = aai.types.ListTranscriptParameters(limit=2)
    while True:
        page = sdk.list_transcripts(http, params)
        seen += [item.id for item in page.transcripts]
        before = page.page_details.before_id_of_prev_url
        if before is None:
            break
        params = aai.types.ListTranscriptParameters(limit=2, before_id=before)
    assert seen == ids[::-1]


def test_the_client_tells_what_the_server_says(client: TestClient) -> None:
    http: Any = client
    with pytest.raises(aai.types.TranscriptError, match="Transcript lookup error, transcript id not found") as caught:
        sdk.get_transcript(http, "00000000-0000-4000-8000-000000000000")
    assert caught.value.status_code == 404
    asked = aai.types.TranscriptRequest(audio_url="https://example.org/a.mp3", auto_chapters=True)
    with pytest.raises(aai.types.TranscriptError, match="This server does not have auto_chapters"):
        sdk.create_transcript(http, asked)


OLD_MODELS = """
import json, sys
sys.modules["pydantic_settings"] = None  # what it is like where only the client itself is installed
from assemblyai import types
assert not types.pydantic_v2
for name, body in json.load(sys.stdin):
    getattr(types, name).parse_obj(body)
"""


def test_the_clients_older_models_read_it_too(client: TestClient, service: FakeService) -> None:
    bodies: list[tuple[str, Any]] = []
    for change, _ in STATES.values():
        id = ask(client)
        change(service, id)
        bodies.append(("TranscriptResponse", client.get(f"/v2/transcript/{id}").json()))
    id = everything(client, service)
    for name, path in (
        ("TranscriptResponse", ""),
        ("SentencesResponse", "/sentences"),
        ("ParagraphsResponse", "/paragraphs"),
        ("WordSearchMatchResponse", "/word-search?words=call"),
        ("RedactedAudioResponse", "/redacted-audio"),
    ):
        bodies.append((name, client.get(f"/v2/transcript/{id}{path}").json()))
    bodies.append(("ListTranscriptResponse", client.get("/v2/transcript").json()))
    bodies.append(("TranscriptResponse", client.delete(f"/v2/transcript/{id}").json()))
    done = subprocess.run([sys.executable, "-c", OLD_MODELS], input=json.dumps(bodies), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
