import pytest

from panglot.service.text.formatting import lower_case, remove_punctuation
from panglot.testing import make_segment, make_transcript


@pytest.mark.parametrize(
    ("language", "text", "bare"),
    [
        ("en", "Well — it's 3.5%, isn't it? “Yes!”", "Well it's 3.5% isn't it Yes"),
        ("en", "The well-known -5 degrees, $10, at 10:30...", "The well-known -5 degrees $10 at 10:30"),
        ("en", "Wait…what", "Wait what"),
        ("en", "Call [PHONE_NUMBER], or ###-####!", "Call [PHONE_NUMBER] or ###-####"),
        ("es", "¿Qué? ¡Hola!", "Qué Hola"),
        ("ar", "مرحبا، كيف الحال؟", "مرحبا كيف الحال"),
        ("hi", "नमस्ते। कैसे हो?", "नमस्ते कैसे हो"),
    ],
)
def test_punctuation_goes_and_what_is_in_words_stays(language, text, bare):
    assert remove_punctuation(make_transcript(make_segment(text, language=language))).text == bare


def test_punctuation_of_languages_without_spaces():
    segment = make_segment(words=["你", "好，", "「", "世界", "」", "。"], language="zh")
    assert remove_punctuation(make_transcript(segment)).text == "你好世界"


@pytest.mark.parametrize(
    ("language", "text", "lower"),
    [
        ("en", "NASA said: Hello, 5 PM.", "nasa said: hello, 5 pm."),
        ("de", "Die Straße ÄRGERT Öl.", "die straße ärgert öl."),
        ("tr", "IĞDIR İstanbul", "ığdır istanbul"),
        ("el", "ΣΟΦΟΣ", "σοφ" + "ο\N{GREEK SMALL LETTER FINAL SIGMA}"),
        ("en", "Call [PHONE_NUMBER] Now", "call [PHONE_NUMBER] now"),
    ],
)
def test_lower_case_by_the_rules_of_the_language(language, text, lower):
    assert lower_case(make_transcript(make_segment(text, language=language))).text == lower
