"""Fields of a request and what they ask for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.errors import RequestError
from panglot.server.v1.form import Form, check_name, read_form


def form(*fields: tuple[str, str], translate: bool = False) -> Form:
    return read_form(fields, translate=translate)


def test_nothing_but_a_model_asks_for_json() -> None:
    asked = form(("model", "gpt-4o-transcribe"))
    assert (asked.response_format, asked.stream, asked.words, asked.segments) == ("json", False, False, True)
    request = asked.request
    assert (request.surface, request.language, request.speakers, request.translate) == ("openai", None, False, False)
    assert request.echo["model"] == "gpt-4o-transcribe"
    assert request.warnings == ()


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("language", "German", "language", "de"),
        ("language", "pt-BR", "language", "pt"),
        ("language", "auto", "language", None),
        ("language", " ", "language", None),
        ("languages[]", "en", "languages", ("en",)),
        ("languages", "en, french", "languages", ("en", "fr")),
        ("keywords[]", "Ada, Countess", "keyterms", ("Ada, Countess",)),
        ("hotwords", "Ada, Lovelace,", "keyterms", ("Ada", "Lovelace")),
        ("prompt", " On engines. ", "prompt", "On engines."),
        ("diarize", "true", "speakers", True),
        ("diarize", "False", "speakers", False),
        ("min_speakers", "2", "speakers", True),
        ("max_speakers", "3", "max_speakers", 3),
        ("response_format", "diarized_json", "speakers", True),
    ],
)
def test_fields_become_the_request(name: str, value: str, field: str, expected: Any) -> None:
    assert getattr(form((name, value)).request, field) == expected


def test_lists_are_taken_one_field_after_the_other() -> None:
    asked = form(
        ("languages[]", "en"), ("languages[]", "de"), ("languages[]", "en"), ("keywords[0]", "a"), ("keywords", "b")
    )
    assert asked.request.languages == ("en", "de")
    assert asked.request.keyterms == ("a", "b")


@pytest.mark.parametrize("name", ["timestamp_granularities[]", "timestamp_granularities"])
def test_granularities_say_what_verbose_json_lists(name: str) -> None:
    verbose = ("response_format", "verbose_json")
    assert (form(verbose).words, form(verbose).segments) == (False, True)
    words = form(verbose, (name, "word"))
    assert (words.words, words.segments) == (True, False)
    both = form(verbose, (name, "word"), (name, "segment"))
    assert (both.words, both.segments) == (True, True)
    assert both.request.warnings == ()


@pytest.mark.parametrize(
    "fields",
    [
        [("chunking_strategy", "auto")],
        [("chunking_strategy", '{"type": "server_vad", "threshold": 0.5}')],
        [
            ("chunking_strategy[type]", "server_vad"),
            ("chunking_strategy[threshold]", "0.5"),
            ("chunking_strategy[prefix_padding_ms]", "300"),
            ("chunking_strategy[silence_duration_ms]", "200"),
        ],
    ],
    ids=["auto", "json", "fields"],
)
def test_chunking_is_accepted_in_each_form_and_said_to_have_no_effect(fields: list[tuple[str, str]]) -> None:
    (warning,) = form(*fields).request.warnings
    assert warning.startswith("chunking_strategy has no effect")


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", "0.4"), ("vad_filter", "false"), ("timestamp_granularities[]", "word"), ("unheard_of", "1")],
)
def test_what_has_no_effect_is_accepted_with_a_warning(name: str, value: str) -> None:
    (warning,) = form((name, value)).request.warnings
    assert name.removesuffix("[]") in warning
    assert "has no effect" in warning


def test_values_that_change_nothing_give_no_warning() -> None:
    assert form(("temperature", "0"), ("vad_filter", "true"), ("temperature", "")).request.warnings == ()


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ([("response_format", "xml")], "response_format is 'xml'"),
        ([("language", "Klingon")], "language: 'Klingon'"),
        ([("languages[]", "xx")], "languages: 'xx'"),
        ([("language", "en"), ("languages[]", "de")], "Both language and languages"),
        ([("temperature", "warm")], "temperature is 'warm'"),
        ([("temperature", "1.5")], "at most 1"),
        ([("temperature", "nan")], "temperature is nan"),
        ([("stream", "maybe")], "stream is 'maybe'"),
        ([("timestamp_granularities[]", "letter")], "timestamp_granularities has 'letter'"),
        ([("include[]", "thoughts")], "include has 'thoughts'"),
        ([("min_speakers", "0")], "min_speakers is 0"),
        ([("max_speakers", "two")], "max_speakers is 'two'"),
        ([("min_speakers", "3"), ("max_speakers", "2")], "min_speakers is 3"),
        ([("diarize", "false"), ("max_speakers", "2")], "diarize is false"),
        ([("diarize", "false"), ("response_format", "diarized_json")], "diarize is false"),
        ([("chunking_strategy", "sometimes")], "chunking_strategy is 'sometimes'"),
        ([("chunking_strategy", '{"type": "other"}')], "chunking_strategy is 'other'"),
        ([("chunking_strategy[type]", "server_vad"), ("chunking_strategy[threshold]", "high")], "threshold"),
        ([("prompt", "x" * 3000), ("hotwords", "y" * 1001)], "4000 are allowed"),
    ],
)
def test_unusable_values_are_refused_by_name(fields: list[tuple[str, str]], match: str) -> None:
    with pytest.raises(RequestError, match=match):
        form(*fields)


@pytest.mark.parametrize("name", ["known_speaker_names[]", "known_speaker_references[]", "known_speaker_names"])
def test_known_speakers_are_refused_by_name(name: str) -> None:
    with pytest.raises(RequestError, match=name.removesuffix("[]")):
        check_name(name)


def test_translations_have_no_speakers_format() -> None:
    assert form(("response_format", "srt"), translate=True).request.translate
    with pytest.raises(RequestError, match="diarized_json"):
        form(("response_format", "diarized_json"), translate=True)


NAMES = [
    *("model", "language", "languages[]", "prompt", "response_format", "temperature", "stream", "include[]", "diarize"),
    *("timestamp_granularities[]", "chunking_strategy", "chunking_strategy[type]", "hotwords", "max_speakers", "x[]"),
]


@given(fields=st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=9), st.text(max_size=30)), max_size=8))
def test_any_fields_make_a_request_or_a_clear_refusal(fields: list[tuple[str, str]]) -> None:
    try:
        asked = form(*fields)
    except RequestError as error:
        assert str(error).endswith((".", "all."))
    else:
        assert asked.request == asked.request.from_plain(asked.request.plain())
