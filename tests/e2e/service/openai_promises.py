"""What holds for every answer in OpenAI's form, whichever client asked."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
from sample import Sample

from panglot.evaluation.words import error_rate

LANGUAGES = {"english", "german"}


def said(sample: Sample, text: str) -> bool:
    return error_rate(sample.text, text, language=None).rate <= 0.15


def turns(segments: list[dict[str, Any]]) -> list[str]:
    """Who speaks, one after another."""
    return [speaker for speaker, _ in groupby(segments, key=lambda each: each["speaker"])]


def check_formats(found: dict[str, Any], sample: Sample) -> None:
    """Six forms of the same transcript."""
    text = found["json"]["text"]
    assert said(sample, text)
    assert found["text"] == text + "\n"
    assert found["srt"].startswith("1\n00:00:0")
    assert found["vtt"].startswith("WEBVTT\n\n")
    assert "museum" in found["srt"]
    assert "museum" in found["vtt"]
    check_verbose(found["verbose_json"], sample)
    assert found["verbose_json"]["text"] == text
    diarized = found["diarized_json"]
    assert diarized["task"] == "transcribe"
    assert diarized["duration"] == pytest.approx(sample.duration, abs=0.1)
    assert turns(diarized["segments"]) == ["A", "B", "A"]
    assert len({each["id"] for each in diarized["segments"]}) == len(diarized["segments"])
    assert said(sample, " ".join(each["text"].strip() for each in diarized["segments"]))


def check_verbose(verbose: dict[str, Any], sample: Sample) -> None:
    """Segments and words in seconds, on the time line of the recording."""
    assert verbose["language"] in LANGUAGES
    assert verbose["duration"] == pytest.approx(sample.duration, abs=0.1)
    for name in ("segments", "words"):
        times = [(each["start"], each["end"]) for each in verbose[name]]
        assert times == sorted(times)
        assert all(0 <= start < end <= sample.duration + 0.1 for start, end in times)
    assert [each["id"] for each in verbose["segments"]] == list(range(len(verbose["segments"])))
    words = [each["word"].strip() for each in verbose["words"]]
    assert words == verbose["text"].split()


def check_events(events: list[dict[str, Any]], sample: Sample) -> None:
    """Pieces that add up to the text of the last event."""
    *deltas, done = events
    assert done["type"] == "transcript.text.done"
    assert said(sample, done["text"])
    assert {each["type"] for each in deltas} == {"transcript.text.delta"}
    assert "".join(each["delta"] for each in deltas).strip() == done["text"].strip()


def check_translations(found: dict[str, Any]) -> None:
    """English, and not what was said."""
    texts = [found["json"]["text"], found["text"], found["srt"], found["vtt"], found["verbose_json"]["text"]]
    for text in texts:
        assert "Thomas" in text
        assert "Hamburg" in text
        assert "years" in text
        assert "Jahren" not in text
    assert found["verbose_json"]["language"] == "english"


def check_models(found: dict[str, Any]) -> None:
    """A list in which each can be asked for."""
    assert found["listed"]
    assert found["one"] == found["listed"][0]
    for model in found["listed"]:
        assert model["object"] == "model"
        assert isinstance(model["created"], int)
        assert model["owned_by"]


def check_errors(seen: dict[str, Any]) -> None:
    """Statuses that the clients make the right exceptions of, and messages that say what to do."""
    expected = {
        "wrong key": ("AuthenticationError", 401),
        "not audio": ("BadRequestError", 400),
        "unknown language": ("BadRequestError", 400),
        "unknown model": ("NotFoundError", 404),
    }
    assert {what: (seen[what]["raised"], seen[what]["status"]) for what in expected} == expected
    assert "klingon" in seen["unknown language"]["message"]
    assert "audio" in seen["not audio"]["message"]
    assert "none-of-that-name" in seen["unknown model"]["message"]
