"""What redaction promises: what it finds, what it leaves, and that nothing of it is left anywhere."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panglot.errors import RequestError
from panglot.service.requests import Redaction, TranscriptionRequest
from panglot.service.results import Result
from panglot.service.text.apply import apply
from panglot.service.text.policies.names import NEED_WORDS, WORDS_KNOWN_IN
from panglot.service.text.policies.passage import Passage
from panglot.service.text.redaction import KNOWN, SUPPORTED, check_policies, find, redact, redact_text
from panglot.testing import make_segment, make_transcript


def redacted(text, language="en", policies=SUPPORTED):
    return redact_text(text, Redaction(policies=tuple(policies), substitution="entity_name"), language=language)


# Card numbers are the networks' own test numbers, IBANs the examples of the registry.
FOUND = [
    ("en", "Call 555-123-4567 or (212) 555-0187.", "Call [PHONE_NUMBER] or [PHONE_NUMBER]."),
    ("en", "My number is five five five, one two three, four five six seven.",
     "My number is [PHONE_NUMBER]."),
    ("en", "Ring one eight hundred, five five five, twelve thirty-four.", "Ring [PHONE_NUMBER]."),
    ("en", "My phone number is 5,551,234,567.", "My phone number is [PHONE_NUMBER]."),
    ("en", "Ring +44 20 7946 0958 now.", "Ring [PHONE_NUMBER] now."),
    ("en", "4111 1111 1111 1111, good through 12/27, CVV 123.",
     "[CREDIT_CARD_NUMBER], good through [CREDIT_CARD_EXPIRATION], CVV [CREDIT_CARD_CVV]."),
    ("en", "3782 822463 10005 expires March 2027.", "[CREDIT_CARD_NUMBER] expires [CREDIT_CARD_EXPIRATION]."),
    ("en", "Four one one one, uh, double one 11, 1111 one one one one.", "[CREDIT_CARD_NUMBER]."),
    ("en", "My social is 123-45-6789.", "My social is [US_SOCIAL_SECURITY_NUMBER]."),
    ("en", "I was born on March 5, 1980 in Ohio.", "I was born on [DATE_OF_BIRTH] in Ohio."),
    ("en", "Born March fifth, nineteen eighty.", "Born [DATE_OF_BIRTH]."),
    ("en", "Write to john.doe@example.com, see www.example.com/a.", "Write to [EMAIL_ADDRESS], see [URL]."),
    ("en", "That is j o h n dot doe at gmail dot com.", "That is [EMAIL_ADDRESS]."),
    ("en", "The server is 192.168.1.10, 2001:db8::1 or 10 dot 0 dot 0 dot 1.",
     "The server is [IP_ADDRESS], [IP_ADDRESS] or [IP_ADDRESS]."),
    ("en", "Passport X1234567, driver's license D 123 4567 8901.",
     "Passport [PASSPORT_NUMBER], driver's license [DRIVERS_LICENSE]."),
    ("en", "Account number 12345678.", "Account number [BANKING_INFORMATION]."),
    ("en", "The order is 98765.", "The order is [NUMBER_SEQUENCE]."),
    ("de", "Meine IBAN ist DE89 3704 0044 0532 0130 00.", "Meine IBAN ist [BANKING_INFORMATION]."),
    ("de", "Wählen Sie null eins fünf eins zwei drei vier fünf sechs sieben acht neun.", "Wählen Sie [PHONE_NUMBER]."),
    ("de", "Sie ist am 3. Oktober 1975 geboren.", "Sie ist am [DATE_OF_BIRTH] geboren."),
    ("fr", "Je suis né le 5 mai 1980, mon numéro est le 06 12 34 56 78.",
     "Je suis né le [DATE_OF_BIRTH], mon numéro est le [PHONE_NUMBER]."),
    ("es", "Mi correo es maria punto lopez arroba gmail punto com.", "Mi correo es [EMAIL_ADDRESS]."),
    ("it", "Carta 5500 0000 0000 0004, scadenza 03/28.",
     "Carta [CREDIT_CARD_NUMBER], scadenza [CREDIT_CARD_EXPIRATION]."),
    ("nl", "Mijn IBAN is NL91 ABNA 0417 1643 00.", "Mijn IBAN is [BANKING_INFORMATION]."),
    ("pl", "Mój numer to 601 234 567.", "Mój numer to [PHONE_NUMBER]."),
    ("ru", "Мой номер +7 912 345-67-89, почта ivan собака yandex точка ру.",
     "Мой номер [PHONE_NUMBER], почта [EMAIL_ADDRESS]."),
    ("zh", "电话一三八一二三四五六七八。", "电话[PHONE_NUMBER]。"),
    ("ja", "番号は090-1234-5678です。", "番号は[PHONE_NUMBER]です。"),
    ("ar", "رقم هاتفي ٠٥٥١٢٣٤٥٦٧", "رقم هاتفي [PHONE_NUMBER]"),
]  # fmt: skip

LEFT = [
    "In 2019, 2020 and 2021 we sold 1,250,000 units for $3.50 at 10:30.",
    "The population was 8,400,000 in 2020. 2020 was bad. I'm 35. 100 percent.",
    "Version 3.14 has 12 items in chapter 5, page 123, room 4512.",
    "Look at Google. Then stop. I met a man at work dot dot dot.",
    "One of the two said it at noon.",
]


@pytest.mark.parametrize(("language", "text", "clean"), FOUND)
def test_what_is_found(language, text, clean):
    assert redacted(text, language) == clean


# How each language says what a number is. The order: birth, security code, driving licence, passport, account.
NAMED = {
    "de": "Ich bin geboren am 5.3.1980.|Prüfnummer 123.|Führerschein B0721234.|Reisepass C01X0006.|Konto 1234567.",
    "en": "I was born on 5/3/1980.|The security code is 123.|My driving licence is B0721234.|Passport C01X0006."
    "|Account 1234567.",
    "es": "Nací el 5/3/1980.|Código de seguridad 123.|Carné de conducir B0721234.|Pasaporte C01X0006.|Cuenta 1234567.",
    "fr": "Date de naissance 5/3/1980.|Le cryptogramme est 123.|Permis de conduire B0721234.|Passeport C01X0006."
    "|Compte 1234567.",
    "it": "Nato il 5/3/1980.|Codice di sicurezza 123.|Patente di guida B0721234.|Passaporto C01X0006.|Conto 1234567.",
    "ja": "誕生日は1980年3月5日です。|セキュリティコードは123です。|運転免許証は12345678です。|パスポート12345678。"
    "|口座は1234567です。",
    "ko": "생일은 1980년 3월 5일입니다.|보안 코드는 123입니다.|운전면허 12345678.|여권 12345678.|계좌 1234567.",
    "nl": "Geboortedatum 5-3-1980.|Beveiligingscode 123.|Rijbewijs B0721234.|Paspoort C01X0006.|Rekening 1234567.",
    "pl": "Urodziłem się 5.3.1980.|Kod zabezpieczający 123.|Prawo jazdy B0721234.|Paszport C01X0006.|Konto 1234567.",
    "pt": "Nasci em 5/3/1980.|O código de segurança é 123.|Carteira de motorista B0721234.|Passaporte C01X0006."
    "|Conta 1234567.",
    "ru": "Родился 5.3.1980.|Код безопасности 123.|Водительские права 12345678.|Паспорт 12345678.|Счёт 1234567.",
    "zh": "我的生日是1980年3月5日。|安全码是123。|驾照12345678。|护照12345678。|账号1234567。",
}  # fmt: skip
NAMES = ("date_of_birth", "credit_card_cvv", "drivers_license", "passport_number", "account_number")

# Found by their form in a language of which no words are known.
FORMED = {
    "credit_card_number": "4111 1111 1111 1111",
    "banking_information": "SE45 5000 0000 0583 9825 7466",
    "email_address": "a@example.com",
    "url": "www.example.com",
    "ip_address": "192.168.1.10",
    "us_social_security_number": "123-45-6789",
    "credit_card_expiration": "4111 1111 1111 1111 12/27",
    "phone_number": "+46 8 123 456 78",
    "number_sequence": "98765",
}


@pytest.mark.parametrize("language", WORDS_KNOWN_IN)
@pytest.mark.parametrize("policy", NAMES)
def test_words_are_known_in_the_languages_that_say_so(policy, language):
    text = NAMED[language].split("|")[NAMES.index(policy)]
    assert f"[{policy.upper()}]" in redacted(text, language, [policy])


@pytest.mark.parametrize("policy", FORMED)
def test_what_has_a_form_is_found_in_any_language(policy):
    assert f"[{policy.upper()}]" in redacted(f"Det är {FORMED[policy]}.", "sv", [policy])


def test_each_policy_has_a_form_or_needs_words():
    assert frozenset(NAMES) == NEED_WORDS
    assert {*FORMED, *NEED_WORDS} == set(SUPPORTED)
    assert set(NAMED) == set(WORDS_KNOWN_IN)


@pytest.mark.parametrize("text", LEFT)
def test_what_is_left(text):
    assert redacted(text) == text


def test_a_wrong_check_digit_is_no_card_unless_a_card_is_named():
    policies = ("credit_card_number",)
    assert redacted("It is 4111 1111 1111 1112.", policies=policies) == "It is 4111 1111 1111 1112."
    assert redacted("My card is 4111 1111 1111 1112.", policies=policies) == "My card is [CREDIT_CARD_NUMBER]."


def test_only_what_is_asked_for():
    text = "Call 555-123-4567, write to a@example.com, or pay with 4111 1111 1111 1111."
    assert redacted(text, policies=["email_address"]) == text.replace("a@example.com", "[EMAIL_ADDRESS]")
    assert redacted(text, policies=["phone_number"]) == text.replace("555-123-4567", "[PHONE_NUMBER]")


SECRETS = [
    ("phone_number", ["Call", " five five", " five,", " 123", "-4567", " now."], "five 123 4567"),
    ("credit_card_number", ["It's", " 4111", " 1111", " 1111", " 1111."], "4111 1111 1111 1111"),
    ("banking_information", ["IBAN", " DE89", " 3704", " 0044", " 0532", " 0130", " 00."], "DE89370400440532013000"),
    ("us_social_security_number", ["SSN", " 123", "-45", "-6789."], "123-45-6789"),
    ("number_sequence", ["Code", " 9", " 8", " 7", " 6", " 5."], "98765"),
]


def strings(value):
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from strings(item)
        case list():
            for item in value:
                yield from strings(item)
        case _:
            pass


def spoken(words, *, cut, hints):
    """A transcript in which a number is said over two segments, with the same number in every hint of the user."""
    first = make_segment(words=words[:cut], speaker="A")
    second = make_segment(words=[words[cut].strip(), *words[cut + 1 :]], start=6.0, speaker="A")
    made = make_transcript(first, second, warnings=[f"at {hints}"])
    options = {"prompt": f"Names: {hints}", "keyterms": [hints], "languages": ["en"]}
    return replace(made, receipt=replace(made.receipt, options=options, model_sha256="f" * 64, compute="half"))


@pytest.mark.parametrize("substitution", ["hash", "entity_name"])
@pytest.mark.parametrize("cut", [1, 3])
@pytest.mark.parametrize(("policy", "words", "hints"), SECRETS)
def test_no_digit_survives_anywhere(policy, words, hints, cut, substitution):
    redaction = Redaction(policies=(policy, "number_sequence"), substitution=substitution)
    done = apply(spoken(words, cut=cut, hints=hints), TranscriptionRequest(surface="assemblyai", redaction=redaction))
    content = json.loads(Result(transcript=done.transcript, unredacted=done.unredacted).write())
    left = [
        text for text in strings(json.loads(content["transcript"])) if any(map(str.isdigit, text)) or "five" in text
    ]
    assert left == []
    assert content["unredacted"] is None
    assert done.transcript.receipt.options == {"languages": ["en"]}


def test_what_is_heard_is_covered_with_a_margin():
    transcript = make_transcript(
        make_segment("Please call 555 123 4567 today.", end=6.0, channel=2),
        make_segment("a@b.com", words=[], start=8.0, end=9.0, channel=1),
    )
    _, spans = redact(transcript, Redaction(policies=("phone_number", "email_address")))
    assert [(span.start, span.end, span.channel) for span in spans] == [
        (pytest.approx(1.85), pytest.approx(5.15), 2),
        (8.0, 9.0, 1),
    ]


def test_hashes_are_as_long_as_what_they_hide():
    transcript = make_transcript(make_segment("Call (212) 555-0187, ok."))
    made, _ = redact(transcript, Redaction(policies=("phone_number",)))
    assert made.text == "Call ##### ########, ok."
    assert [word.text for word in made.segments[0].words] == ["Call", " #####", " ########,", " ok."]


def test_the_name_of_the_policy_is_one_word_over_all_the_time():
    transcript = make_transcript(make_segment("Call (212) 555-0187, ok.", end=4.0))
    made, _ = redact(transcript, Redaction(policies=("phone_number",), substitution="entity_name"))
    assert [(word.text, word.start, word.end) for word in made.segments[0].words] == [
        ("Call", 0.0, 1.0),
        (" [PHONE_NUMBER],", 1.0, 3.0),
        (" ok.", 3.0, 4.0),
    ]


def test_policies_are_checked():
    assert check_policies(["url", "phone_number", "url"]) == ("url", "phone_number")
    with pytest.raises(RequestError, match="empty"):
        check_policies([])
    with pytest.raises(RequestError, match="person_name is not available"):
        check_policies(["url", "person_name"])
    with pytest.raises(RequestError, match="shoe_size, which is not a policy"):
        check_policies(["shoe_size"])


def test_the_known_policies_are_those_of_the_client():
    assemblyai = pytest.importorskip("assemblyai")
    assert {policy.value for policy in assemblyai.PIIRedactionPolicy} == KNOWN
    assert set(SUPPORTED) <= KNOWN


@settings(deadline=None)
@given(
    st.text(st.sampled_from("0123456789 .,-+@/:()abADE\n٣²Ⅷ四水é'[]"), max_size=60),
    st.sampled_from(["en", "de", "zh", "xx"]),
)
def test_findings_never_overlap_and_each_hides_something(text, language):
    found = sorted(find(Passage(text, language), SUPPORTED), key=lambda each: each.start)
    ends = [0, *(each.end for each in found)]
    for each, end in zip(found, ends, strict=False):
        assert end <= each.start < each.end <= len(text)
        assert any(char.isalnum() for char in text[each.start : each.end])


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=15, max_size=15), st.sampled_from([" ", "-", ", ", " uh "]))
def test_a_card_is_found_however_its_digits_are_grouped(breaks, gap):
    digits = "4242424242424242"
    text = digits[0] + "".join((gap if cut else "") + digit for cut, digit in zip(breaks, digits[1:], strict=True))
    assert redacted(f"It is {text}.") == "It is [CREDIT_CARD_NUMBER]."
