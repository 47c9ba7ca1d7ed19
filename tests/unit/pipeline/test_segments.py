"""A part's words → segments."""

from __future__ import annotations

from typing import Any

from pipeline_parts import recognised, window

from panglot.pipeline.segments import segments_of
from panglot.testing import write
from panglot.transcripts import Segment

PLACE = window((0, 20))


def cut(*rows: tuple[str, float, float], language: str = "en", **others: Any) -> tuple[Segment, ...]:
    return segments_of(recognised(*rows, window=PLACE, **others), language=language, channel=None)


def test_no_words_no_segment() -> None:
    assert cut() == ()


def test_sentences_are_segments() -> None:
    found = cut(("Come", 0, 1), (" in.", 1, 2), (" Sit", 2, 3), (" down!", 3, 4))
    assert [segment.text for segment in found] == ["Come in.", "Sit down!"]
    assert [(segment.start, segment.end) for segment in found] == [(0, 2), (2, 4)]


def test_a_pause_ends_a_segment() -> None:
    found = cut(("and", 0, 1), (" then", 2.5, 3))
    assert [segment.text for segment in found] == ["and", "then"]


def test_a_sentence_does_not_end_before_a_small_letter_or_at_an_abbreviation() -> None:
    assert len(cut(("Wait.", 0, 1), (" what?", 1, 2))) == 1
    assert len(cut(("Dr.", 0, 1), (" Smith", 1, 2))) == 1


def test_sentences_without_spaces_are_segments() -> None:
    found = cut(("好。", 0, 1), ("走", 1, 2), ("吧。", 2, 3), language="zh")
    assert [segment.text for segment in found] == ["好。", "走吧。"]


def test_the_words_of_each_segment_join_to_its_text() -> None:
    for segment in cut(("Come", 0, 1), (" in.", 1, 2), (" Sit", 3, 4), (" down!", 6, 7)):
        assert "".join(word.text for word in segment.words) == segment.text


def test_what_the_engine_thought_is_kept() -> None:
    part = recognised(
        ("Hi.", 0, 1),
        window=PLACE,
        hypothesis=write("Hi. Hi. Hi.", log_probability=-0.7, no_speech_probability=0.3),
    )
    [segment] = segments_of(part, language="de", channel=2)
    assert (segment.language, segment.channel) == ("de", 2)
    assert (segment.log_probability, segment.no_speech_probability) == (-0.7, 0.3)
    assert segment.compression_ratio < 1.1
