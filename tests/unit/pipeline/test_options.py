"""Options: what is allowed, and what is said about what is not."""

from __future__ import annotations

from typing import Any

import pytest

from panglot.errors import LanguageError, OptionError
from panglot.language import LANGUAGES
from panglot.pipeline.options import Options, check_options


def check(known: tuple[str, ...] = tuple(LANGUAGES), **options: Any) -> Options:
    return check_options(known=known, **options)


def test_defaults() -> None:
    options = check()
    assert options == Options(languages=tuple(LANGUAGES))
    assert options.record()["languages"] == "all"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"channels": "left"}, OptionError, "channels must be 'mix' or 'separate', not 'left'"),
        ({"start": -1.0}, OptionError, "the range from -1.0 s to None s is empty; give 0 ≤ start < end"),
        ({"start": 5, "end": 5}, OptionError, "the range from 5 s to 5 s is empty; give 0 ≤ start < end"),
        ({"end": 0}, OptionError, "the range from 0.0 s to 0 s is empty; give 0 ≤ start < end"),
        ({"keyterms": "Hamburg"}, OptionError, "keyterms and languages are lists of strings, such as ['en', 'de'],"),
        ({"languages": "en"}, OptionError, "keyterms and languages are lists of strings, such as ['en', 'de'],"),
        ({"prompt": "x" * 4001}, OptionError, "prompt and keyterms have 4001 characters together; 4000 are allowed"),
        ({"language": "de", "languages": ["en"]}, OptionError, "give either language or languages, not both"),
        ({"language": "klingon"}, LanguageError, "'klingon' is not one of the 99 languages"),
        ({"languages": ["en", "xx"]}, LanguageError, "'xx' is not one of the 99 languages"),
    ],
)
def test_what_cannot_be_used(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        check(**options)
    assert str(raised.value).startswith(message)


def test_a_language_that_the_model_does_not_know() -> None:
    with pytest.raises(LanguageError) as raised:
        check(("en",), languages=["en", "German", "fr"])
    assert str(raised.value) == ("this model does not know German, French, only English; choose a multilingual model")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"language": "de-AT"}, ("de",)),
        ({"language": "auto", "languages": ["English", "iw", "en-GB"]}, ("en", "he")),
        ({"languages": []}, tuple(LANGUAGES)),
        ({"language": None}, tuple(LANGUAGES)),
    ],
)
def test_languages(options: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert check(**options).languages == expected


def test_languages_that_only_the_model_knows_are_left_out() -> None:
    assert check(("yue", "zh", "en")).languages == ("en", "zh")


@pytest.mark.parametrize(
    ("prompt", "keyterms", "expected"),
    [
        ("  A talk on tides. ", (), "A talk on tides."),
        ("", ("Elbe", " Alster ", " "), "Elbe, Alster."),
        ("On rivers.", ["Elbe"], "On rivers. Elbe."),
        ("", (), ""),
    ],
)
def test_prompt_and_keyterms_are_one_text(prompt: str, keyterms: Any, expected: str) -> None:
    assert check(prompt=prompt, keyterms=keyterms).prompt == expected


def test_the_record_is_plain() -> None:
    record = check(languages=["de", "en"], start=1, end=2).record()
    assert record == {
        "languages": ["de", "en"],
        "start": 1.0,
        "end": 2.0,
        "channels": "mix",
        "prompt": "",
        "translate": False,
        "speakers": None,
        "voices": [],
    }
