"""OpenAI's own client reads every answer, and reads it right."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openai import OpenAI
from openai.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionTextSegmentEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from v1_server import KEY, V1Service, make_app, serving

from panglot.service.results import Result
from panglot.testing import make_segment, make_transcript

TRANSCRIPT = make_transcript(
    make_segment("Good evening.", start=0.0, speaker="A"),
    make_segment("How are you?", start=1.0, speaker="B"),
    make_segment("Gut, danke.", start=2.5, language="de", speaker="A"),
    duration=4.2,
)
AUDIO = ("a.wav", b"RIFF" + bytes(1000))


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[V1Service, str]]:
    service = V1Service()
    with serving(make_app(service)) as address:
        yield service, address


@pytest.fixture
def service(shared: tuple[V1Service, str]) -> V1Service:
    service, _ = shared
    service.answer = lambda request: Result(transcript=TRANSCRIPT)
    service.partial, service.failure, service.busy, service.largest = (), None, None, None
    service.recognised(TRANSCRIPT, segments=2)
    return service


@pytest.fixture
def client(service: V1Service, shared: tuple[V1Service, str]) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{shared[1]}/v1", api_key=KEY, max_retries=0, _strict_response_validation=True) as client:
        yield client


def test_json(client: OpenAI, service: V1Service) -> None:
    answer = client.audio.transcriptions.create(file=AUDIO, model="whisper-1")
    assert isinstance(answer, Transcription)
    assert answer.text == TRANSCRIPT.text
    assert [language.code for language in answer.languages or ()] == ["en", "de"]
    assert answer.usage is not None
    assert answer.usage.type == "duration"
    assert list(service.contents.values())[-1] == AUDIO[1]


def test_the_id_of_the_transcript_is_told(client: OpenAI, service: V1Service) -> None:
    response = client.audio.transcriptions.with_raw_response.create(file=AUDIO, model="whisper-1")
    assert response.headers["panglot-transcript-id"] in service.rows


@pytest.mark.parametrize("response_format", ["text", "srt", "vtt"])
def test_plain_formats(client: OpenAI, response_format: str) -> None:
    answer = client.audio.transcriptions.create(file=AUDIO, model="whisper-1", response_format=response_format)  # type: ignore[call-overload]
    assert isinstance(answer, str)
    assert "Good evening." in answer
    assert answer.endswith("\n")


def test_verbose_json(client: OpenAI) -> None:
    answer = client.audio.transcriptions.create(
        file=AUDIO, model="x", response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    assert isinstance(answer, TranscriptionVerbose)
    assert (answer.language, answer.duration) == ("english", 4.2)
    assert answer.segments is not None
    assert answer.words is not None
    assert "".join(segment.text for segment in answer.segments) == TRANSCRIPT.text
    assert [word.word for word in answer.words][:2] == ["Good", "evening."]


def test_diarized_json(client: OpenAI, service: V1Service) -> None:
    answer = client.audio.transcriptions.create(
        file=AUDIO, model="gpt-4o-transcribe-diarize", response_format="diarized_json", chunking_strategy="auto"
    )
    assert isinstance(answer, TranscriptionDiarized)
    assert [(each.speaker, each.text) for each in answer.segments][:2] == [
        ("A", "Good evening."),
        ("B", "How are you?"),
    ]
    assert list(service.requests.values())[-1].speakers


def test_all_fields_at_once(client: OpenAI, service: V1Service) -> None:
    client.audio.transcriptions.create(
        file=AUDIO,
        model="gpt-transcribe",
        languages=["en", "de"],
        keywords=["Lovelace", "Babbage"],
        prompt="On engines.",
        temperature=0.2,
        include=["logprobs"],
        chunking_strategy={"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200},
        timestamp_granularities=["word"],
        extra_body={
            "hotwords": "difference engine",
            "min_speakers": 2,
            "max_speakers": 3,
            "diarize": True,
            "vad_filter": True,
        },
    )
    request = list(service.requests.values())[-1]
    assert request.languages == ("en", "de")
    assert request.keyterms == ("Lovelace", "Babbage", "difference engine")
    assert (request.prompt, request.speakers, request.min_speakers, request.max_speakers) == ("On engines.", True, 2, 3)
    assert [warning.split()[0] for warning in request.warnings] == [
        "timestamp_granularities",
        "temperature",
        "chunking_strategy",
    ]


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # OpenAI's word about its own endpoint
def test_translations(client: OpenAI, service: V1Service) -> None:
    plain = client.audio.translations.create(file=AUDIO, model="whisper-1")
    assert isinstance(plain, Translation)
    assert plain.text == TRANSCRIPT.text
    verbose = client.audio.translations.create(file=AUDIO, model="whisper-1", response_format="verbose_json")
    assert isinstance(verbose, TranslationVerbose)
    assert verbose.language == "english"
    assert list(service.requests.values())[-1].translate
    assert "-->" in client.audio.translations.create(file=AUDIO, model="whisper-1", response_format="srt")


@pytest.mark.parametrize("segments", [0, 1, 3])
def test_stream(client: OpenAI, service: V1Service, segments: int) -> None:
    service.recognised(TRANSCRIPT, segments=segments)
    with client.audio.transcriptions.create(file=AUDIO, model="gpt-4o-transcribe", stream=True) as stream:
        events = list(stream)
    deltas = [event.delta for event in events if isinstance(event, TranscriptionTextDeltaEvent)]
    assert isinstance(events[-1], TranscriptionTextDoneEvent)
    assert "".join(deltas) == events[-1].text == TRANSCRIPT.text
    assert len(events) == len(deltas) + 1


def test_stream_of_speakers(client: OpenAI) -> None:
    with client.audio.transcriptions.create(
        file=AUDIO, model="gpt-4o-transcribe-diarize", response_format="diarized_json", stream=True
    ) as stream:
        events = list(stream)
    spoken = [event for event in events if isinstance(event, TranscriptionTextSegmentEvent)]
    assert [(event.id, event.speaker) for event in spoken] == [("seg_1", "A"), ("seg_2", "B"), ("seg_3", "A")]
    assert isinstance(events[-1], TranscriptionTextDoneEvent)


def test_stream_with_logprobs(client: OpenAI) -> None:
    with client.audio.transcriptions.create(file=AUDIO, model="x", stream=True, include=["logprobs"]) as stream:
        done = list(stream)[-1]
    assert isinstance(done, TranscriptionTextDoneEvent)
    assert "".join(entry.token or "" for entry in done.logprobs or ()) == done.text


def test_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["base", "tiny.en", "whisper-1"]
    assert client.models.retrieve("whisper-1").owned_by == "panglot"
    with pytest.raises(openai.NotFoundError, match=r"Models: base, tiny\.en, whisper-1"):
        client.models.retrieve("gpt-5/large")


@pytest.mark.parametrize("key", ["wrong", ""])
def test_a_wrong_key(client: OpenAI, key: str) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key=key or "x").models.list()


def test_a_bad_field(client: OpenAI, service: V1Service) -> None:
    before = len(service.uploads)
    with pytest.raises(openai.BadRequestError, match="language: 'Klingon'") as caught:
        client.audio.transcriptions.create(file=("a.wav", bytes(3_000_000)), model="x", language="Klingon")
    assert caught.value.type == "invalid_request_error"
    assert len(service.uploads) == before


def test_known_speakers_are_refused_by_name(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="known_speaker_names"):
        client.audio.transcriptions.create(
            file=("a.wav", bytes(3_000_000)),
            model="gpt-4o-transcribe-diarize",
            extra_body={
                "known_speaker_names": ["ada"],
                "known_speaker_references": ["data:audio/wav;base64," + "A" * 200_000],
            },
        )


def test_a_large_file(client: OpenAI, service: V1Service) -> None:
    service.largest = 1000
    with pytest.raises(openai.APIStatusError) as caught:
        client.audio.transcriptions.create(file=("a.wav", bytes(3_000_000)), model="x")
    assert caught.value.status_code == 413


def test_an_empty_file(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.audio.transcriptions.create(file=("a.wav", b""), model="x")


def test_too_much_work(client: OpenAI, service: V1Service) -> None:
    service.busy = 7.2
    with pytest.raises(openai.RateLimitError) as caught:
        client.audio.transcriptions.create(file=AUDIO, model="x")
    assert caught.value.response.headers["retry-after"] == "8"


def test_a_recording_that_cannot_be_used(client: OpenAI, service: V1Service) -> None:
    service.answer, service.failure = None, "File does not appear to contain audio. Reason: the file is empty."
    with pytest.raises(openai.BadRequestError, match="does not appear to contain audio"):
        client.audio.transcriptions.create(file=AUDIO, model="x")


def test_a_job_that_fails_by_the_servers_fault(client: OpenAI, service: V1Service) -> None:
    service.answer, service.failure = None, "the disk /srv/secret is full"
    with pytest.raises(openai.InternalServerError) as caught:
        client.audio.transcriptions.create(file=AUDIO, model="x")
    assert "secret" not in str(caught.value)


def test_an_error_in_the_middle_of_a_stream(client: OpenAI, service: V1Service) -> None:
    service.answer, service.failure = None, "Audio duration is too short."
    with (
        client.audio.transcriptions.create(file=AUDIO, model="x", stream=True) as stream,
        pytest.raises(openai.APIError, match=r"Audio duration is too short\."),
    ):
        list(stream)
