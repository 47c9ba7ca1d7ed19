"""What a transcript promises, heard by the real model."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from promises import check_transcript, timeless
from sample import Sample

import panglot
from panglot.audio import open_audio
from panglot.evaluation.spans import language_accuracy, score_switches
from panglot.evaluation.words import error_rate
from panglot.transcripts import Transcript, read_json

Heard = Callable[[Path], Transcript]
NAMES = ("english", "german", "two_languages")


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_what_was_said(name: str, samples: dict[str, Sample], heard: Heard) -> None:
    sample = samples[name]
    transcript = heard(sample.path)
    rate = error_rate(sample.text, transcript.text, language=None)
    assert rate.rate <= 0.15, transcript.text
    assert transcript.duration == pytest.approx(sample.duration, abs=0.01)
    assert transcript.warnings == ()
    check_transcript(transcript)


def test_both_languages_are_kept_and_none_is_translated(samples: dict[str, Sample], heard: Heard) -> None:
    sample = samples["two_languages"]
    transcript = heard(sample.path)
    assert language_accuracy(sample.spans, transcript.languages).rate > 0.9
    score = score_switches(sample.spans, transcript.languages, tolerance=0.5)
    assert (len(score.found), score.false) == (2, ())
    for part in sample.parts:
        own = [s for s in transcript.segments if part["start"] - 0.5 <= s.start and s.end <= part["end"] + 0.5]
        assert {segment.language for segment in own} == {part["language"]}
        text = " ".join(segment.text for segment in own)
        assert error_rate(part["text"], text, language=part["language"]).rate <= 0.2, text


@pytest.mark.parametrize("name", NAMES)
def test_words_lie_where_they_are_spoken(name: str, samples: dict[str, Sample], heard: Heard) -> None:
    sample = samples[name]
    words = [word for segment in heard(sample.path).segments for word in segment.words]
    for part in sample.parts:
        middle = [word for word in words if part["start"] <= (word.start + word.end) / 2 <= part["end"]]
        assert len(middle) == pytest.approx(len(part["text"].split()), abs=2)
        assert middle[0].start == pytest.approx(part["start"], abs=0.4)
        assert middle[-1].end == pytest.approx(part["end"], abs=0.4)
    pauses = [(before["end"], after["start"]) for before, after in pairwise(sample.parts)]
    assert not [word for word in words for start, end in pauses if word.start > start + 0.2 and word.end < end - 0.2]


def test_segments_come_while_the_rest_is_heard(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    path = samples["two_languages"].path
    with model.stream(path) as transcription:
        segments = tuple(transcription)
        transcript = transcription.transcript
    assert segments == transcript.segments == heard(path).segments
    assert timeless(transcript) == timeless(heard(path))


def test_a_recording_may_be_left_early(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    path = samples["two_languages"].path
    with model.stream(np.tile(samples_of(path), 3)) as transcription:
        first = next(iter(transcription))
    assert first.text == heard(path).segments[0].text
    with pytest.raises(panglot.PanglotError, match="was closed"):
        _ = transcription.transcript
    assert not [thread for thread in threading.enumerate() if thread.name == "panglot-reader"]
    assert timeless(model.transcribe(path)) == timeless(heard(path))


def test_a_sentence_is_not_cut_in_a_breath(samples: dict[str, Sample], heard: Heard) -> None:
    texts = [segment.text for segment in heard(samples["two_languages"].path).segments]
    assert "Die Stadt ist sehr alt und hat einen großen Hafen." in texts


def test_the_same_twice(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    path = samples["two_languages"].path
    assert timeless(model.transcribe(path)) == timeless(heard(path))


def test_company_does_not_change_a_transcript(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    paths = [samples[name].path for name in NAMES] * 2
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(model.transcribe, paths))
    for path, transcript in zip(paths, together, strict=True):
        assert timeless(transcript) == timeless(heard(path))


def test_every_way_to_give_a_recording_is_the_same(
    model: panglot.Model, samples: dict[str, Sample], heard: Heard
) -> None:
    path = samples["german"].path
    wanted = timeless(heard(path))
    data = path.read_bytes()
    audio = samples_of(path)
    assert timeless(model.transcribe(str(path))) == wanted
    assert timeless(model.transcribe(data)) == wanted
    assert timeless(model.transcribe(io.BytesIO(data))) == wanted
    with path.open("rb") as file:
        assert timeless(model.transcribe(file)) == wanted
    assert timeless(model.transcribe(audio)) == wanted
    assert timeless(model.transcribe(audio[np.newaxis], sample_rate=16_000)) == wanted


def samples_of(path: Path) -> np.ndarray:
    """All samples of a recording, shape ``(n,)`` at 16 kHz."""
    with open_audio(path) as stream:
        return np.concatenate([block[0] for block in stream])


def test_three_lines_are_enough(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    path = samples["english"].path
    assert timeless(panglot.transcribe(path)) == timeless(heard(path))


def test_a_range_keeps_the_time_line_of_the_recording(model: panglot.Model, samples: dict[str, Sample]) -> None:
    sample = samples["two_languages"]
    part = sample.parts[1]
    start, end = part["start"] - 0.3, part["end"] + 0.3
    transcript = model.transcribe(sample.path, start=start, end=end)
    check_transcript(transcript)
    assert transcript.duration == pytest.approx(end, abs=0.01)
    assert error_rate(part["text"], transcript.text, language="de").rate <= 0.2, transcript.text
    [span] = transcript.languages
    assert span.language == "de"
    assert start <= span.start == pytest.approx(part["start"], abs=0.4)
    assert end >= span.end == pytest.approx(part["end"], abs=0.4)


def test_channels_are_heard_each_by_itself(
    model: panglot.Model, speech_set: Path, manifest: dict[str, dict[str, object]]
) -> None:
    name = "formats/stereo_two_channels.wav"
    transcript = model.transcribe(speech_set / name, channels="separate")
    check_transcript(transcript)
    truth = manifest[name]
    for channel, (language, text) in enumerate(zip(truth["channel_languages"], truth["channel_texts"], strict=True), 1):
        own = [segment for segment in transcript.segments if segment.channel == channel]
        assert {segment.language for segment in own} == {language}
        assert error_rate(text, " ".join(s.text for s in own), language=language).rate <= 0.2
    starts = [segment.start for segment in transcript.segments]
    assert starts == sorted(starts)


def test_only_languages_that_were_allowed_occur(model: panglot.Model, samples: dict[str, Sample]) -> None:
    sample = samples["two_languages"]
    both = model.transcribe(sample.path, languages=("en", "de"))
    assert [span.language for span in both.languages] == ["en", "de", "en"]
    other = model.transcribe(samples["german"].path, languages=("fr", "es"))
    assert {span.language for span in other.languages} <= {"fr", "es"}
    assert {segment.language for segment in other.segments} <= {"fr", "es"}


@pytest.mark.parametrize("written", ["de", "de-AT", "German", "DE_de"])
def test_a_language_may_be_written_in_many_ways(
    written: str, model: panglot.Model, samples: dict[str, Sample], heard: Heard
) -> None:
    transcript = model.transcribe(samples["german"].path, language=written)
    assert transcript.language == "de"
    assert transcript.text == heard(samples["german"].path).text
    assert transcript.receipt.options["languages"] == ["de"]


def test_key_terms_decide_how_a_name_is_spelt(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    path = samples["german"].path
    assert "Thomas" in heard(path).text
    assert " Tomas " in model.transcribe(path, keyterms=["Tomas"]).text


@pytest.mark.parametrize("name", NAMES)
def test_json_can_be_read_back(name: str, samples: dict[str, Sample], heard: Heard) -> None:
    transcript = heard(samples[name].path)
    written = transcript.to("json")
    read = read_json(written)
    assert read.to("json") == written
    assert read.text == transcript.text
    for old, new in zip(transcript.segments, read.segments, strict=True):
        assert (old.text, old.language) == (new.text, new.language)
        for before, after in zip(old.words, new.words, strict=True):
            assert before.text == after.text
            assert (before.start, before.end) == pytest.approx((after.start, after.end), abs=0.0005)
    check_transcript(read)


def test_the_receipt_says_how_to_do_it_again(model: panglot.Model, samples: dict[str, Sample], heard: Heard) -> None:
    receipt = heard(samples["english"].path).receipt
    assert (receipt.model, receipt.device, receipt.compute) == ("base", model.info.device, model.info.compute)
    assert len(receipt.model_sha256) == 64
    assert receipt.versions["panglot"] == panglot.__version__
    assert all(seconds > 0 for seconds in receipt.timings.values())


# Word times in languages that are written in other ways


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("zh/funasr_asr_example.flac", "zh"),
        ("zh/fleurs_zh_1883_clip5.flac", "zh"),
        ("ja/leopard_test_ja.flac", "ja"),
        ("ja/fleurs_ja_1837_clip4.flac", "ja"),
    ],
)
def test_units_of_languages_without_spaces(name: str, language: str, heard: Heard, speech_set: Path) -> None:
    transcript = heard(speech_set / name)
    check_transcript(transcript)
    assert transcript.language == language
    words = [word for segment in transcript.segments for word in segment.words]
    letters = [sum(char.isalpha() and not char.isascii() for char in word.text) for word in words]
    assert len(words) >= sum(letters) / 2
    assert max(letters) <= 4
    assert not [word for word in words if not any(char.isalnum() for char in word.text)]
    assert max(word.end - word.start for word in words) < 1.5


@pytest.mark.parametrize(
    ("name", "language"),
    [("hi/hsc_00A061.flac", "hi"), ("ml/msc_d19d960e.flac", "ml"), ("ko/leopard_test_ko.flac", "ko")],
)
def test_words_of_scripts_with_marks(name: str, language: str, model: panglot.Model, speech_set: Path) -> None:
    transcript = model.transcribe(speech_set / name, language=language)
    check_transcript(transcript)
    assert transcript.segments
    for segment in transcript.segments:
        assert segment.language == language
        assert [word.text.strip() for word in segment.words] == segment.text.split()
