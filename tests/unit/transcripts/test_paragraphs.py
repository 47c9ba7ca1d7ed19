from dataclasses import replace

import pytest

from panglot.testing import make_segment, make_transcript, make_word, random_transcript
from panglot.transcripts import paragraphs, sentences


def texts(segments):
    return [segment.text for segment in segments]


def test_sentences_are_cut_inside_segments_and_joined_across_them():
    transcript = make_transcript(
        make_segment("It rains. Then it", start=0, end=2),
        make_segment("stops. Why?", start=2.5, end=4),
    )
    found = sentences(transcript)
    assert texts(found) == ["It rains.", "Then it stops.", "Why?"]
    assert found[1].start == pytest.approx(1.0)
    assert found[1].end == pytest.approx(3.25)


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Meyer came on May 3. He left.",
        "I saw J. Smith, e.g. here, and 3.5 more.",
        "Am 3. Oktober regnet es z.B. hier.",
        "“Why?” he asked. “So.”",
    ],
)
def test_dots_that_end_nothing(text):
    parts = {
        "Dr. Meyer came on May 3. He left.": ["Dr. Meyer came on May 3. He left."],
        "“Why?” he asked. “So.”": ["“Why?” he asked.", "“So.”"],
    }
    assert texts(sentences(make_transcript(make_segment(text)))) == parts.get(text, [text])


def test_sentences_of_other_scripts():
    chinese = make_segment(words=["你", "好。", "再见！"], language="zh")
    hindi = make_segment("नमस्ते। कैसे हो?", language="hi", start=2.0)
    assert texts(sentences(make_transcript(chinese, hindi))) == ["你好。", "再见！", "नमस्ते।", "कैसे हो?"]


def test_a_change_of_language_speaker_or_channel_ends_a_sentence():
    pieces = [("a", "en", "A", 1), ("b", "de", "A", 1), ("c", "de", "B", 1), ("d", "de", "B", 2)]
    segments = [
        make_segment(text, start=index, end=index + 1, language=language, speaker=speaker, channel=channel)
        for index, (text, language, speaker, channel) in enumerate(pieces)
    ]
    assert texts(sentences(make_transcript(*segments))) == ["a", "b", "c", "d"]


def test_a_long_pause_ends_a_sentence_and_a_paragraph():
    words = [make_word("well"), make_word(" then", start=2.4), make_word(" go", start=4.8)]
    found = make_transcript(make_segment(words=words))
    assert texts(sentences(found)) == ["well", "then", "go"]
    assert texts(paragraphs(found)) == ["well", "then", "go"]


def test_joined_numbers_are_the_worst_of_the_parts():
    one = replace(make_segment("and", end=1), log_probability=-0.1, no_speech_probability=0.5, temperature=0.4)
    two = replace(make_segment("so", start=1, end=2), log_probability=-0.7, compression_ratio=2.0)
    (joined,) = sentences(make_transcript(one, two))
    assert (joined.log_probability, joined.no_speech_probability) == (-0.7, 0.5)
    assert (joined.compression_ratio, joined.temperature) == (2.0, 0.4)


def test_a_paragraph_ends_at_the_first_sentence_beyond_its_length():
    segments = [make_segment("word " * 39 + "end.", start=index * 16.0) for index in range(8)]
    assert [len(text) for text in texts(paragraphs(make_transcript(*segments)))] == [4 * 199 + 3, 4 * 199 + 3]


def test_segments_without_words_give_sentences_without_words():
    segment = make_segment("One. Two.", words=[], end=9.0)
    found = sentences(make_transcript(segment))
    assert [(part.text, part.words) for part in found] == [("One.", ()), ("Two.", ())]
    assert found[0].end == pytest.approx(4.0)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("cut", [sentences, paragraphs])
def test_nothing_is_lost_or_added(seed, cut):
    transcript = random_transcript(seed, speakers=seed % 3)
    found = cut(transcript)
    words = [word for segment in transcript.segments for word in segment.words]
    kept = [word for segment in found for word in segment.words]
    assert [(w.start, w.end, w.text.strip()) for w in kept] == [(w.start, w.end, w.text.strip()) for w in words]
    assert make_transcript(*found).text == transcript.text
    for segment in found:
        assert "".join(word.text for word in segment.words) == segment.text == segment.text.strip()
        assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)
