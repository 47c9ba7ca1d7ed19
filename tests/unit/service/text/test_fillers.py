import pytest

from panglot.service.text.fillers import drop_fillers
from panglot.testing import make_segment, make_transcript


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Um, I think so.", "I think so."),
        ("uh, what is it?", "what is it?"),
        ("Uh what is it?", "What is it?"),
        ("I was, um, thinking.", "I was thinking."),
        ("So, uh, we went. Hmm. it rained.", "So we went. It rained."),
        ("I like it, huh?", "I like it?"),
        ("Yes, mhm.", "Yes."),
        ("Uh-huh. Ummm, ah, right.", "Right."),
        ("He is hmmm tall.", "He is tall."),
        ("It is 5 m long, m, yes.", "It is 5 m long yes."),
        ("M is a letter. The museum, the hum, aha.", "M is a letter. The museum, the hum, aha."),
    ],
)
def test_sentences_read_as_if_nobody_had_hesitated(text, clean):
    assert drop_fillers(make_transcript(make_segment(text))).text == clean


def test_a_segment_of_nothing_else_goes():
    made = drop_fillers(make_transcript(make_segment("Mhm."), make_segment("Yes.", start=1.0)))
    assert [segment.text for segment in made.segments] == ["Yes."]
    assert made.text == "Yes."


def test_other_languages_keep_theirs():
    transcript = make_transcript(make_segment("Um acht Uhr, ah ja.", language="de"))
    assert drop_fillers(transcript) == transcript


def test_times_of_the_words_that_stay_stay():
    made = drop_fillers(make_transcript(make_segment("Um, I think.", end=3.0)))
    assert [(word.text, word.start) for word in made.segments[0].words] == [("I", 1.0), (" think.", 2.0)]
    assert made.segments[0].start == 1.0
