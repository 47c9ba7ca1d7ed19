import pytest

from panglot.service.text.tags import remove_tags
from panglot.testing import make_segment, make_transcript


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("[MUSIC] Welcome back.", "Welcome back."),
        ("So [upbeat music playing] here we are. [BLANK_AUDIO]", "So here we are."),
        ("(applause) Thank you. (Laughs)", "Thank you."),
        ("♪ We are the ones ♪", "We are the ones"),
        ("That (as he said) is [1] all.", "That (as he said) is [1] all."),
        ("Ja [Musik], so.", "Ja so."),
    ],
)
def test_tags_go_and_words_stay(text, clean):
    assert remove_tags(make_transcript(make_segment(text))).text == clean


def test_a_segment_that_is_a_tag_goes():
    assert remove_tags(make_transcript(make_segment("[Music]"))).segments == ()
