"""Utterances and speakers: who said what without a long pause, and how much."""

from __future__ import annotations

import pytest

from panglot.transcripts.records import Segment, Turn
from panglot.transcripts.utterances import speakers_of, utterances_of


def segment(
    start: float, end: float, speaker: str, *, language: str = "en", channel: int | None = None, text: str = "Yes."
) -> Segment:
    return Segment(start=start, end=end, text=text, language=language, speaker=speaker, channel=channel)


def test_neighbours_of_one_speaker_are_one_utterance() -> None:
    found = utterances_of([segment(0, 1, "A"), segment(1.5, 2, "A", text="Good."), segment(2, 3, "B")])
    assert [(each.speaker, each.start, each.end, each.text) for each in found] == [
        ("A", 0, 2, "Yes. Good."),
        ("B", 2, 3, "Yes."),
    ]


@pytest.mark.parametrize("after", [segment(3.5, 4, "A"), segment(1.2, 2, "A", language="de"), segment(1.2, 2, "B")])
def test_a_long_pause_another_language_or_speaker_ends_one(after: Segment) -> None:
    assert len(utterances_of([segment(0, 1, "A"), after])) == 2


def test_channels_do_not_interrupt_each_other() -> None:
    found = utterances_of(
        [segment(0, 1, "1", channel=1), segment(0.5, 0.9, "2", channel=2), segment(1.1, 2, "1", channel=1)]
    )
    assert [(each.speaker, each.end) for each in found] == [("1", 2), ("2", 0.9)]


def test_talk_time_shares_and_turns_in_order_of_appearance() -> None:
    turns = [
        Turn(start=0, end=3, speaker="B"),
        Turn(start=2, end=3, speaker="A"),
        Turn(start=5, end=9, speaker="B"),
    ]
    first, second = speakers_of(turns)
    assert (first.name, first.talk_time, first.turns) == ("B", 7, 2)
    assert (second.name, second.share) == ("A", pytest.approx(1 / 8))


def test_nobody_speaks() -> None:
    assert speakers_of([]) == ()
    assert utterances_of([]) == ()
