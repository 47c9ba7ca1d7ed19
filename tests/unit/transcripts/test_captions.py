import pytest

from panglot.errors import OptionError
from panglot.testing import make_segment, make_transcript, make_word, random_transcript
from panglot.transcripts.captions import captions


def lines_of(*segments, **options):
    return [cue.lines for cue in captions(make_transcript(*segments), **options)]


def test_cut_after_a_sentence_rather_than_in_the_next():
    text = "The tide turned at noon on the second day of March. Nobody had seen it coming, and everyone was out there."
    assert lines_of(make_segment(text, end=12.0)) == [
        ("The tide turned at noon on", "the second day of March."),
        ("Nobody had seen it coming,", "and everyone was out there."),
    ]


def test_a_long_pause_ends_a_caption_and_a_short_one_does_not():
    words = [make_word("One"), make_word(" two", start=1.8), make_word(" three", start=3.7)]
    assert lines_of(make_segment(words=words)) == [("One two",), ("three",)]


def test_speakers_and_languages_do_not_share_a_caption():
    segments = [
        make_segment("Yes", start=0, end=1, speaker="A"),
        make_segment("no", start=1, end=2, speaker="B"),
        make_segment("nein", start=2, end=3, speaker="B", language="de"),
    ]
    assert [(cue.lines, cue.speaker) for cue in captions(make_transcript(*segments))] == [
        (("Yes",), "A"),
        (("no",), "B"),
        (("nein",), "B"),
    ]


def test_the_name_of_the_speaker_takes_room():
    segment = make_segment("aaaa bbbb cc", speaker="Ann")
    assert lines_of(segment, max_line_length=9) == [("aaaa", "bbbb cc")]


def test_wide_characters_count_twice_and_punctuation_does_not_start_a_line():
    words = ["東京", "は", "今日", "も", "晴れ", "です", "。", "明日", "は", "雨", "」", "ー"]
    assert lines_of(make_segment(words=words, language="ja"), max_line_length=14) == [
        ("東京は今日", "も晴れです。"),
        ("明日は雨」ー",),
    ]


def test_parts_of_a_word_that_is_written_in_one_stay_together():
    words = ["Das", " Kranken", "haus", " brennt"]
    assert lines_of(make_segment(words=words, language="de"), max_line_length=12) == [
        ("Das", "Krankenhaus"),
        ("brennt",),
    ]


def test_text_without_words_is_cut_and_timed_by_its_length():
    cues = captions(make_transcript(make_segment("aaaa bbbb", words=[], end=9.0)), max_line_length=4, max_lines=1)
    assert [(cue.start, cue.end, cue.lines) for cue in cues] == [(0, 4000, ("aaaa",)), (4000, 9000, ("bbbb",))]


def test_chinese_without_words_is_cut_between_characters_but_not_in_a_number():
    segment = make_segment("我有1234元和OK牌", words=[], end=5.0, language="zh")
    assert lines_of(segment, max_line_length=8, max_lines=3) == [("我有1234", "元和OK牌")]


def test_short_captions_last_until_they_can_be_read_where_there_is_room():
    words = [make_word("Stop.", start=1.0, end=1.2), make_word(" Now.", start=5.0, end=5.1)]
    assert [(cue.start, cue.end) for cue in captions(make_transcript(make_segment(words=words)))] == [
        (1000, 1800),
        (5000, 5800),
    ]


@pytest.mark.parametrize("words", [False, True])
def test_channels_do_not_cut_each_others_captions(words):
    left = [make_segment("so what did you", start=0, end=2, channel=1), make_segment("do", start=2.5, end=3, channel=1)]
    right = [make_segment("oh yes", start=1, end=2.8, channel=2)]
    together = captions(make_transcript(left[0], right[0], left[1]), words=words)
    for number, own in enumerate((left, right), 1):
        alone = [(cue.start, cue.end, cue.lines) for cue in captions(make_transcript(*own), words=words)]
        assert [(cue.start, cue.end, cue.lines) for cue in together if cue.channel == number] == alone
    assert [cue.start for cue in together] == sorted(cue.start for cue in together)


def test_the_number_of_the_channel_takes_room_where_there_are_several():
    several = [make_segment("aaaa bbbb", channel=1), make_segment("cc", channel=2)]
    assert lines_of(*several, max_line_length=9) == [("aaaa", "bbbb"), ("cc",)]
    assert lines_of(several[0], max_line_length=9) == [("aaaa bbbb",)]


def test_lines_of_random_transcripts_are_filled_alike():
    cues = captions(random_transcript(1, segments=60))
    pairs = [cue.lines for cue in cues if len(cue.lines) == 2]
    assert len(pairs) > 10
    assert sum(min(map(len, pair)) >= 8 for pair in pairs) / len(pairs) > 0.9


@pytest.mark.parametrize(
    "option", [{"max_lines": 0}, {"max_lines": 11}, {"max_lines": True}, {"max_line_length": 0}, {"max_lines": "2"}]
)
def test_limits_out_of_range_are_refused(option):
    with pytest.raises(OptionError, match=r"cannot be used. Give a whole number from 1 to"):
        captions(make_transcript(), **option)
