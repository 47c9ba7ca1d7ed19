"""Every format is parsed back with a reader of its own, and says what the transcript says."""

import csv
import html
import io
import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from transcript_strategies import spoken, transcripts, unhurried, visible

from panglot.errors import OptionError
from panglot.testing import make_segment, make_transcript, make_word, random_transcript
from panglot.transcripts import FORMATS, Transcript, read_json
from panglot.transcripts.formats.txt import Lines

CLOCK = r"(\d{2,}):([0-5]\d):([0-5]\d)%s(\d{3})"
EMPTY = make_transcript()
BLANK = make_transcript(make_segment(" \n", words=[]), make_segment("", words=[" ", "\t"]))


def read_times(line: str, point: str) -> tuple[int, int]:
    match = re.fullmatch(f"{CLOCK % point} --> {CLOCK % point}", line)
    assert match, line
    first, second = match.groups()[:4], match.groups()[4:]
    return tuple(
        int(hours) * 3_600_000 + int(minutes) * 60_000 + int(seconds) * 1000 + int(rest)
        for hours, minutes, seconds, rest in (first, second)
    )


def read_srt(text: str) -> list[tuple[int, int, list[str]]]:
    cues = []
    for number, block in enumerate(text.removesuffix("\n").split("\n\n") if text else [], start=1):
        index, times, *lines = block.split("\n")
        assert index == str(number)
        assert lines
        assert all(lines)
        cues.append((*read_times(times, ","), lines))
    return cues


def read_vtt(text: str) -> list[tuple[int, int, list[str], str | None]]:
    header, *blocks = text.removesuffix("\n").split("\n\n")
    assert header == "WEBVTT"
    cues = []
    for block in blocks:
        times, *lines = block.split("\n")
        assert lines
        assert "-->" not in "\n".join(lines)
        voice = re.match(r"<v ([^>]+)>", lines[0])
        lines[0] = lines[0][voice.end() :] if voice else lines[0]
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", "".join(lines)), lines
        name = html.unescape(voice.group(1)) if voice else None
        cues.append((*read_times(times, r"\."), [html.unescape(line) for line in lines], name))
    return cues


def in_order(cues: list[tuple]) -> bool:
    times = [time for cue in cues for time in cue[:2]]
    return times == sorted(times) and all(cue[0] < cue[1] for cue in cues)


def arrows(text: str) -> str:
    """SubRip cannot say ``-->``: it becomes one arrow, so arrows of both kinds count as the same."""
    return text.replace("-->", "→")


@unhurried
@given(transcripts())
def test_txt_keeps_the_words(transcript: Transcript):
    lines = transcript.to("txt").splitlines()
    texts = [visible(segment.text) for segment in transcript.segments if visible(segment.text)]
    assert [visible(line) for line in lines if line] == texts
    assert "" not in lines[:1] + lines[-1:]


@unhurried
@given(transcripts())
def test_srt_keeps_the_words_in_order(transcript: Transcript):
    cues = read_srt(transcript.to("srt"))
    assert in_order(cues)
    assert all(len(lines) <= 2 for *_, lines in cues)
    assert arrows(visible("".join(line for *_, lines in cues for line in lines))) == arrows(spoken(transcript)) or (
        # An arrow cut in two by a line break stays as it is.
        visible("".join(line for *_, lines in cues for line in lines)).replace("→", "-->")
        == spoken(transcript).replace("→", "-->")
    )


@unhurried
@given(transcripts(speakers=True))
def test_vtt_keeps_words_and_speakers(transcript: Transcript):
    cues = read_vtt(transcript.to("vtt"))
    assert in_order(cues)
    assert visible("".join(line for _, _, lines, _ in cues for line in lines)) == spoken(transcript)
    names = [visible(segment.speaker) for segment in transcript.segments if visible(segment.text)]
    heard = [visible(name) for *_, name in cues]
    assert _runs(heard) == _runs(names)


def _runs(names: list[str]) -> list[str]:
    return [name for index, name in enumerate(names) if index == 0 or names[index - 1] != name]


@unhurried
@given(transcripts())
@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_captions_of_words_have_one_word_each(name: str, transcript: Transcript):
    text = transcript.to(name, words=True)
    cues = read_srt(text) if name == "srt" else read_vtt(text)
    assert in_order(cues)
    assert all(len(cue[2]) == 1 for cue in cues)
    words = [word.text for segment in transcript.segments for word in segment.words if visible(word.text)]
    if all(segment.words for segment in transcript.segments):
        assert [arrows(visible(cue[2][0])) for cue in cues] == [arrows(visible(word)) for word in words]


@unhurried
@given(transcripts(speakers=True))
def test_json_is_one_object_on_one_line_that_reads_back_equal(transcript: Transcript):
    text = transcript.to("json")
    assert text.endswith("}\n")
    assert text.count("\n") == 1
    assert read_json(text) == transcript
    assert read_json(text).to("json") == text


@unhurried
@given(transcripts(speakers=True))
def test_tsv_has_a_row_for_each_segment(transcript: Transcript):
    table = transcript.to("tsv")
    assert table.endswith("\n")
    header, *rows = (line.split("\t") for line in table.removesuffix("\n").split("\n"))
    said = [segment for segment in transcript.segments if visible(segment.text)]
    assert header == ["start", "end", "language", *(["speaker"] if said else []), "text"]
    assert [visible(row[4]) for row in rows] == [visible(segment.text) for segment in said]
    assert [row[2] for row in rows] == [segment.language for segment in said]
    assert [visible(row[3]) for row in rows] == [visible(segment.speaker) for segment in said]
    times = [int(time) for row in rows for time in row[:2]]
    assert times == sorted(times)


@unhurried
@given(transcripts(speakers=True))
def test_tsv_is_read_by_the_csv_module(transcript: Transcript):
    reader = csv.DictReader(io.StringIO(transcript.to("tsv")), delimiter="\t", quoting=csv.QUOTE_NONE)
    assert visible("".join(row["text"] for row in reader)) == spoken(transcript)


@unhurried
@given(transcripts())
def test_markdown_shows_the_words_as_they_are(transcript: Transcript):
    shown = []
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(transcript.to("md"))
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open":
            kinds = {child.type for child in token.children}
            assert kinds <= {"text", "text_special"}, token.content
            shown.append("".join(child.content for child in token.children))
    assert {token.type for token in tokens} <= {
        "heading_open",
        "heading_close",
        "paragraph_open",
        "paragraph_close",
        "inline",
    }
    duration, *paragraphs = shown
    assert duration.startswith("Duration ")
    times = [re.match(r"\((\d\d:)?\d\d:\d\d\) ", paragraph) for paragraph in paragraphs]
    texts = [paragraph[time.end() :] for paragraph, time in zip(paragraphs, times, strict=True)]
    assert visible("".join(texts)) == spoken(transcript)


@unhurried
@given(transcripts(speakers=True))
def test_ctm_has_six_columns_and_every_word(transcript: Transcript):
    rows = [line.split() for line in transcript.to("ctm").splitlines()]
    assert all(len(row) == 6 for row in rows)
    assert [float(row[2]) for row in rows] == sorted(float(row[2]) for row in rows)
    assert all(float(row[3]) >= 0 and 0 <= float(row[5]) <= 1 for row in rows)
    # Words that start together may change places, so letters are compared without their order.
    assert sorted("".join(row[4] for row in rows).replace("_", "")) == sorted(spoken(transcript).replace("_", ""))


@unhurried
@given(transcripts(speakers=True))
def test_rttm_covers_every_word_with_its_speaker(transcript: Transcript):
    rows = [line.split() for line in transcript.to("rttm").splitlines()]
    assert all(len(row) == 10 and row[0] == "SPEAKER" for row in rows)
    assert all(row[5] == row[6] == row[8] == row[9] == "<NA>" for row in rows)
    turns = [(row[7], float(row[3]), float(row[3]) + float(row[4])) for row in rows]
    assert [turn[1] for turn in turns] == sorted(turn[1] for turn in turns)
    for segment in transcript.segments:
        for word in segment.words:
            if visible(word.text):
                name = "_".join(word.speaker.split())
                assert any(
                    turn[0] == name and turn[1] <= word.start + 1e-6 and word.end <= turn[2] + 1e-6 for turn in turns
                )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("transcript", [EMPTY, BLANK], ids=["empty", "blank"])
def test_a_transcript_without_words_is_a_valid_file(name: str, transcript: Transcript):
    nothing = {"vtt": "WEBVTT\n", "tsv": "start\tend\tlanguage\ttext\n", "csv": "start,end,speaker,language,text\n"}
    text = transcript.to(name)
    if name == "json":
        assert read_json(text) == transcript
    elif name == "md":
        assert text.startswith("# Transcript\n\nDuration 00:00:00")
    else:
        assert text == nothing.get(name, "")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_newline_and_is_the_same_each_time(name: str):
    text = random_transcript(5, speakers=3).to(name)
    assert text == random_transcript(5, speakers=3).to(name)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text


def test_srt_as_players_expect_it():
    words = [make_word("Hi", start=3661.5, end=3662.0), make_word(" there.", start=3662.1, end=3663.25)]
    transcript = make_transcript(make_segment(words=words, speaker="A"))
    assert transcript.to("srt") == "1\n01:01:01,500 --> 01:01:03,250\nA: Hi there.\n"


def test_vtt_as_browsers_expect_it():
    words = [make_word("a < b", start=0, end=1), make_word(" & c", start=1, end=400_000)]
    transcript = make_transcript(make_segment(words=words, speaker="R&D"))
    assert transcript.to("vtt") == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v R&amp;D>a &lt; b\n" + (
        "\n00:00:01.000 --> 00:00:08.000\n<v R&amp;D>&amp; c\n"
    )


def test_hours_take_a_third_digit():
    transcript = make_transcript(make_segment("late", start=360_000.0, end=360_001.0))
    assert "100:00:00.000 --> 100:00:01.000" in transcript.to("vtt")


def test_json_has_the_keys_that_were_promised():
    segment = make_segment("Grüße", start=0.12345, end=1.0, language="de", speaker="A", channel=2)
    content = json.loads(make_transcript(segment, warnings=["cut short"]).to("json"))
    assert list(content) == [
        "text",
        "language",
        "language_probability",
        "languages",
        "segments",
        "duration",
        "audit",
        "receipt",
        "warnings",
    ]
    assert content["languages"] == [{"start": 0.123, "end": 1.0, "language": "de", "probability": 0.9}]
    assert content["segments"][0]["words"] == [
        {"start": 0.123, "end": 1.0, "text": "Grüße", "probability": 0.9, "speaker": "A"}
    ]
    assert (content["segments"][0]["speaker"], content["segments"][0]["channel"]) == ("A", 2)
    assert "ü" in make_transcript(segment).to("json")


def test_json_says_null_for_what_is_no_number_and_plain_values_for_options():
    transcript = make_transcript(replace(make_segment(), log_probability=float("-inf")))
    options = {"languages": ("en", "de"), "temperature": float("nan"), "path": object, "set": {"b", "a"}}
    transcript = replace(transcript, receipt=replace(transcript.receipt, options=options, timings={"all": 1.23456}))
    content = json.loads(transcript.to("json"))
    assert content["segments"][0]["log_probability"] is None
    assert content["receipt"]["options"] == {
        "languages": ["en", "de"],
        "temperature": None,
        "path": "<class 'object'>",
        "set": ["a", "b"],
    }
    assert content["receipt"]["timings"] == {"all": 1.235}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "Expecting value"),
        ("[]", "the text is not an object"),
        ('{"text": 1}', "'text' of the text is not a text"),
        (json.dumps({**json.loads(EMPTY.to("json")), "segments": [{"start": "x"}]}), "'start' of segments[0]"),
        (json.dumps({**json.loads(EMPTY.to("json")), "duration": True}), "'duration' of the text is not a number"),
        (json.dumps({**json.loads(EMPTY.to("json")), "languages": {}}), "'languages' of the text is not a list"),
        (json.dumps({**json.loads(EMPTY.to("json")), "duration": None}), "'duration' of the text is not a time"),
        (b"\xff\xfe\xff", "codec can't decode"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_other_json_is_refused_with_the_place(text: str | bytes, place: str):
    with pytest.raises(OptionError, match="Give a file saved as json") as caught:
        read_json(text)
    assert place in str(caught.value)


def test_json_with_unknown_or_missing_optional_keys_is_read():
    transcript = make_transcript(make_segment(end=1.5))
    content = json.loads(transcript.to("json"))
    content["new"] = {"x": 1}
    del content["audit"], content["warnings"], content["segments"][0]["temperature"]
    assert read_json(json.dumps(content)) == transcript


def test_txt_parts_what_does_not_belong_together():
    transcript = make_transcript(
        make_segment("One.", start=0, end=1, speaker="A"),
        make_segment("Two.", start=1, end=2, speaker="A"),
        make_segment("Three.", start=2, end=3, speaker="B"),
        make_segment("Vier.", start=3, end=4, speaker="B", language="de"),
        make_segment("Fünf.", start=6, end=7, speaker="B", language="de"),
    )
    assert transcript.to("txt") == "A: One.\nTwo.\n\nB: Three.\n\nB: Vier.\n\nB: Fünf.\n"


def test_words_of_another_speaker_start_a_line_of_their_own():
    words = [make_word("Yes?", speaker="A"), make_word(" No.", start=0.5, speaker="B")]
    transcript = make_transcript(make_segment(words=words))
    assert transcript.to("txt") == "A: Yes?\n\nB: No.\n"
    assert transcript.to("tsv").splitlines()[1:] == ["0\t400\ten\tA\tYes?", "500\t900\ten\tB\tNo."]


def test_ctm_and_rttm_as_scoring_tools_expect_them():
    transcript = make_transcript(
        make_segment(words=[make_word("New  York", start=0.5, end=1.25)], channel=2),
        make_segment(words=[make_word("yes", start=1.3, end=1.6)], channel=1),
    )
    assert transcript.to("ctm", recording="my call") == (
        "my_call 1 1.300 0.300 yes 0.900\nmy_call 2 0.500 0.750 New_York 0.900\n"
    )
    assert transcript.to("rttm") == (
        "SPEAKER recording 2 0.500 0.750 <NA> <NA> <NA> <NA> <NA>\n"
        "SPEAKER recording 1 1.300 0.300 <NA> <NA> <NA> <NA> <NA>\n"
    )


def test_rttm_joins_turns_over_short_pauses_only():
    words = [make_word(start=start, end=start + 0.5, speaker="A") for start in (0.0, 0.799, 1.6)]
    lines = make_transcript(make_segment(words=words)).to("rttm").splitlines()
    assert [line.split()[3:5] for line in lines] == [["0.000", "1.299"], ["1.600", "0.500"]]


def test_markdown_has_a_heading_for_each_language():
    transcript = make_transcript(
        make_segment("Hello *you*.", start=0, end=1, speaker="A"),
        make_segment("Hallo.", start=65, end=66, language="de"),
    )
    assert transcript.to("md") == (
        "# Transcript\n\nDuration 00:01:06\n\n## en\n\n**A** (00:00) Hello \\*you\\*.\n\n## de\n\n(01:05) Hallo.\n"
    )


def test_channels_are_told_apart_where_there_are_several():
    both = [
        make_segment("Hello?", start=0, end=1, channel=1),
        make_segment("Yes.", start=0.5, end=2, channel=2),
        make_segment("Ann here.", start=3, end=4, speaker="Ann", channel=2),
    ]
    transcript = make_transcript(*both)
    assert transcript.to("txt") == "[1] Hello?\n\n[2] Yes.\n\nAnn: Ann here.\n"
    assert [lines for *_, lines in read_srt(transcript.to("srt"))] == [["[1] Hello?"], ["[2] Yes."], ["Ann: Ann here."]]
    assert [cue[2:] for cue in read_vtt(transcript.to("vtt"))] == [
        (["[1] Hello?"], None),
        (["[2] Yes."], None),
        (["Ann here."], "Ann"),
    ]
    blocks = transcript.to("md").split("\n\n")[3:]
    assert blocks == ["**\\[1\\]** (00:00) Hello?", "**\\[2\\]** (00:00) Yes.", "**Ann** (00:03) Ann here.\n"]


@pytest.mark.parametrize("name", ["txt", "srt", "vtt", "md"])
def test_one_channel_alone_is_not_numbered(name: str):
    alone = make_transcript(make_segment("Hello?", channel=2))
    assert alone.to(name) == make_transcript(make_segment("Hello?")).to(name)


@unhurried
@given(transcripts(speakers=True))
def test_txt_can_be_written_segment_by_segment(transcript: Transcript):
    lines = Lines()
    assert "".join([lines.feed(segment) for segment in transcript.segments]) == transcript.to("txt")


def test_unknown_formats_and_options_are_refused_by_name():
    with pytest.raises(OptionError, match=r"no format 'doc'\. Formats: txt, srt, vtt, json"):
        EMPTY.to("doc")
    with pytest.raises(
        OptionError, match=r"'srt' has no option 'word'. Its options: max_line_length, max_lines, words"
    ):
        EMPTY.to("srt", word=True)
    with pytest.raises(OptionError, match=r"'txt' has no option 'words'\. It has no options"):
        EMPTY.to("txt", words=True)
    assert EMPTY.to("VTT") == "WEBVTT\n"
