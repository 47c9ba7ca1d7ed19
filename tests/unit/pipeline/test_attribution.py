"""Words to speakers: turns decide, and a change must be worth its price."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panglot.pipeline.attribution import attribute
from panglot.transcripts.records import Segment, Turn, Word


def words(*times: tuple[float, float], text: str = " word") -> tuple[Word, ...]:
    return tuple(Word(start=start, end=end, text=text, probability=1.0) for start, end in times)


def segment(spoken: tuple[Word, ...]) -> Segment:
    text = "".join(word.text for word in spoken)
    return Segment(start=spoken[0].start, end=spoken[-1].end, text=text, language="en", words=spoken)


def turn(start: float, end: float, speaker: str) -> Turn:
    return Turn(start=start, end=end, speaker=speaker)


def labels(spoken: tuple[Word, ...], *turns: Turn) -> str:
    found = attribute([segment(spoken)], sorted(turns, key=lambda turn: turn.start))
    return "".join(word.speaker or "-" for part in found for word in part.words)


EVERY_HALF_SECOND = words(*((at / 2, at / 2 + 0.4) for at in range(8)))


def test_words_take_the_speaker_of_the_turn_they_lie_in() -> None:
    assert labels(EVERY_HALF_SECOND, turn(0, 2, "A"), turn(2, 4, "B")) == "AAAABBBB"


def test_an_edge_inside_a_word_goes_to_whoever_has_more_of_it() -> None:
    assert labels(EVERY_HALF_SECOND, turn(0, 1.6, "A"), turn(1.6, 4, "B")) == "AAABBBBB"


def test_a_turn_that_touches_a_word_does_not_flip_it() -> None:
    assert labels(EVERY_HALF_SECOND, turn(0, 4, "A"), turn(1.5, 1.9, "B")) == "AAAAAAAA"
    assert labels(EVERY_HALF_SECOND, turn(0, 1.7, "A"), turn(1.7, 1.95, "B"), turn(1.95, 4, "A")) == "AAAAAAAA"


def test_a_backchannel_keeps_its_speaker() -> None:
    assert labels(EVERY_HALF_SECOND, turn(0, 1.45, "A"), turn(1.5, 1.9, "B"), turn(2, 4, "A")) == "AAABAAAA"


def test_a_word_in_no_turn_goes_to_the_nearest() -> None:
    assert labels(words((0, 0.4), (5, 5.4)), turn(0, 0.5, "A"), turn(5.6, 7, "B")) == "AB"


def test_words_far_from_every_turn_have_a_speaker_too() -> None:
    assert labels(words((100, 100.4)), turn(0, 0.5, "A"), turn(20, 21, "B")) == "B"


def test_a_segment_is_cut_where_the_speaker_changes() -> None:
    found = attribute([segment(EVERY_HALF_SECOND)], [turn(0, 2, "A"), turn(2, 4, "B")])
    assert [(part.speaker, part.text, part.start) for part in found] == [
        ("A", "word word word word", 0.0),
        ("B", "word word word word", 2.0),
    ]


def test_nothing_changes_where_nobody_has_a_turn() -> None:
    whole = segment(EVERY_HALF_SECOND)
    assert attribute([whole], []) == (whole,)


@given(
    starts=st.lists(st.floats(0, 60), min_size=1, max_size=30),
    edges=st.lists(st.tuples(st.floats(0, 60), st.floats(0.01, 8), st.sampled_from("ABC")), min_size=1, max_size=12),
)
def test_every_word_has_a_speaker_who_has_a_turn(starts: list[float], edges: list[tuple[float, float, str]]) -> None:
    spoken = words(*((start, start + 0.3) for start in sorted(starts)))
    turns: list[Turn] = []
    free = dict.fromkeys("ABC", 0.0)
    for start, length, speaker in sorted(edges):
        begin = max(start, free[speaker])
        free[speaker] = begin + length
        turns.append(turn(begin, begin + length, speaker))
    turns.sort(key=lambda turn: turn.start)
    found = labels(spoken, *turns)
    assert len(found) == len(spoken)
    assert set(found) <= {turn.speaker for turn in turns}
