"""Text rules: what must be made equal, and what must survive."""

import pytest

from panglot.evaluation.normalisation import normalise, unit_of, units


def test_english_rules_join_spellings_numbers_and_contractions():
    assert normalise("Mr. Quilter's twenty-first COLOUR, I've!", language="en") == "mister quilter is 21st color i have"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "  Der Lößboden „trägt“ – 1963! ", "der lößboden trägt 1963"),
        ("fr", "L'été, ça va ?", "l été ça va"),
        ("hi", "हिन्दी में किताबें!", "हिन्दी में किताबें"),
        ("ml", "ആലിൻപഴം പഴുത്തപ്പോൾ.", "ആലിൻപഴം പഴുത്തപ്പോൾ"),
        ("th", "สวัสดีครับ", "สวัสดีครับ"),
        ("fa", "می\u200cخواهم", "میخواهم"),
    ],
)
def test_basic_rules_keep_letters_and_marks(language, text, expected):
    assert normalise(text, language=language) == expected


def test_decomposed_letters_equal_composed_ones():
    assert normalise("e\u0301te\u0301", language="fr") == normalise("été", language="fr")


def test_both_spellings_of_malayalam_chillu_letters_are_equal():
    assert normalise("അവന\u0d4d\u200d", language="ml") == normalise("അവ\u0d7b", language="ml")


@pytest.mark.parametrize("language", ["zh", "ja", "th", "lo", "my", "km", "bo"])
def test_languages_without_spaces_are_counted_in_characters(language):
    assert unit_of(language) == "character"


@pytest.mark.parametrize("language", ["ko", "en", "hi", None])
def test_languages_with_spaces_are_counted_in_words(language):
    assert unit_of(language) == "word"


def test_a_character_is_a_letter_with_its_marks():
    assert units("สวัสดี", language="th") == ("ส", "วั", "ส", "ดี")
    assert units("今天,很好。", language="zh") == ("今", "天", "很", "好")


def test_a_text_in_several_languages_is_split_only_where_words_are_not():
    assert units("Guten Tag, 今天 好的 OK?", language=None) == ("guten", "tag", "今", "天", "好", "的", "ok")
