from pathlib import Path

import pytest

from panglot.training.labelling import LONGEST, label
from panglot.transcripts.records import Audit, Finding, Receipt, Segment, Transcript, Word

RECORDING = Path("talk.wav")


def segment(start: float, end: float, probability: float = 0.95, language: str = "en") -> Segment:
    text = f"from {start:g}"
    words = (Word(start=start, end=end, text=text, probability=probability),)
    return Segment(start=start, end=end, text=text, language=language, words=words)


def transcript(*segments: Segment, findings: tuple[Finding, ...] = (), duration: float = 100.0) -> Transcript:
    return Transcript(
        text="", language="en", language_probability=1.0, languages=(), segments=segments, duration=duration,
        audit=Audit(findings=findings),
        receipt=Receipt(model="m", model_sha256="", engine="e", device="cpu", compute="c"),
    )  # fmt: skip


def spans(labelled) -> list[tuple[float, float]]:
    return [(sample.start, round(sample.start + sample.duration, 3)) for sample in labelled.samples]


def test_neighbours_are_joined_with_room_at_the_ends() -> None:
    made = label(transcript(segment(1, 5), segment(6, 9)), RECORDING)
    (sample,) = made.samples
    assert spans(made) == [(0.8, 9.2)]
    assert (sample.text, sample.audio, sample.language, sample.confidence) == ("from 1 from 6", RECORDING, "en", 0.95)


def test_no_sample_is_longer_than_the_model_hears() -> None:
    made = label(transcript(*(segment(start, start + 9) for start in range(0, 90, 10))), RECORDING)
    assert len(made.samples) == 3
    assert all(sample.duration <= LONGEST for sample in made.samples)
    assert [sample.previous_text for sample in made.samples] == [None, *(sample.text for sample in made.samples[:-1])]


@pytest.mark.parametrize(
    "breaks", [segment(6, 9, language="de"), segment(8, 9)], ids=["another language", "a long pause"]
)
def test_what_does_not_belong_together_is_kept_apart(breaks: Segment) -> None:
    assert len(label(transcript(segment(1, 5), breaks), RECORDING).samples) == 2


def test_unsure_segments_are_left_out_and_nothing_is_joined_over_them() -> None:
    made = label(transcript(segment(1, 3), segment(3, 4, 0.5), segment(4, 6)), RECORDING)
    assert spans(made) == [(0.8, 3.0), (4.0, 6.2)]
    assert (made.unsure, made.doubted) == (1.0, 0.0)
    assert len(label(transcript(segment(1, 3, 0.7)), RECORDING, min_confidence=0.6).samples) == 1


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("loop", 1), ("script_mismatch", 1), ("speech_without_text", 1), ("redecoded", 2), ("damaged", 0)],
)
def test_what_the_audit_doubts_is_left_out_where_asked(kind: str, kept: int) -> None:
    found = transcript(segment(1, 3), segment(20, 25), findings=(Finding(kind=kind, start=2.5, end=4.0, detail=""),))
    assert len(label(found, RECORDING, audit_clean=True).samples) == kept
    assert len(label(found, RECORDING).samples) == 2


def test_a_segment_without_words_is_not_sure() -> None:
    wordless = Segment(start=1, end=3, text="hm", language="en")
    assert label(transcript(wordless), RECORDING).samples == ()
