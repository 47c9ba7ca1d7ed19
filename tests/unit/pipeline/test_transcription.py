"""One recording from its source to its transcript: streaming, ranges, channels, sharing, and ending early or badly."""

from __future__ import annotations

import io
import itertools
import os
import threading
import time
import wave
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panglot import Model, PanglotError, Progress
from panglot.audio.workers import POOL
from panglot.engines import DecodeOptions, Encoded, Hypothesis, Mel, Request
from panglot.errors import AudioMissingError, LanguageError, ModelError, OptionError
from panglot.pipeline import scheduler
from panglot.testing import FakeDetector, FakeEngine, silence, speak
from panglot.testing.tones import WORDS, Samples
from panglot.transcripts import Segment, Transcript

Load = Callable[..., tuple[Model, FakeEngine]]
PATIENCE = 60.0


def talk(language: str, *, turns: int, seed: int = 0) -> Samples:
    """Turns of 12 words (4.8 s), pauses of 5 s between them, so that each is a window of its own."""
    chance = np.random.default_rng(seed)
    space = "" if language == "zh" else " "
    said = [speak(space.join(chance.choice(WORDS[language], 12)), language) for _ in range(turns)]
    return np.concatenate([sound for each in said for sound in (silence(5), each)])


def save(path: Path, samples: Samples) -> np.ndarray:
    """Write a 16-bit WAV file of one channel or more; return its integers."""
    whole = np.round(np.atleast_2d(samples) * 32767).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(whole))
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.ascontiguousarray(whole.T).tobytes())
    return whole


def content(transcript: Transcript) -> Transcript:
    """A transcript without what may differ from run to run."""
    return replace(transcript, receipt=replace(transcript.receipt, timings={}))


def children() -> set[str]:
    found: set[str] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        found |= set(task.read_text().split())
    return found


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "panglot-reader"]


def test_segments_that_are_streamed_are_the_transcript(load: Load) -> None:
    model, _ = load()
    with model.stream(talk("en", turns=6)) as transcription:
        streamed = list(transcription)
        transcript = transcription.transcript
    assert len(streamed) == 6
    assert tuple(streamed) == transcript.segments
    assert transcript.text == " ".join(segment.text for segment in streamed)


def test_the_transcript_can_be_had_without_iterating_and_more_than_once(load: Load) -> None:
    transcription = load()[0].stream(talk("en", turns=2))
    assert transcription.transcript is transcription.transcript
    assert list(transcription) == []


def test_segments_come_before_the_recording_has_been_read(load: Load) -> None:
    heard_all = threading.Event()

    def wait_at_the_end(found: dict[str, float], encoded: Encoded) -> dict[str, float]:
        if found["zh"] > 0.5:
            assert heard_all.wait(PATIENCE)
        return found

    samples = np.concatenate([talk("en", turns=14), talk("zh", turns=1)])
    with load(ear=wait_at_the_end)[0].stream(samples) as transcription:
        first = next(iter(transcription))
        heard_all.set()
        assert first == transcription.transcript.segments[0]


@pytest.mark.parametrize("kind", ["path", "bytes", "file", "array", "floats"])
def test_every_kind_of_source_gives_the_same_transcript(load: Load, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "talk.wav"
    whole = save(path, talk("en", turns=2))
    sources: dict[str, Callable[[], Any]] = {
        "path": lambda: path,
        "bytes": path.read_bytes,
        "file": lambda: io.BytesIO(path.read_bytes()),
        "array": lambda: whole[0],
        "floats": lambda: whole[0] / np.float32(32768),
    }
    model, _ = load()
    assert content(model.transcribe(sources[kind]())) == content(model.transcribe(str(path)))


def test_a_range_keeps_the_times_of_the_whole_recording(load: Load) -> None:
    model, _ = load()
    samples = talk("en", turns=3)
    whole = model.transcribe(samples)
    part = model.transcribe(samples, start=12.0, end=21.0)
    assert part.text == whole.segments[1].text
    assert [word.start for word in part.segments[0].words] == pytest.approx(
        [word.start for word in whole.segments[1].words], abs=0.04
    )
    assert part.duration == pytest.approx(21.0)
    assert part.receipt.options["start"] == 12.0


def test_the_range_may_reach_beyond_the_end(load: Load) -> None:
    transcript = load()[0].transcribe(talk("en", turns=1), start=1.0, end=500.0)
    assert transcript.duration == pytest.approx(9.8)


def test_channels_apart_keep_their_own_words_and_languages(load: Load) -> None:
    stereo = np.stack([talk("en", turns=2), talk("de", turns=2, seed=1)])
    model, _ = load()
    transcript = model.transcribe(stereo, channels="separate")
    alone = [model.transcribe(channel) for channel in stereo]
    for number, single in enumerate(alone, 1):
        segments = [segment for segment in transcript.segments if segment.channel == number]
        assert {word.speaker for segment in segments for word in segment.words} == {str(number)}
        assert [(segment.text, segment.start, segment.language) for segment in segments] == [
            (segment.text, segment.start, segment.language) for segment in single.segments
        ]
    assert [speaker.name for speaker in transcript.speakers] == ["1", "2"]
    assert [segment.start for segment in transcript.segments] == sorted(
        segment.start for segment in transcript.segments
    )
    assert transcript.audit.speech == pytest.approx(sum(single.audit.speech for single in alone))


def test_channels_mixed_are_one(load: Load) -> None:
    samples = talk("en", turns=2)
    stereo = np.stack([samples, silence(len(samples) / 16_000)])
    transcript = load()[0].transcribe(stereo * 2)
    assert {segment.channel for segment in transcript.segments} == {None}
    assert transcript.text == load()[0].transcribe(samples).text


@pytest.mark.parametrize("channels", ["mix", "separate"])
def test_progress_never_goes_back_and_ends_near_the_end(load: Load, channels: str) -> None:
    stereo = np.stack([talk("en", turns=3), np.roll(talk("de", turns=3, seed=1), 40_000)])
    steps: list[Progress] = []
    transcript = load()[0].transcribe(stereo, channels=channels, progress=steps.append)
    done = [step.seconds_done for step in steps]
    assert done == sorted(done)
    assert done[-1] <= transcript.duration
    assert done[-1] >= transcript.segments[-1].end
    assert {step.seconds_total for step in steps} == {transcript.duration}
    assert {step.language for step in steps} >= {transcript.language}


def test_ending_early_leaves_no_thread_and_no_process(load: Load, tmp_path: Path) -> None:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("child processes are listed in /proc, which is not here")
    path = tmp_path / "long.wav"
    save(path, np.tile(talk("en", turns=4), 30))
    model, _ = load()
    POOL.close()
    before = children()
    with model.stream(path) as transcription:
        first = next(iter(transcription))
        assert readers() == ["panglot-reader"]
    assert first.text
    assert readers() == []
    assert list(transcription) == []
    with pytest.raises(PanglotError, match="read `transcript` before `close"):
        _ = transcription.transcript
    POOL.close()  # a decoder that is done with a file waits for the next one; none may be left with this one
    assert children() == before
    assert model.transcribe(talk("en", turns=1)).text, "the model is as good as before"


def test_ending_early_leaves_no_work_for_others_to_wait_for() -> None:
    begun, gate = threading.Event(), threading.Event()

    def hold(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        begun.set()
        assert gate.wait(PATIENCE)
        return hypothesis

    engine = FakeEngine(twist=hold, workers=1, batch_size=1)
    with Model(engine, FakeDetector()) as model:
        with model.stream(talk("en", turns=30), language="en"):
            assert begun.wait(PATIENCE)
        assert len(engine.calls) > 1
        engine.calls.clear()
        gate.set()
        assert model.transcribe(talk("de", turns=1), language="de").text
        assert [(call.method, call.languages) for call in engine.calls] == [
            ("encode", ()),
            ("decode", ("de",)),
            ("align", ("de",)),
        ]


def test_whoever_waits_for_segments_learns_that_it_was_closed() -> None:
    gate = threading.Event()

    def hold(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        assert gate.wait(PATIENCE)
        return hypothesis

    with Model(FakeEngine(twist=hold, workers=1, batch_size=1), FakeDetector()) as model, ThreadPoolExecutor(1) as pool:
        transcription = model.stream(talk("en", turns=10), language="en")
        waiting = pool.submit(list, transcription)
        transcription._abandon()
        gate.set()
        with pytest.raises(PanglotError, match="was closed"):
            waiting.result(PATIENCE)


def test_closing_at_once_and_twice_is_fine(load: Load) -> None:
    transcription = load()[0].stream(talk("en", turns=20))
    transcription.close()
    transcription.close()
    assert readers() == []


def test_an_error_while_reading_reaches_the_caller_after_what_was_read() -> None:
    class Fragile(FakeDetector):
        def stream(self) -> Any:
            stream = super().stream()
            run, count = stream._run, iter(range(100))
            stream._run = lambda chunk: run(chunk) if next(count) < 20 else 1 / 0
            return stream

    segments: list[Segment] = []
    with Model(FakeEngine(), Fragile()) as model, model.stream(talk("en", turns=40)) as transcription:
        with pytest.raises(ZeroDivisionError):
            segments += transcription
        with pytest.raises(ZeroDivisionError):
            _ = transcription.transcript
    assert 5 < len(segments) < 25


def test_an_error_of_the_engine_reaches_the_caller(load: Load) -> None:
    def fail(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        if hypothesis.text.startswith("一"):
            raise ModelError("out of memory")
        return hypothesis

    samples = np.concatenate([talk("en", turns=2), silence(5), speak("一二三一二三", "zh"), talk("en", turns=2)])
    model, _ = load(twist=fail, batch_size=1)
    segments = []
    with pytest.raises(ModelError, match="out of memory"), model.stream(samples) as transcription:
        segments += transcription
    assert len(segments) == 2
    assert readers() == []
    assert model.transcribe(talk("en", turns=1)).text, "the model is as good as before"


@pytest.mark.parametrize(
    ("source", "options", "error"),
    [
        ("missing.wav", {}, AudioMissingError),
        (silence(1), {"language": "xx"}, LanguageError),
        (silence(1), {"start": 5.0}, OptionError),
        (silence(1), {"channels": "both"}, OptionError),
        (silence(1), {"promt": "Ada"}, OptionError),
    ],
)
def test_bad_requests_fail_at_once(load: Load, source: Any, options: dict[str, Any], error: type[PanglotError]) -> None:
    with pytest.raises(error):
        load()[0].stream(source, **options)
    assert readers() == []


@pytest.mark.parametrize("option", ["language", "prompt", "keyterms", "channels", "translate"])
def test_detecting_languages_refuses_options_that_do_not_count(load: Load, option: str) -> None:
    options: dict[str, Any] = {option: "en"}
    with pytest.raises(OptionError, match=f"no option '{option}'. Its options: languages, start, end"):
        load()[0].detect(silence(1), **options)


def test_closing_the_model_fails_what_is_being_transcribed() -> None:
    begun, gate = threading.Event(), threading.Event()

    def hold(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        begun.set()
        assert gate.wait(PATIENCE)
        return hypothesis

    model = Model(FakeEngine(twist=hold, workers=1), FakeDetector())
    transcription = model.stream(talk("en", turns=30))
    assert begun.wait(PATIENCE)
    closing = threading.Thread(target=model.close)
    closing.start()
    while not model._scheduler._closed:
        time.sleep(0.001)
    gate.set()
    closing.join(PATIENCE)
    with pytest.raises(ModelError, match="is closed"):
        _ = transcription.transcript
    transcription.close()
    with pytest.raises(ModelError, match="is closed"):
        _ = model.transcribe(talk("en", turns=1))


class Held(FakeEngine):
    """Encodes its first window, and its last, only when it may."""

    def __init__(self, windows: int) -> None:
        super().__init__(workers=1, batch_size=16)
        self._number = itertools.count()
        self.may = {0: threading.Event(), windows - 1: threading.Event()}

    def encode(self, mel: Mel) -> Encoded:
        if (held := self.may.get(next(self._number))) is not None:
            assert held.wait(PATIENCE)
        return super().encode(mel)


def test_two_recordings_share_batches_and_do_not_change_each_other(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_PATIENCE", PATIENCE)  # nothing is decoded while anything is to be encoded
    sources = {"en": talk("en", turns=5), "de": talk("de", turns=5, seed=7)}
    alone = {code: load()[0].transcribe(samples, language=code) for code, samples in sources.items()}
    engine = Held(windows=10)
    with Model(engine, FakeDetector()) as model, ThreadPoolExecutor(2) as pool:
        futures = {code: pool.submit(model.transcribe, samples, language=code) for code, samples in sources.items()}
        calls, waiting = model._scheduler._calls, model._scheduler._waiting
        while len(calls) < 9:
            time.sleep(0.001)
        engine.may[0].set()
        while sum(map(len, list(waiting.values()))) < 9:
            time.sleep(0.001)
        engine.may[9].set()
        together = {code: future.result(PATIENCE) for code, future in futures.items()}
    batches = [call for call in engine.calls if call.method == "decode"]
    assert [call.windows for call in batches] == [9, 1]
    assert set(batches[0].languages) == {"en", "de"}
    assert {code: content(each) for code, each in together.items()} == {
        code: content(each) for code, each in alone.items()
    }


def test_many_recordings_at_once_are_what_they_are_alone(load: Load) -> None:
    languages: Sequence[str] = sorted(WORDS) * 2
    samples = [talk(code, turns=3, seed=seed) for seed, code in enumerate(languages)]
    model, _ = load(workers=3, batch_size=5)
    with ThreadPoolExecutor(len(samples)) as pool:
        together = list(pool.map(model.transcribe, samples))
    assert [content(each) for each in together] == [content(model.transcribe(each)) for each in samples]
    assert [each.language for each in together] == list(languages)


def test_the_same_recording_gives_the_same_transcript(load: Load) -> None:
    samples = np.concatenate([talk("en", turns=3), talk("ru", turns=2), talk("zh", turns=2)])
    first, second = (content(load(workers=workers)[0].transcribe(samples)) for workers in (1, os.cpu_count() or 2))
    assert first == second


def test_the_end_of_a_long_recording_is_as_good_as_its_start(load: Load) -> None:
    samples = talk("en", turns=4)
    length = len(samples) / 16_000
    once = load()[0].transcribe(samples)
    long = load()[0].transcribe(np.tile(samples, 15))
    texts = [segment.text for segment in long.segments]
    assert texts == [segment.text for segment in once.segments] * 15
    for first, last in zip(once.segments, long.segments[-4:], strict=True):
        assert last.start - 14 * length == pytest.approx(first.start, abs=0.05)
