"""Speakers with other names."""

from dataclasses import replace

from panglot.testing.makers import make_segment, make_transcript
from panglot.transcripts import Speaker, Transcript, Turn


def conversation() -> Transcript:
    segments = [
        make_segment("Yes.", start=float(start), end=start + 1.0, speaker=who) for start, who in enumerate("ABC")
    ]
    return replace(
        make_transcript(*segments),
        turns=tuple(Turn(start=each.start, end=each.end, speaker=each.speaker or "") for each in segments),
        speakers=tuple(Speaker(name=name, talk_time=1.0, share=0.25, turns=1) for name in "ABC"),
    )


def test_names_are_everywhere() -> None:
    renamed = conversation().rename_speakers({"A": "B", "B": "A", "Q": "Nobody"})
    assert [segment.speaker for segment in renamed.segments] == ["B", "A", "C"]
    assert [word.speaker for segment in renamed.segments for word in segment.words] == ["B", "A", "C"]
    assert [turn.speaker for turn in renamed.turns] == ["B", "A", "C"]
    assert [speaker.name for speaker in renamed.speakers] == ["B", "A", "C"]
    assert [utterance.speaker for utterance in renamed.utterances] == ["B", "A", "C"]


def test_two_labels_of_one_person_become_one_speaker() -> None:
    transcript = conversation()
    known = replace(transcript.speakers[2], match=0.8)
    renamed = replace(transcript, speakers=(*transcript.speakers[:2], known)).rename_speakers({"A": "Ada", "C": "Ada"})
    assert renamed.speakers == (
        Speaker(name="Ada", talk_time=2.0, share=0.5, turns=2, match=0.8),
        Speaker(name="B", talk_time=1.0, share=0.25, turns=1),
    )
