"""What the body of a request comes to mean."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from panglot.errors import LanguageError, RequestError
from panglot.server.v2.parse import Submission, parse
from panglot.service.requests import Spelling, TranscriptionRequest, Webhook

URL = "https://example.org/a.mp3"


def submission(**parameters: Any) -> Submission:
    return parse(json.dumps({"audio_url": URL, **parameters}).encode())


def request(**parameters: Any) -> TranscriptionRequest:
    return submission(**parameters).request


def test_a_url_alone_is_enough() -> None:
    asked = submission()
    assert asked.audio_url == URL
    assert asked.upload_id is None
    assert asked.request == TranscriptionRequest(
        surface="assemblyai", echo={"language_code": "en_us"}, language="en", disfluencies=False
    )


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en_us", "en"),
        ("en_uk", "en"),
        ("en_au", "en"),
        ("de_ch", "de"),
        ("pt-BR", "pt"),
        ("iw", "he"),
        ("jv", "jw"),
        ("no", "no"),
    ],
)
def test_codes_of_languages(code: str, language: str) -> None:
    asked = request(language_code=code)
    assert asked.language == language
    assert asked.echo["language_code"] == code


def test_unknown_language() -> None:
    with pytest.raises(LanguageError, match="yue"):
        request(language_code="yue")


def test_null_is_the_same_as_left_out() -> None:
    assert request(language_code=None, speaker_labels=None, prompt=None, webhook_url=None) == request()


def test_detection() -> None:
    options = {
        "expected_languages": ["de", "en_us", "de"],
        "fallback_language": "en",
        "code_switching": True,
        "code_switching_confidence_threshold": 0,
        "on_low_language_confidence": "fallback",
        "on_no_speech_detected": "fallback",
    }
    asked = request(language_detection=True, language_confidence_threshold=0.4, language_detection_options=options)
    assert asked.language is None
    assert asked.languages == ("de", "en")
    assert asked.fallback_language == "en"
    assert asked.language_threshold == 0.4
    assert (asked.code_switching, asked.code_switching_threshold) == (True, 0)
    assert (asked.on_low_confidence, asked.on_no_speech) == ("fallback", "fallback")
    assert asked.warnings == ()
    assert asked.echo["language_detection_options"] == options
    assert "language_code" not in asked.echo


def test_detection_of_all_languages() -> None:
    asked = request(
        language_detection=True, language_detection_options={"expected_languages": ["all"], "fallback_language": "auto"}
    )
    assert (asked.language, asked.languages, asked.fallback_language) == (None, (), None)


def test_the_best_expected_language_is_a_fallback_that_is_always_there() -> None:
    options = {"expected_languages": ["de", "en"], "on_low_language_confidence": "fallback"}
    asked = request(language_detection=True, language_confidence_threshold=0.9, language_detection_options=options)
    assert (asked.language_threshold, asked.fallback_language) == (0.0, None)
    assert asked.echo["language_confidence_threshold"] == 0.9


def test_detection_makes_a_given_code_idle() -> None:
    asked = request(language_detection=True, language_code="fr")
    assert asked.language is None
    assert asked.warnings == ("language_code has no effect beside language_detection.",)


@pytest.mark.parametrize(
    "options",
    [
        {"expected_languages": ["de"], "fallback_language": "fr"},
        {"on_no_speech_detected": "fallback"},
        {"on_no_speech_detected": "fallback", "fallback_language": "auto"},
        {"code_switching_confidence_threshold": 2},
        {"on_low_language_confidence": "guess"},
    ],
)
def test_impossible_detection(options: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=r"language_detection_options|fallback_language"):
        request(language_detection=True, language_detection_options=options)


def test_language_codes() -> None:
    assert request(language_codes=["en", "es"]).languages == ("en", "es")
    assert request(language_codes=["en", "es"]).language is None
    assert request(language_codes=["en", "es"]).on_no_speech == "fallback"
    assert request(language_codes=["es"]).language == "es"
    assert "language_code" not in request(language_codes=["en", "es"]).echo


def test_speakers() -> None:
    asked = request(speaker_labels=True, speaker_options={"min_speakers_expected": 2, "max_speakers_expected": 5})
    assert (asked.speakers, asked.min_speakers, asked.max_speakers) == (True, 2, 5)


def test_an_exact_number_of_speakers_goes_before_bounds() -> None:
    asked = request(speaker_labels=True, speakers_expected=3, speaker_options={"min_speakers_expected": 2})
    assert (asked.speakers_expected, asked.min_speakers, asked.max_speakers) == (3, None, None)
    assert asked.warnings == ("speaker_options has no effect beside speakers_expected.",)


def test_number_of_speakers_needs_the_labels() -> None:
    asked = request(speakers_expected=3)
    assert (asked.speakers, asked.speakers_expected) == (False, None)
    assert asked.warnings == ("speakers_expected has no effect without speaker_labels.",)


def test_more_speakers_at_least_than_at_most() -> None:
    with pytest.raises(RequestError, match="max_speakers_expected=1 is less than min_speakers_expected=2"):
        request(speaker_labels=True, speaker_options={"min_speakers_expected": 2, "max_speakers_expected": 1})


@pytest.mark.parametrize("name", ["multichannel", "dual_channel"])
def test_channels(name: str) -> None:
    assert request(**{name: True}).multichannel
    assert request(**{name: True}).echo[name] is True


def test_window_in_seconds() -> None:
    asked = request(audio_start_from=1500, audio_end_at=2750)
    assert (asked.start, asked.end) == (1.5, 2.75)
    assert (asked.echo["audio_start_from"], asked.echo["audio_end_at"]) == (1500, 2750)


def test_window_that_ends_before_it_starts() -> None:
    with pytest.raises(RequestError, match="audio_end_at=1000 is not after audio_start_from=1000"):
        request(audio_start_from=1000, audio_end_at=1000)


def test_hints() -> None:
    asked = request(keyterms_prompt=["Panglot", "  tide   gauge "], word_boost=["Panglot", "noon"], boost_param="high")
    assert asked.keyterms == ("Panglot", "tide gauge", "noon")
    assert asked.warnings == ("boost_param has no effect on this server.",)
    assert request(prompt=" A talk on tides. ").prompt == "A talk on tides."


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"prompt": "A talk.", "keyterms_prompt": ["tide"]}, "cannot be used together"),
        ({"prompt": "word " * 1501}, "more than 1500 words"),
        ({"keyterms_prompt": ["one two three four five six seven"]}, "more than 6 words"),
        ({"keyterms_prompt": ["x"] * 1001}, "keyterms_prompt"),
        ({"word_boost": ["bell\x07"]}, "was included in the word boost list but contains unsupported characters"),
    ],
)
def test_impossible_hints(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        request(**parameters)


def test_spelling() -> None:
    given = [{"from": ["decarlo", "de  Carlo"], "to": "DeCarlo"}, {"from": "sequel", "to": "SQL"}]
    asked = request(custom_spelling=given)
    assert asked.custom_spelling == (
        Spelling(sources=("decarlo", "de Carlo"), target="DeCarlo"),
        Spelling(sources=("sequel",), target="SQL"),
    )
    assert asked.echo["custom_spelling"] == given


@pytest.mark.parametrize(
    "each", [{"from": [], "to": "a"}, {"from": ["a"], "to": "b c"}, {"from": ["a"], "to": " "}, {"to": "a"}]
)
def test_impossible_spelling(each: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="custom_spelling"):
        request(custom_spelling=[each])


def test_text_options() -> None:
    asked = request(
        punctuate=False,
        format_text=False,
        disfluencies=True,
        filter_profanity=True,
        remove_audio_tags="all",
        speech_threshold=0.5,
    )
    assert (asked.punctuate, asked.format_text, asked.disfluencies) == (False, False, True)
    assert (asked.filter_profanity, asked.remove_audio_tags, asked.speech_threshold) == (True, True, 0.5)


def test_redaction() -> None:
    asked = request(
        redact_pii=True,
        redact_pii_policies=["phone_number", "email_address", "phone_number"],
        redact_pii_sub="entity_name",
        redact_pii_audio=True,
        redact_pii_audio_quality="wav",
        redact_pii_audio_options={"override_audio_redaction_method": "silence"},
        redact_pii_return_unredacted=True,
    )
    assert asked.redaction is not None
    assert asked.redaction.policies == ("phone_number", "email_address")
    assert asked.redaction.substitution == "entity_name"
    assert (asked.redaction.audio, asked.redaction.audio_quality, asked.redaction.audio_silence) == (True, "wav", True)
    assert asked.redaction.return_unredacted


def test_redaction_needs_policies_that_are_there() -> None:
    with pytest.raises(RequestError, match="redact_pii_policies is empty"):
        request(redact_pii=True)
    with pytest.raises(RequestError, match=r"person_name is not available here\. Supported are .*phone_number"):
        request(redact_pii=True, redact_pii_policies=["phone_number", "person_name"])


PROFANITY = {"filter_profanity": True}
BIRTHDAYS = {"redact_pii": True, "redact_pii_policies": ["url", "date_of_birth"]}


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({**PROFANITY, "language_code": "ja"}, "filter_profanity"),
        ({**PROFANITY, "language_codes": ["ja"]}, "filter_profanity"),
        ({**PROFANITY, "language_codes": ["ja", "ko"]}, "filter_profanity"),
        ({**BIRTHDAYS, "language_code": "sv"}, "redact_pii_policies (date_of_birth)"),
        (
            {**PROFANITY, **BIRTHDAYS, "language_code": "sv-SE"},
            "filter_profanity, redact_pii_policies (date_of_birth)",
        ),
    ],
)
def test_what_a_given_language_does_not_have_is_refused_by_name(parameters: dict[str, Any], named: str) -> None:
    message = f"The following models are not available in this language: {named}."
    with pytest.raises(RequestError, match=f"^{re.escape(message)} .* knows de, en, es, "):
        request(**parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {**PROFANITY, "language_code": "en_uk"},
        {**PROFANITY, "language_codes": ["ja", "en"]},
        {**PROFANITY, "language_detection": True, "language_codes": ["ja", "ko"]},
        {**BIRTHDAYS, "language_code": "ja"},
        {**BIRTHDAYS, "language_code": "sv", "language_detection": True},
        {"redact_pii": True, "redact_pii_policies": ["phone_number", "url"], "language_code": "sv"},
        {"redact_pii_policies": ["date_of_birth"], "language_code": "sv"},
    ],
)
def test_what_a_language_may_have_is_taken_on(parameters: dict[str, Any]) -> None:
    assert "not available" not in " ".join(request(**parameters).warnings)


def test_webhook() -> None:
    asked = request(
        webhook_url="http://10.0.0.1/hook?a=1&b=2", webhook_auth_header_name="X-Key", webhook_auth_header_value="secret"
    )
    assert asked.webhook == Webhook(url="http://10.0.0.1/hook?a=1&b=2", header_name="X-Key", header_value="secret")
    assert "secret" not in json.dumps(asked.echo)


@pytest.mark.parametrize(
    "parameters",
    [
        {"webhook_url": "https://h.example", "webhook_auth_header_name": "X-Key"},
        {"webhook_url": "https://h.example", "webhook_auth_header_value": "secret"},
        {"webhook_url": "https://h.example", "webhook_auth_header_name": "X Key", "webhook_auth_header_value": "v"},
        {
            "webhook_url": "https://h.example",
            "webhook_auth_header_name": "X-Key",
            "webhook_auth_header_value": "a\r\nB: c",
        },
        {
            "webhook_url": "https://h.example",
            "webhook_auth_header_name": "Content-Length",
            "webhook_auth_header_value": "1",
        },
        {"webhook_url": "https://h.example", "webhook_auth_header_name": "X-Key", "webhook_auth_header_value": "é"},
        {"webhook_url": "ftp://h.example"},
        {"webhook_url": "nonsense"},
    ],
)
def test_impossible_webhook(parameters: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="webhook") as caught:
        request(**parameters)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "summarization",
        "auto_chapters",
        "auto_highlights",
        "sentiment_analysis",
        "entity_detection",
        "iab_categories",
        "content_safety",
    ],
)
def test_what_is_not_built_is_refused_by_name(name: str) -> None:
    with pytest.raises(RequestError, match=f"This server does not have {name}"):
        request(**{name: True})
    assert request(**{name: False}) == request()


def test_speech_understanding_is_refused() -> None:
    with pytest.raises(RequestError, match="does not have speech_understanding"):
        request(speech_understanding={"request": {"translation": {"target_languages": ["de"]}}})


def test_unknown_fields_are_named() -> None:
    asked = request(brand_new=1, speaker_labels=True, speaker_options={"shiny": True})
    assert asked.warnings == (
        "brand_new is not a parameter that this server knows; it has no effect.",
        "speaker_options.shiny is not a parameter that this server knows; it has no effect.",
    )
    assert "brand_new" not in asked.echo
    assert asked.echo["speaker_options"] == {}


def test_unknown_fields_in_lists_are_named_once() -> None:
    asked = request(
        custom_spelling=[
            {"from": "sequel", "to": "SQL", "case": 1, "sources": "x"},
            {"from": "a", "to": "b", "case": 2},
        ]
    )
    assert asked.warnings == (
        "custom_spelling.case is not a parameter that this server knows; it has no effect.",
        "custom_spelling.sources is not a parameter that this server knows; it has no effect.",
    )
    assert asked.echo["custom_spelling"] == [{"from": "sequel", "to": "SQL"}, {"from": "a", "to": "b"}]


@pytest.mark.parametrize(
    "name", ["language_detection_options", "speaker_options", "keyterms_prompt_options", "redact_pii_audio_options"]
)
def test_unknown_fields_in_objects_are_named(name: str) -> None:
    warnings = request(**{name: {"shiny": None}}).warnings
    assert f"{name}.shiny is not a parameter that this server knows; it has no effect." in warnings


def test_not_all_of_very_many_unknown_fields_are_named() -> None:
    warnings = request(**{f"field_{number}": 1 for number in range(1000)}).warnings
    assert len(warnings) == 21
    assert warnings[-1] == "980 more parameters are not known, and have no effect."


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"domain": "medical-v1"}, "domain"),
        (
            {"language_detection": True, "language_detection_options": {"code_switching_confidence_threshold": 0}},
            "language_detection_options.code_switching_confidence_threshold",
        ),
        ({"speech_models": ["universal-3-pro", "universal-2"]}, "speech_models"),
        ({"speech_model": "nano"}, "speech_model"),
        ({"temperature": 0.5}, "temperature"),
        ({"language_code": "en_uk"}, "language_code"),
        ({"redact_pii_policies": ["phone_number"]}, "redact_pii_policies"),
        ({"language_confidence_threshold": 0.5}, "language_confidence_threshold"),
        (
            {"keyterms_prompt": ["x"], "keyterms_prompt_options": {"keyterms_match_strength": "high"}},
            "keyterms_prompt_options",
        ),
        (
            {"language_detection": True, "language_detection_options": {"localization": ["en_uk"]}},
            "language_detection_options.localization",
        ),
    ],
)
def test_what_has_no_effect_is_named(parameters: dict[str, Any], named: str) -> None:
    [warning] = request(**parameters).warnings
    assert warning.startswith(f"{named} ")


def test_models() -> None:
    assert request(speech_model="nano").echo["speech_model"] == "nano"
    assert request(speech_models=["universal-3-pro", "universal-2"]).echo["speech_models"] == [
        "universal-3-pro",
        "universal-2",
    ]
    other = request(speech_model="universal-2")
    assert "speech_model" not in other.echo
    assert other.warnings == (
        "speech_model has no effect on this server: its default model is used, which speech_model_used names.",
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://here:8000/v2/upload/abc",
        "https://elsewhere.example.org/speech/v2/upload/abc",
        "http://127.0.0.1/v2/upload/abc?x=1",
    ],
)
def test_uploads_are_known_by_their_path(url: str) -> None:
    assert submission(audio_url=url).upload_id == "abc"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.mp3",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://h/a",
        "http://",
        "https://[::1",
        "http://a b/",
        "http://h:99999/a",
        5,
        None,
    ],
)
def test_impossible_audio_url(url: object) -> None:
    with pytest.raises(RequestError, match="audio_url"):
        submission(audio_url=url)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"{}",
        b'{"audio_url": "https://h/a", "speech_threshold": NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"audio_url": "https://h/a", "speech_threshold": 1e999}',
        b'{"audio_url": "https://h/a", "x": "\\ud800"}',
        b'{"audio_url": "https://h/\\u0000"}',
        b'{"audio_url": "https://h/a", "\\u0000": 1}',
        b'{"audio_url": "https://h/a", "speakers_expected": ' + b"9" * 10_000 + b"}",
    ],
    ids=range(14),
)
def test_bodies_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(RequestError):
        parse(body)


def test_the_request_survives_the_database() -> None:
    asked = request(
        language_detection=True, custom_spelling=[{"from": "a", "to": "b"}], webhook_url="https://h.example"
    )
    assert TranscriptionRequest.from_plain(json.loads(json.dumps(asked.plain()))) == asked
