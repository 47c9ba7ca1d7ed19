"""The official ``openai`` package for Python, unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from callers import Call
from openai_promises import check_errors, check_events, check_formats, check_models, check_translations, said, turns
from sample import Sample


@pytest.fixture
def call(python_client: Callable[[str, str], Call]) -> Call:
    return python_client("openai", "openai_client.py")


@pytest.mark.slow
def test_all_formats(call: Call, samples: dict[str, Sample]) -> None:
    found = call("formats", audio=samples["two_languages"].path)
    assert found["verbose_json"]["type"] == "TranscriptionVerbose"
    assert found["diarized_json"]["type"] == "TranscriptionDiarized"
    check_formats(found, samples["two_languages"])


def test_the_shortest_call(call: Call, samples: dict[str, Sample]) -> None:
    answer = call("plain", audio=samples["english"].path)
    assert said(samples["english"], answer["text"])
    assert answer["request_id"]


def test_events_while_it_is_recognised(call: Call, samples: dict[str, Sample]) -> None:
    check_events(call("stream", audio=samples["english"].path), samples["english"])


def test_events_with_speakers(call: Call, samples: dict[str, Sample]) -> None:
    *pieces, done = call("diarized_stream", audio=samples["two_languages"].path)
    assert done["type"] == "transcript.text.done"
    segments = [each for each in pieces if each["type"] == "transcript.text.segment"]
    assert turns(segments) == ["A", "B", "A"]
    assert said(samples["two_languages"], " ".join(each["text"].strip() for each in segments))


def test_translations(call: Call, samples: dict[str, Sample]) -> None:
    found = call("translations", audio=samples["german"].path)
    check_translations(found)
    assert found["verbose_json"]["duration"] == pytest.approx(samples["german"].duration, abs=0.1)


def test_models(call: Call) -> None:
    found = call("models")
    check_models(found)


def test_each_way_to_fail_has_its_exception(call: Call, samples: dict[str, Sample], text_file: Path) -> None:
    seen = call("errors", audio=samples["english"].path, text_file=text_file)
    check_errors(seen)
    assert seen["empty"]["raised"] == "BadRequestError"
    assert seen["unknown format"]["raised"] == "BadRequestError"
    assert "xml" in seen["unknown format"]["message"]
