# ruff: noqa: A001 - the name of the field
"""The endpoints, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from fake_service import KEY, FakeService, make_result
from panglot.errors import StorageError
from panglot.server.v2.bodies import LARGEST
from panglot.server.v2.parse import parse
from panglot.service.results import LanguageShare, Result
from panglot.service.text.apply import apply
from panglot.testing import make_segment, make_transcript

Ask = Callable[..., str]
BASE_URL = "https://speech.example.org"


# Keys


@pytest.mark.parametrize("header", [KEY, f"Bearer {KEY}", f"bearer {KEY}", f"BEARER  {KEY} "])
def test_keys_are_taken_as_they_are_or_as_bearer_tokens(client: TestClient, header: str) -> None:
    assert client.get("/v2/transcript", headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "wrong", f"Basic {KEY}"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v2/transcript"), ("POST", "/v2/transcript"), ("POST", "/v2/upload")]
)
def test_without_a_valid_key(client: TestClient, header: str, method: str, path: str) -> None:
    answer = client.request(method, path, headers={"Authorization": header}, content=b"not read")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Authentication error, API token missing/invalid"}


# Uploads


def test_an_upload_can_be_transcribed(client: TestClient, service: FakeService) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"RI"
        yield b"FF"

    url = client.post("/v2/upload", content=chunks()).json()["upload_url"]
    upload_id = url.removeprefix(f"{BASE_URL}/v2/upload/")
    assert service.contents[upload_id] == b"RIFF"
    answer = client.post("/v2/transcript", json={"audio_url": url})
    assert answer.status_code == 200
    assert service.rows[answer.json()["id"]].upload_id == upload_id


def test_anothers_upload(client: TestClient, other: TestClient) -> None:
    url = client.post("/v2/upload", content=b"RIFF").json()["upload_url"]
    answer = other.post("/v2/transcript", json={"audio_url": url})
    assert (answer.status_code, answer.json()) == (403, {"error": "Cannot access uploaded file"})


def test_uploads_of_nothing_and_of_too_much(client: TestClient, service: FakeService) -> None:
    assert client.post("/v2/upload", content=b"").status_code == 400
    service.largest = 3
    assert client.post("/v2/upload", content=b"RIFF").status_code == 413


# Jobs


def test_a_job_is_queued_and_stays_readable(client: TestClient, ask: Ask) -> None:
    id = ask(speaker_labels=True)
    answer = client.get(f"/v2/transcript/{id}")
    assert answer.status_code == 200
    assert answer.json()["status"] == "queued"
    assert answer.json()["speaker_labels"] is True


def test_json_is_read_whatever_it_is_called(client: TestClient) -> None:
    answer = client.post(
        "/v2/transcript", content=b'{"audio_url": "https://h.example/a"}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 200


def test_a_body_without_bounds_is_not_read(client: TestClient) -> None:
    answer = client.post("/v2/transcript", content=b" " * (LARGEST + 1))
    assert answer.status_code == 413


def test_busy(client: TestClient, service: FakeService) -> None:
    service.busy = 2.5
    answer = client.post("/v2/transcript", json={"audio_url": "https://h.example/a"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert answer.json()["error"].startswith("Too Many Requests")


def test_progress(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(brand_new=True)
    service.start(id, seconds_done=30.0, duration=61.7)
    metadata = client.get(f"/v2/transcript/{id}").json()["metadata"]
    message = "brand_new is not a parameter that this server knows; it has no effect."
    assert metadata == {
        "domain_used": None,
        "warning": message,
        "warnings": [{"message": message}],
        "stage": "recognising",
        "seconds_done": 30.0,
        "duration": 61.7,
    }


def test_a_failed_job_is_not_a_failed_request(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask()
    service.fail(id, "Audio duration is too short.")
    answer = client.get(f"/v2/transcript/{id}")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error"]) == ("error", "Audio duration is too short.")
    assert answer.json()["text"] is None


def test_times_are_whole_milliseconds_on_the_recordings_line(
    client: TestClient, service: FakeService, ask: Ask
) -> None:
    id = ask()
    segment = make_segment("Hello there.", start=1.2344, end=2.0006)
    service.complete(id, Result(transcript=make_transcript(segment, duration=2.6)))
    answer = client.get(f"/v2/transcript/{id}").json()
    assert [(word["text"], word["start"], word["end"]) for word in answer["words"]] == [
        ("Hello", 1234, 1618),
        ("there.", 1618, 2001),
    ]
    assert answer["audio_duration"] == 3
    assert answer["utterances"] is None


def test_words_are_made_where_recognition_gave_none(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(speaker_labels=True)
    segment = make_segment("Hello there.", end=2.0, words=[], speaker="A")
    service.complete(id, Result(transcript=make_transcript(segment)))
    answer = client.get(f"/v2/transcript/{id}").json()
    assert [word["text"] for word in answer["words"]] == ["Hello", "there."]
    [utterance] = answer["utterances"]
    assert utterance["words"] == answer["words"]
    assert utterance["speaker"] == "A"


def test_channels_have_numbers_as_text(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(multichannel=True)
    segments = [make_segment("Yes.", speaker="1", channel=1), make_segment("No.", start=1, speaker="2", channel=2)]
    service.complete(id, Result(transcript=make_transcript(*segments)))
    answer = client.get(f"/v2/transcript/{id}").json()
    assert [word["channel"] for word in answer["words"]] == ["1", "2"]
    assert [(each["channel"], each["speaker"]) for each in answer["utterances"]] == [("1", "1"), ("2", "2")]
    assert answer["audio_channels"] == 2


def test_detected_languages(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(language_detection=True, language_detection_options={"code_switching": True})
    assert client.get(f"/v2/transcript/{id}").json()["language_code"] is None
    result = Result(
        transcript=make_result().transcript,
        languages=(LanguageShare(language="en", confidence=0.8), LanguageShare(language="es", confidence=0.3)),
    )
    service.complete(id, result)
    answer = client.get(f"/v2/transcript/{id}").json()
    assert (answer["language_code"], answer["language_confidence"]) == ("en", 0.9)
    assert answer["language_detection_results"] == {
        "code_switching_languages": [
            {"language_code": "en", "language": "en", "confidence": 0.8},
            {"language_code": "es", "language": "es", "confidence": 0.3},
        ]
    }


def test_languages_below_the_threshold_are_no_switch(client: TestClient, service: FakeService, ask: Ask) -> None:
    options = {"code_switching": True, "code_switching_confidence_threshold": 0.6}
    id = ask(language_detection=True, language_detection_options=options)
    shares = {"en": 0.5, "es": 0.6, "de": 0.59}
    languages = tuple(LanguageShare(language=code, confidence=share) for code, share in shares.items())
    service.complete(id, Result(transcript=make_result().transcript, languages=languages))
    answer = client.get(f"/v2/transcript/{id}").json()
    named = answer["language_detection_results"]["code_switching_languages"]
    assert [each["language_code"] for each in named] == ["en", "es"]
    assert answer["language_detection_options"] == options
    assert answer["metadata"]["warnings"] == []


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"filter_profanity": True}, "filter_profanity"),
        (
            {"redact_pii": True, "redact_pii_policies": ["passport_number", "date_of_birth"]},
            "redact_pii_policies (passport_number, date_of_birth)",
        ),
    ],
)
def test_what_a_detected_language_does_not_have_is_said(
    client: TestClient, service: FakeService, ask: Ask, parameters: dict[str, Any], named: str
) -> None:
    request = parse(json.dumps({"audio_url": "https://h/a", "language_detection": True, **parameters}).encode()).request
    heard = make_transcript(make_segment("Han är född den 5 maj 1980.", language="sv"))
    id = ask(language_detection=True, **parameters)
    service.complete(id, Result(transcript=apply(heard, request).transcript))
    [warning] = client.get(f"/v2/transcript/{id}").json()["metadata"]["warnings"]
    assert warning["message"].startswith(f"{named} knows no words of sv: what it should hide may still be there. ")


def test_a_domain_comes_back_and_is_not_said_to_be_used(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(domain="medical-v1")
    service.complete(id, make_result())
    answer = client.get(f"/v2/transcript/{id}").json()
    assert (answer["domain"], answer["metadata"]["domain_used"]) == ("medical-v1", None)
    assert answer["metadata"]["warning"] == "domain has no effect on this server."


def test_what_a_given_language_does_not_have_is_a_bad_request(client: TestClient) -> None:
    parameters = {"audio_url": "https://example.org/a.mp3", "language_code": "ja", "filter_profanity": True}
    answer = client.post("/v2/transcript", json=parameters)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(
        "The following models are not available in this language: filter_profanity. "
    )


def test_a_given_language_has_no_confidence(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(language_code="en_uk")
    service.complete(id, make_result())
    answer = client.get(f"/v2/transcript/{id}").json()
    assert (answer["language_code"], answer["language_confidence"]) == ("en_uk", None)


def test_silence_is_an_empty_text(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask()
    service.complete(id, Result(transcript=make_transcript(duration=5.0), warnings=("Nobody speaks.",)))
    answer = client.get(f"/v2/transcript/{id}").json()
    assert (answer["text"], answer["words"], answer["confidence"]) == ("", [], 0.0)
    assert answer["metadata"]["warnings"] == [{"message": "Nobody speaks."}]


def test_text_before_redaction_only_where_it_was_kept(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(speaker_labels=True)
    hidden = make_result("Call ####.", speaker="A").transcript
    service.complete(id, Result(transcript=hidden, unredacted=make_result("Call 5551234.", speaker="A").transcript))
    answer = client.get(f"/v2/transcript/{id}").json()
    assert (answer["text"], answer["unredacted_text"]) == ("Call ####.", "Call 5551234.")
    assert answer["unredacted_words"][1]["text"] == answer["unredacted_utterances"][0]["words"][1]["text"] == "5551234."


@pytest.mark.parametrize(
    "path", ["", "/sentences", "/paragraphs", "/srt", "/vtt", "/word-search?words=a", "/redacted-audio"]
)
@pytest.mark.parametrize("whose", ["somebody else's", "nobody's", "nonsense"])
def test_ids_that_are_not_the_projects(client: TestClient, other: TestClient, ask: Ask, path: str, whose: str) -> None:
    id = {"somebody else's": ask(), "nobody's": "00000000-0000-4000-8000-000000000000", "nonsense": "%00"}[whose]
    answer = other.get(f"/v2/transcript/{id}{path}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Transcript lookup error, transcript id not found"})


def test_deleting(client: TestClient, other: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask()
    service.complete(id, make_result())
    assert other.delete(f"/v2/transcript/{id}").status_code == 404
    first = client.request("DELETE", f"/v2/transcript/{id}", headers={"Content-Type": "application/json"})
    assert first.status_code == 200
    assert (first.json()["text"], first.json()["status"]) == ("Deleted by user.", "completed")
    assert client.delete(f"/v2/transcript/{id}").json() == first.json()
    assert client.get(f"/v2/transcript/{id}").json() == first.json()
    assert client.get(f"/v2/transcript/{id}/srt").status_code == 400
    [item] = client.get("/v2/transcript").json()["transcripts"]
    assert (item["id"], item["audio_url"]) == (id, "http://deleted_by_user")


# The list


def test_pages(client: TestClient, ask: Ask) -> None:
    oldest, middle, newest = ask(), ask(), ask()
    page = client.get("/v2/transcript", params={"limit": 2}).json()
    assert [item["id"] for item in page["transcripts"]] == [newest, middle]
    details = page["page_details"]
    assert (details["limit"], details["result_count"], details["next_url"]) == (2, 2, None)
    assert details["prev_url"] == f"{BASE_URL}/v2/transcript?limit=2&before_id={middle}"
    older = client.get(details["prev_url"].removeprefix(BASE_URL)).json()
    assert [item["id"] for item in older["transcripts"]] == [oldest]
    assert older["page_details"]["prev_url"] is None
    assert older["page_details"]["current_url"] == details["prev_url"]
    assert older["page_details"]["next_url"] == f"{BASE_URL}/v2/transcript?limit=2&after_id={oldest}"


def test_filters_stay_from_page_to_page(client: TestClient, service: FakeService, ask: Ask) -> None:
    first, second, third = ask(), ask(), ask()
    service.complete(first, make_result())
    service.complete(third, make_result())
    page = client.get("/v2/transcript?limit=1&status=completed&created_on=2026-03-01").json()
    assert [item["id"] for item in page["transcripts"]] == [third]
    query = parse_qs(urlsplit(page["page_details"]["prev_url"]).query)
    assert query == {"limit": ["1"], "status": ["completed"], "created_on": ["2026-03-01"], "before_id": [third]}
    assert second not in client.get("/v2/transcript?status=completed").text


def test_items(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask()
    service.fail(id, "Audio duration is too short.")
    assert client.get("/v2/transcript").json()["transcripts"] == [
        {
            "id": id,
            "resource_url": f"{BASE_URL}/v2/transcript/{id}",
            "status": "error",
            "created": "2026-03-01T12:00:00.123456",
            "completed": "2026-03-01T12:00:30.123456",
            "audio_url": "https://example.org/a.mp3",
            "error": "Audio duration is too short.",
        }
    ]


@pytest.mark.parametrize(("value", "count"), [("True", 0), ("true", 0), ("False", 1), ("false", 1)])
def test_nothing_is_throttled(client: TestClient, ask: Ask, value: str, count: int) -> None:
    ask()
    assert len(client.get("/v2/transcript", params={"throttled_only": value}).json()["transcripts"]) == count


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "status=lost",
        "created_on=yesterday",
        "created_on=0",
        "created_on=2026-02-30",
        "before_id=%00",
        "after_id=",
    ],
)
def test_impossible_filters(client: TestClient, query: str) -> None:
    answer = client.get(f"/v2/transcript?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(query.partition("=")[0])


# Readings


@pytest.mark.parametrize("path", ["sentences", "paragraphs", "srt", "vtt", "word-search?words=a"])
def test_readings_of_what_is_not_completed(client: TestClient, service: FakeService, ask: Ask, path: str) -> None:
    id = ask()
    assert client.get(f"/v2/transcript/{id}/{path}").status_code == 400
    service.fail(id, "No.")
    answer = client.get(f"/v2/transcript/{id}/{path}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_sentences_and_paragraphs(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(speaker_labels=True)
    service.complete(id, make_result("The tide turned. Nobody saw it.", speaker="A"))
    sentences = client.get(f"/v2/transcript/{id}/sentences").json()
    assert [(each["text"], each["speaker"]) for each in sentences["sentences"]] == [
        ("The tide turned.", "A"),
        ("Nobody saw it.", "A"),
    ]
    assert sentences["audio_duration"] == 2.4
    [paragraph] = client.get(f"/v2/transcript/{id}/paragraphs").json()["paragraphs"]
    assert paragraph["text"] == "The tide turned. Nobody saw it."
    assert [word["text"] for word in paragraph["words"]] == ["The", "tide", "turned.", "Nobody", "saw", "it."]


def test_captions(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask(speaker_labels=True)
    service.complete(id, make_result("So & so --> <b>tide</b> turned.", speaker="A"))
    srt = client.get(f"/v2/transcript/{id}/srt")
    assert srt.headers["content-type"] == "text/plain; charset=utf-8"
    assert srt.text == "1\n00:00:00,000 --> 00:00:02,400\nSo & so → <b>tide</b> turned.\n"
    vtt = client.get(f"/v2/transcript/{id}/vtt").text
    assert vtt == "WEBVTT\n\n00:00:00.000 --> 00:00:02.400\nSo &amp; so --&gt; &lt;b&gt;tide&lt;/b&gt; turned.\n"


@pytest.mark.parametrize("chars", [1, 12, 42, 60, 2000])
@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_captions_of_a_length(client: TestClient, service: FakeService, ask: Ask, kind: str, chars: int) -> None:
    text = "The tide turned at noon, and nobody on the whole of the long pier had seen it coming that day."
    id = ask()
    service.complete(id, make_result(text))
    answer = client.get(f"/v2/transcript/{id}/{kind}", params={"chars_per_caption": chars}).text
    cues = [block.partition("-->")[2].split("\n", 1)[1].split() for block in answer.split("\n\n") if "-->" in block]
    assert [word for cue in cues for word in cue] == text.split()
    assert all(len(" ".join(cue)) <= chars or len(cue) == 1 for cue in cues)


@pytest.mark.parametrize("chars", ["0", "-1", "x", "2001"])
def test_captions_of_an_impossible_length(client: TestClient, service: FakeService, ask: Ask, chars: str) -> None:
    id = ask()
    service.complete(id, make_result())
    assert client.get(f"/v2/transcript/{id}/srt?chars_per_caption={chars}").status_code == 400


def test_captions_of_silence(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask()
    service.complete(id, Result(transcript=make_transcript(duration=5.0)))
    answer = client.get(f"/v2/transcript/{id}/srt")
    assert (answer.status_code, answer.json()) == (400, {"error": "Transcript text is empty"})


def test_word_search(client: TestClient, service: FakeService, ask: Ask) -> None:
    id = ask()
    service.complete(id, make_result("The tide turned. The tide!"))
    answer = client.get(f"/v2/transcript/{id}/word-search?words=Tide%2Cthe+tide%2Cnever").json()
    assert answer == {
        "id": id,
        "total_count": 4,
        "matches": [
            {"text": "tide", "count": 2, "timestamps": [[400, 800], [1600, 2000]], "indexes": [1, 4]},
            {"text": "the tide", "count": 2, "timestamps": [[0, 800], [1200, 2000]], "indexes": [0, 3]},
        ],
    }


@pytest.mark.parametrize("query", ["", "?words=", "?words=,,", "?words=a+b+c+d+e+f", "?words=" + "a," * 501])
def test_impossible_searches(client: TestClient, service: FakeService, ask: Ask, query: str) -> None:
    id = ask()
    service.complete(id, make_result())
    assert client.get(f"/v2/transcript/{id}/word-search{query}").status_code == 400


# Redacted audio


@pytest.fixture
def redacted(service: FakeService, ask: Ask) -> str:
    return ask(redact_pii=True, redact_pii_policies=["phone_number"], redact_pii_audio=True)


def test_redacted_audio(client: TestClient, service: FakeService, redacted: str) -> None:
    path = f"/v2/transcript/{redacted}/redacted-audio"
    assert client.get(path).status_code == 202
    service.complete(redacted, make_result(), redacted_audio=b"ID3 beep")
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "redacted_audio_ready")
    link = answer.json()["redacted_audio_url"]
    assert link.startswith(f"{BASE_URL}/v2/transcript/{redacted}/")
    audio = client.get(link.removeprefix(BASE_URL), headers={"Authorization": ""})
    assert (audio.status_code, audio.content, audio.headers["content-type"]) == (200, b"ID3 beep", "audio/mpeg")


def test_links_cannot_be_changed(client: TestClient, service: FakeService, redacted: str) -> None:
    service.complete(redacted, make_result(), redacted_audio=b"ID3 beep")
    link = client.get(f"/v2/transcript/{redacted}/redacted-audio").json()["redacted_audio_url"].removeprefix(BASE_URL)
    expires = parse_qs(urlsplit(link).query)["expires"][0]
    for changed in (
        link.replace(expires, str(int(expires) + 1)),
        link + "0",
        link.replace("project-a", "project-b"),
        link.replace("signature=", "signature=é"),
    ):
        assert client.get(changed).status_code == 404


def test_redacted_audio_expires(client: TestClient, service: FakeService, redacted: str) -> None:
    service.complete(redacted, make_result(), redacted_audio=b"ID3 beep")
    service.change(redacted, redacted_at=datetime.now(UTC) - timedelta(hours=25))
    answer = client.get(f"/v2/transcript/{redacted}/redacted-audio")
    assert answer.status_code == 400
    assert "expired" in answer.json()["error"]


def test_redacted_audio_that_there_is_not(client: TestClient, service: FakeService, ask: Ask, redacted: str) -> None:
    assert client.get(f"/v2/transcript/{ask()}/redacted-audio").status_code == 400
    service.fail(redacted, "No.")
    assert client.get(f"/v2/transcript/{redacted}/redacted-audio").status_code == 400


# Errors


def test_unknown_routes_and_methods(client: TestClient) -> None:
    assert (client.get("/v2/nothing").status_code, client.get("/v2/nothing").json()) == (404, {"error": "Not found"})
    assert client.get("/v2/transcript/").status_code == 404  # not a redirect
    answer = client.put("/v2/transcript")
    assert (answer.status_code, list(answer.json())) == (405, ["error"])
    assert answer.headers["Allow"] == "GET, POST"


def test_trouble_inside_is_not_told(client: TestClient, service: FakeService) -> None:
    service.broken = StorageError("cannot reach postgresql://panglot:secret@db")
    answer = client.get("/v2/transcript")
    assert (answer.status_code, answer.json()) == (503, {"error": "Server error, developers have been alerted."})
    assert int(answer.headers["Retry-After"]) > 0
    service.broken = ZeroDivisionError("a bug")
    answer = client.get("/v2/transcript")
    assert (answer.status_code, answer.json()) == (500, {"error": "Server error, developers have been alerted."})


def test_the_status_of_a_list_may_be_written_as_older_clients_do(client: TestClient) -> None:
    def answered(status: str) -> int:
        return client.get("/v2/transcript", params={"status": status}, headers={"Authorization": KEY}).status_code

    assert [answered(each) for each in ("error", "TranscriptStatus.error", "lost")] == [200, 200, 400]
