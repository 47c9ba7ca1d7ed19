"""The official ``assemblyai`` package for Python, unchanged, in three forms that read answers differently."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from callers import Call
from deployment import Deployment, finished, submit, upload
from neighbours import Receiver
from sample import Sample

from panglot.audio import open_audio
from panglot.evaluation.words import error_rate

STRICT = "assemblyai-1-settings"
CUE = re.compile(r"(\d\d:)?\d\d:\d\d[.,]\d{3} --> (\d\d:)?\d\d:\d\d[.,]\d{3}")


@pytest.fixture(
    params=[
        STRICT,
        pytest.param("assemblyai-1", marks=pytest.mark.slow),
        pytest.param("assemblyai-0.48", marks=pytest.mark.slow),
    ]
)
def call(request: pytest.FixtureRequest, python_client: Callable[[str, str], Call]) -> Call:
    return python_client(request.param, "assemblyai_client.py")


def check_words(seen: dict[str, Any], sample: Sample) -> None:
    """The text is what was said, and its words lie in the recording, in milliseconds."""
    assert seen["status"] == "completed", seen["error"]
    assert error_rate(sample.text, seen["text"], language=None).rate <= 0.15, seen["text"]
    assert seen["text"] == " ".join(word["text"] for word in seen["words"])
    assert seen["audio_duration"] in (int(sample.duration), round(sample.duration))
    assert 0 < seen["confidence"] <= 1
    starts = [word["start"] for word in seen["words"]]
    assert starts == sorted(starts)
    for word in seen["words"]:
        assert word["text"] == word["text"].strip() != ""
        assert isinstance(word["start"], int)
        assert 0 <= word["start"] < word["end"] <= 1000 * sample.duration + 1
        assert 0 <= word["confidence"] <= 1


def test_the_five_lines_of_the_product_page(call: Call, samples: dict[str, Sample]) -> None:
    sample = samples["two_languages"]
    seen = call("five_lines", audio=sample.path)
    check_words(seen, sample)
    assert [speaker for speaker, _ in seen["utterances"]] == ["A", "B", "A"]
    for (_, text), part in zip(seen["utterances"], sample.parts, strict=True):
        assert error_rate(part["text"], text, language=part["language"]).rate <= 0.25, text
    assert {word["speaker"] for word in seen["words"]} == {"A", "B"}
    assert seen["language"] in {"en", "de"}
    assert 0 < seen["language_confidence"] <= 1


def test_everything_a_finished_transcript_can_be_asked(call: Call, samples: dict[str, Sample]) -> None:
    sample = samples["english"]
    seen = call("everything", audio=sample.path)
    check_words(seen, sample)
    for name in ("sentences", "paragraphs"):
        pieces = seen[name]
        assert " ".join(piece["text"] for piece in pieces) == seen["text"]
        assert sum(piece["words"] for piece in pieces) == len(seen["words"])
        assert pieces[0]["start"] == seen["words"][0]["start"]
        assert pieces[-1]["end"] == seen["words"][-1]["end"]
    assert len(seen["sentences"]) == 2
    assert len(seen["paragraphs"]) == 1
    assert seen["srt"].startswith("1\n00:00:0")
    assert seen["vtt"].startswith("WEBVTT\n\n")
    for captions in (seen["srt"], seen["vtt"]):
        assert CUE.search(captions)
        assert "museum" in captions
    assert seen["short_srt"].count("-->") > seen["srt"].count("-->")
    museum, ours, *none = seen["matches"]
    assert (museum["text"], museum["count"]) == ("museum", 1)
    [index] = museum["indexes"]
    word = seen["words"][index]
    assert "museum" in word["text"].lower()
    assert [list(times) for times in museum["timestamps"]] == [[word["start"], word["end"]]]
    assert (ours["text"], ours["count"]) == ("our museum", 1)
    assert all(match["count"] == 0 for match in none)
    assert seen["again"] == {name: seen[name] for name in seen["again"]}


def test_an_upload_has_an_address_of_ours(call: Call, samples: dict[str, Sample], server: Deployment) -> None:
    seen = call("sources", audio=samples["english"].path)
    check_words(seen, samples["english"])
    assert seen["uploaded"].startswith(server.url + "/")


def test_a_group_in_two_languages(call: Call, samples: dict[str, Sample]) -> None:
    names = ("english", "german")
    found = call("group", audios=[str(samples[name].path) for name in names])
    by_language = {each["language"]: each for each in found}
    assert sorted(by_language) == ["de", "en"]
    check_words(by_language["en"], samples["english"])
    check_words(by_language["de"], samples["german"])


def test_options_have_their_effect(call: Call, samples: dict[str, Sample]) -> None:
    seen = call("options", audio=samples["english"].path)
    assert seen["status"] == "completed", seen["error"]
    assert "exhibition" in seen["text"]
    assert "museum" not in seen["text"].lower()
    assert "garden" not in seen["text"]
    assert not re.search(r"[.,?!]", seen["text"])
    assert seen["text"] == seen["text"].lower()
    assert max(word["end"] for word in seen["words"]) <= 3100
    assert set(seen["speakers"]) == {"A"}


def test_lists_pages_and_deletes(call: Call, samples: dict[str, Sample]) -> None:
    seen = call("listing", audio=samples["english"].path)
    oldest, middle, newest = seen["made"]
    assert seen["first"] == [newest, middle]
    assert seen["older"][0] == oldest
    assert seen["newer"] == [newest, middle]
    assert {status for _, status in seen["failed"]} <= {"error"}
    created = datetime.fromisoformat(seen["created"])
    assert created.tzinfo is None
    for gone in (seen["gone"], seen["twice"], seen["after"]):
        assert (gone["id"], gone["status"]) == (oldest, "completed")
        assert gone["text"] == "Deleted by user."
        assert gone["audio_url"] == "http://deleted_by_user"
        assert (gone["words"], gone["confidence"], gone["language"]) == ([], None, None)
        assert gone["audio_duration"] == round(samples["english"].duration)


def test_a_webhook_is_told_with_its_header_and_its_query(
    call: Call, samples: dict[str, Sample], hooks: Receiver
) -> None:
    hooks.statuses = [503]
    seen = call("webhook", audio=str(samples["english"].path), url=hooks.url + "?call=7&of=a%20b")
    assert seen["webhook_auth"] is True
    refused, told = hooks.wait(2, seconds=60)
    for each in (refused, told):
        assert each.path == "/hook?call=7&of=a%20b"
        assert each.headers["x-secret"] == "of-ours"
        assert each.headers["content-type"].startswith("application/json")
        assert each.body == {"transcript_id": seen["id"], "status": "completed"}
    deadline = time.monotonic() + 30
    while call("webhook_status", transcript_id=seen["id"]) != 200:
        assert time.monotonic() < deadline
    assert len(hooks.calls) == 2


def test_redacted_audio_is_fetched(call: Call, samples: dict[str, Sample], tmp_path: Path) -> None:
    sample = samples["english"]
    seen = call("redaction", audio=str(sample.path), folder=str(tmp_path))
    check_words(seen, sample)
    assert alike(heard(sample.path), heard(Path(seen["path"])))


def test_personal_data_are_taken_out_of_text_and_sound(
    server: Deployment, samples: dict[str, Sample], tmp_path: Path
) -> None:
    # Nobody says an address in the samples, so one is written for a word. The official client reads no transcript of
    # its own that has both a spelling and redacted audio: its configuration cannot be made of what it has sent.
    sample = samples["english"]
    with server.client() as client:
        job = submit(
            client,
            upload(client, sample.path.read_bytes()),
            language_code="en",
            custom_spelling=[{"from": ["museum"], "to": "susan@museum.org"}],
            redact_pii=True,
            redact_pii_policies=["email_address"],
            redact_pii_audio=True,
        )
        seen = finished(client, job, seconds=60)
        link = client.get(f"/v2/transcript/{job}/redacted-audio").json()["redacted_audio_url"]
        path = tmp_path / "redacted.mp3"
        path.write_bytes(httpx.get(link, timeout=60).content)
    assert seen["status"] == "completed", seen["error"]
    assert "susan@museum.org" not in str([seen["text"], seen["words"]])
    hidden = [word for word in seen["words"] if "#" in word["text"]]
    assert len(hidden) == 1, seen["text"]
    assert "Good morning" in seen["text"]
    before, after = heard(sample.path), heard(path)
    assert len(after) == pytest.approx(len(before), abs=1600)
    start, end = hidden[0]["start"] * 16 + 800, hidden[0]["end"] * 16 - 800
    assert not alike(before[start:end], after[start:end])
    assert alike(before[: start - 3200], after[: start - 3200])


def heard(path: Path) -> np.ndarray:
    with open_audio(path) as stream:
        return np.concatenate([block[0] for block in stream])


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two sounds rise and fall together: a compressed copy does, a tone over it does not."""
    loudness = [np.abs(each[: len(each) // 400 * 400]).reshape(-1, 400).mean(axis=1) for each in (one, other)]
    shortest = min(map(len, loudness))
    return float(np.corrcoef(loudness[0][:shortest], loudness[1][:shortest])[0, 1]) > 0.8


def test_each_way_to_fail_is_said_as_the_client_expects(
    call: Call, samples: dict[str, Sample], text_file: Path
) -> None:
    seen = call("errors", audio=str(samples["english"].path), text_file=str(text_file))
    for what, said in {
        "wrong key": "API token",
        "unknown id": "transcript id not found",
        "unknown language": "xx",
        "not built": "auto_chapters",
    }.items():
        assert seen[what]["raised"] in {"TranscriptError", "AssemblyAIError"}, what
        assert seen[what]["is_ours"]
        assert said in seen[what]["message"]
    for what, said in {"not audio": "does not appear to contain audio", "unsure language": "threshold"}.items():
        assert (seen[what]["raised"], seen[what]["status"]) == (None, "error"), what
        assert said in seen[what]["error"]
        assert seen[what]["text"] is None
        uuid.UUID(seen[what]["id"])
