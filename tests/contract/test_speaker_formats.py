"""Formats of a transcript whose speakers were told apart."""

from __future__ import annotations

import json
from dataclasses import replace

from panglot.testing import make_segment, make_transcript
from panglot.transcripts import Transcript, read_json
from panglot.transcripts.records import Speaker, Turn

TURNS = (
    Turn(start=0.25, end=2.0, speaker="ada"),
    Turn(start=1.5, end=3.0, speaker="B"),
    Turn(start=4.0, end=4.5, speaker="ada"),
)
SPEAKERS = (
    Speaker(name="ada", talk_time=2.25, share=0.6, turns=2, match=0.75),
    Speaker(name="B", talk_time=1.5, share=0.4, turns=1),
)


def dialogue() -> Transcript:
    plain = make_transcript(
        make_segment("Morning.", start=0.3, end=1.9, speaker="ada"),
        make_segment("Hello.", start=1.6, end=2.9, speaker="B"),
    )
    return replace(plain, turns=TURNS, speakers=SPEAKERS)


def test_json_holds_speakers_turns_and_utterances_and_reads_back_equal() -> None:
    text = dialogue().to("json")
    content = json.loads(text)
    assert content["speakers"][0] == {"name": "ada", "talk_time": 2.25, "share": 0.6, "turns": 2, "match": 0.75}
    assert "match" not in content["speakers"][1]
    assert content["turns"][1] == {"start": 1.5, "end": 3.0, "speaker": "B"}
    assert [(each["speaker"], each["text"]) for each in content["utterances"]] == [
        ("ada", "Morning."),
        ("B", "Hello."),
    ]
    assert read_json(text) == dialogue()


def test_json_says_nothing_of_speakers_who_were_not_told_apart() -> None:
    assert {"speakers", "turns", "utterances"}.isdisjoint(json.loads(make_transcript(make_segment("Yes.")).to("json")))


def test_rttm_has_the_turns_as_they_were_heard_overlaps_too() -> None:
    assert dialogue().to("rttm", recording="call").splitlines() == [
        "SPEAKER call 1 0.250 1.750 <NA> <NA> ada <NA> <NA>",
        "SPEAKER call 1 1.500 1.500 <NA> <NA> B <NA> <NA>",
        "SPEAKER call 1 4.000 0.500 <NA> <NA> ada <NA> <NA>",
    ]
