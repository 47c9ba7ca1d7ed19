"""The official ``assemblyai`` and ``openai`` packages for Node, unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from callers import Call
from deployment import Deployment
from openai_promises import check_errors, check_events, check_formats, check_models, check_translations, said
from sample import Sample


@pytest.fixture
def assemblyai(node_client: Callable[[str], Call]) -> Call:
    return node_client("assemblyai.mjs")


@pytest.fixture
def openai(node_client: Callable[[str], Call]) -> Call:
    return node_client("openai.mjs")


def test_assemblyai_transcribes_with_speakers(assemblyai: Call, samples: dict[str, Sample]) -> None:
    sample = samples["two_languages"]
    seen = assemblyai("transcribe", audio=sample.path)
    assert seen["status"] == "completed", seen["error"]
    assert said(sample, seen["text"])
    assert [each["speaker"] for each in seen["utterances"]] == ["A", "B", "A"]
    always = ("id", "audio_url", "language_model", "acoustic_model", "webhook_auth", "auto_highlights", "redact_pii")
    assert all(seen[name] is not None for name in (*always, "summarization"))
    assert {"speech_model", "language_confidence", "language_confidence_threshold"} <= seen.keys()


def test_assemblyai_takes_streams_bytes_and_data_addresses(assemblyai: Call, samples: dict[str, Sample]) -> None:
    texts = assemblyai("sources", audio=samples["english"].path)
    assert len(texts) == 3
    assert all(said(samples["english"], text) for text in texts)


def test_assemblyai_asks_for_everything(assemblyai: Call, samples: dict[str, Sample]) -> None:
    seen = assemblyai("everything", audio=samples["english"].path)
    for name in ("sentences", "paragraphs"):
        assert seen[name]["id"] == seen["id"]
        assert said(samples["english"], " ".join(each["text"] for each in seen[name][name]))
        assert seen[name]["audio_duration"] == pytest.approx(samples["english"].duration, abs=1)
    assert seen["srt"].startswith("1\n00:00:0")
    assert seen["vtt"].startswith("WEBVTT\n\n")
    cues = [block.splitlines()[1:] for block in re.split(r"\n\n+", seen["vtt"].strip())[1:]]
    assert all(len(line) <= 20 for lines in cues for line in lines)
    assert seen["search"]["total_count"] == 2
    assert [match["count"] for match in seen["search"]["matches"][:2]] == [1, 1]


def test_assemblyai_follows_the_addresses_of_pages(
    assemblyai: Call, samples: dict[str, Sample], server: Deployment
) -> None:
    seen = assemblyai("listing", audio=samples["english"].path)
    oldest, middle, newest = seen["made"]
    ids = {name: [each["id"] for each in seen[name]["transcripts"]] for name in ("first", "older", "newer")}
    assert ids["first"] == [newest, middle]
    assert ids["older"][0] == oldest
    assert ids["newer"] == [newest, middle]
    for name in ids:
        details = seen[name]["page_details"]
        assert details["result_count"] == len(ids[name])
        assert all(details[key] is None or details[key].startswith(server.url) for key in ("prev_url", "next_url"))
    assert all(each["resource_url"].startswith(server.url) for each in seen["first"]["transcripts"])
    assert seen["gone"]["text"] == seen["after"]["text"] == "Deleted by user."


def test_assemblyai_fetches_redacted_audio(assemblyai: Call, samples: dict[str, Sample]) -> None:
    seen = assemblyai("redaction", audio=samples["english"].path)
    assert seen["transcript"]["redact_pii"] is True
    assert said(samples["english"], seen["transcript"]["text"])
    assert seen["bytes"] > 10_000


def test_assemblyai_says_what_failed(assemblyai: Call, samples: dict[str, Sample], text_file: Path) -> None:
    seen = assemblyai("errors", audio=samples["english"].path, text_file=text_file)
    for what, message in {
        "wrong key": "API token",
        "unknown id": "transcript id not found",
        "unknown language": "xx",
    }.items():
        assert seen[what]["raised"] == "Error", what
        assert message in seen[what]["message"]
    assert seen["not audio"]["status"] == "error"
    assert "does not appear to contain audio" in seen["not audio"]["error"]


def test_openai_in_all_formats(openai: Call, samples: dict[str, Sample]) -> None:
    check_formats(openai("formats", audio=samples["two_languages"].path), samples["two_languages"])


def test_openai_streams(openai: Call, samples: dict[str, Sample]) -> None:
    check_events(openai("stream", audio=samples["english"].path), samples["english"])


def test_openai_translates(openai: Call, samples: dict[str, Sample]) -> None:
    check_translations(openai("translations", audio=samples["german"].path))


def test_openai_lists_models(openai: Call) -> None:
    check_models(openai("models"))


def test_openai_says_what_failed(openai: Call, samples: dict[str, Sample], text_file: Path) -> None:
    check_errors(openai("errors", audio=samples["english"].path, text_file=text_file))
