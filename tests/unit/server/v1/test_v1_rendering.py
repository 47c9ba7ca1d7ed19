"""Results in the formats of the API."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.server.v1.form import Form, read_form
from panglot.server.v1.rendering import diarized_segments, logprobs, render
from panglot.service.results import Result
from panglot.testing import make_segment, make_transcript, make_word, random_transcript
from panglot.transcripts import Transcript, join_segments

TRANSCRIPT = make_transcript(
    make_segment("Good evening.", start=1.0, speaker="A"),
    make_segment("Guten Abend.", start=2.5, language="de", speaker="B"),
    duration=4.2,
)


def form(response_format: str, *fields: tuple[str, str], translate: bool = False) -> Form:
    return read_form([("response_format", response_format), *fields], translate=translate)


def rendered(asked: Form, transcript: Transcript = TRANSCRIPT) -> Any:
    return json.loads(bytes(render(asked, Result(transcript=transcript)).body))


def text(name: str, transcript: Transcript = TRANSCRIPT) -> str:
    response = render(form(name), Result(transcript=transcript))
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return bytes(response.body).decode()


def test_json_has_text_languages_and_usage() -> None:
    assert rendered(form("json")) == {
        "text": "Good evening. Guten Abend.",
        "languages": [{"code": "en"}, {"code": "de"}],
        "usage": {"type": "duration", "seconds": 5},
    }


def test_json_of_a_translation_is_its_text() -> None:
    assert rendered(form("json", translate=True)) == {"text": "Good evening. Guten Abend."}


def test_plain_formats() -> None:
    assert text("text") == "Good evening. Guten Abend.\n"
    assert text("srt").startswith("1\n00:00:01,000 --> 00:00:01,800\nA: Good evening.\n")
    assert text("vtt").startswith("WEBVTT\n\n")


def test_verbose_json() -> None:
    answer = rendered(form("verbose_json", ("timestamp_granularities[]", "word,segment")))
    assert {key: answer[key] for key in ("task", "language", "duration", "usage")} == {
        "task": "transcribe",
        "language": "english",
        "duration": 4.2,
        "usage": {"type": "duration", "seconds": 5},
    }
    assert answer["segments"][1] == {
        "id": 1,
        "seek": 250,
        "start": 2.5,
        "end": 3.3,
        "text": " Guten Abend.",
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": 0.0,
        "compression_ratio": 1.0,
        "no_speech_prob": 0.0,
        "speaker": "B",
    }
    assert answer["words"][1] == {"word": "evening.", "start": 1.4, "end": 1.8, "speaker": "A"}


@pytest.mark.parametrize(
    ("granularities", "keys"), [("", {"segments"}), ("word", {"words"}), ("word,segment", {"words", "segments"})]
)
def test_verbose_json_lists_what_was_asked_for(granularities: str, keys: set[str]) -> None:
    answer = rendered(form("verbose_json", ("timestamp_granularities", granularities)))
    assert {"words", "segments"} & answer.keys() == keys


def test_verbose_json_of_a_translation_says_so() -> None:
    answer = rendered(form("verbose_json", translate=True), make_transcript(make_segment("Hello.", language="de")))
    assert (answer["task"], answer["language"]) == ("translate", "english")


@pytest.mark.parametrize(("fields", "language"), [((), "unknown"), ((("language", "de"),), "german")])
def test_where_nobody_speaks(fields: tuple[tuple[str, str], ...], language: str) -> None:
    silence = make_transcript(duration=3.0)
    answer = rendered(form("verbose_json", *fields), silence)
    assert (answer["text"], answer["segments"], answer["language"]) == ("", [], language)
    assert (text("text", silence), text("srt", silence)) == ("\n", "")
    assert rendered(form("diarized_json"), silence)["segments"] == []


def test_diarized_json() -> None:
    answer = rendered(form("diarized_json"))
    assert (answer["task"], answer["duration"], answer["text"]) == ("transcribe", 4.2, TRANSCRIPT.text)
    assert answer["segments"][1] == {
        "type": "transcript.text.segment",
        "id": "seg_2",
        "start": 2.5,
        "end": 3.3,
        "speaker": "B",
        "text": "Guten Abend.",
    }


def test_numbers_that_are_not_finite_are_valid_json() -> None:
    segment = replace(make_segment(), log_probability=-math.inf, compression_ratio=math.nan)
    (shown,) = rendered(form("verbose_json"), make_transcript(segment))["segments"]
    assert (shown["avg_logprob"], shown["compression_ratio"]) == (0.0, 0.0)


@given(seed=st.integers(0, 10_000))
def test_texts_of_segments_and_words_joined_are_the_text(seed: int) -> None:
    transcript = random_transcript(seed, segments=6, speakers=2)
    answer = rendered(form("verbose_json"), transcript)
    assert "".join(segment["text"] for segment in answer["segments"]) == transcript.text
    assert "".join(entry.token for entry in logprobs(transcript)) == transcript.text
    spoken = [segment.text for segment in diarized_segments(transcript)]
    assert "".join("".join(spoken).split()) == "".join(transcript.text.split())


def test_logprobs_are_those_of_the_words() -> None:
    words = [make_word("Good", probability=0.5), make_word(" day.", start=0.4, probability=0.0)]
    transcript = make_transcript(make_segment(words=words))
    answer = rendered(form("json", ("include[]", "logprobs")), transcript)
    assert answer["logprobs"][0] == {"token": "Good", "bytes": [71, 111, 111, 100], "logprob": -0.6931}
    assert math.isfinite(answer["logprobs"][1]["logprob"])
    assert join_segments(transcript.segments) == "Good day."
