"""Telephone numbers, as each country writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from panglot.service.text.policies.cards import cards_of
from panglot.service.text.policies.passage import Found, Numbers, Passage, without_overlaps

_LENGTHS = range(7, 16)
_REGIONS = {
    "af": "ZA",
    "ar": "SA EG AE MA DZ IQ JO",
    "az": "AZ",
    "be": "BY",
    "bg": "BG",
    "bn": "BD IN",
    "bs": "BA",
    "ca": "ES",
    "cs": "CZ",
    "cy": "GB",
    "da": "DK",
    "de": "DE AT CH",
    "el": "GR",
    "en": "US GB AU IN IE NZ ZA",
    "es": "ES MX AR CO CL PE",
    "et": "EE",
    "eu": "ES",
    "fa": "IR",
    "fi": "FI",
    "fr": "FR BE CH CA",
    "gl": "ES",
    "he": "IL",
    "hi": "IN",
    "hr": "HR",
    "hu": "HU",
    "hy": "AM",
    "id": "ID",
    "is": "IS",
    "it": "IT CH",
    "ja": "JP",
    "ka": "GE",
    "kk": "KZ",
    "ko": "KR",
    "lt": "LT",
    "lv": "LV",
    "mk": "MK",
    "ms": "MY",
    "nl": "NL BE",
    "nn": "NO",
    "no": "NO",
    "pl": "PL",
    "pt": "BR PT",
    "ro": "RO",
    "ru": "RU KZ",
    "sk": "SK",
    "sl": "SI",
    "sq": "AL",
    "sr": "RS",
    "sv": "SE",
    "sw": "KE TZ",
    "th": "TH",
    "tl": "PH",
    "tr": "TR",
    "uk": "UA",
    "ur": "PK IN",
    "vi": "VN",
    "yue": "HK",
    "zh": "CN TW HK",
}
"""Whose national numbers are looked for in a language; international ones are in all."""

_BARE = frozenset({"CN", "IN", "TR"})
"""Where mobile numbers are said without the 0 that national numbers begin with elsewhere."""

_NEAR = 70
_NEAR_AMOUNT = 25
"""Characters; a number with marks for thousands is more likely what it looks like."""

_PHONE = re.compile(
    r"phone|\bcall|\bcell\b|\bmobile\b|text (?:me|us|him|her)|reach (?:me|us|him|her)|my number|number is|\bfax\b"
    r"|whatsapp|telefon|\bhandy|rufnummer|anrufen|téléphone|portable|appel|num[ée]ro|teléfono|móvil|llam|telefone"
    r"|celular|\blig[au]|cellulare|chiam|telefoon|\bmobiel|nummer|телефон|номер|звон|zadzwoń|numer|手机|电话|電話|携帯|號碼|号码|전화|번호"
    r"|هاتف|جوال|फ़ोन|फोन|नंबर|נייד|טלפון",
    re.IGNORECASE,
)
_SHAPES = {(3, 3, 4), (1, 3, 3, 4), (3, 4)}
"""Digits of each part of a North American number, as it is written and said."""


def find_phones(passage: Passage) -> Iterator[Found]:
    """Find numbers that are valid in a country of the language, and others where a telephone is spoken of."""
    for run in passage.numbers:
        for numbers in _phones_of(passage, run):
            yield Found(start=_with_sign(passage.text, numbers), end=numbers.end, policy="phone_number")


def _phones_of(passage: Passage, run: Numbers) -> list[Numbers]:
    cards = cards_of(passage, run)
    if len(run.digits) in _LENGTHS and not cards and (_is_phone(passage, run) or _is_named(passage, run)):
        return [run]
    windows = (
        window
        for window in run.windows(_LENGTHS)
        if not any(window.start < card.end and card.start < window.end for card in cards)
    )
    return list(without_overlaps(window for window in windows if _is_phone(passage, window)))


def _is_named(passage: Passage, numbers: Numbers) -> bool:
    near = _NEAR_AMOUNT if numbers.parts[0].is_amount else _NEAR
    return passage.speaks_of(_PHONE, numbers.start, before=near)


def _is_phone(passage: Passage, numbers: Numbers) -> bool:
    if numbers.parts[0].is_amount:
        return False
    if passage.language == "en" and numbers.shape in _SHAPES:
        return True
    start = _with_sign(passage.text, numbers)
    if "+" in passage.text[start : numbers.start]:
        return _is_valid("+" + numbers.digits, None)
    if numbers.digits.startswith("00"):
        return _is_valid("+" + numbers.digits[2:], None)
    return any(
        _is_valid(numbers.digits, region)
        for region in _REGIONS.get(passage.language, "").split()
        if numbers.digits.startswith("0") or region in _BARE or _national_prefix(region) != "0"
    )


def _with_sign(text: str, numbers: Numbers) -> int:
    """Index from which the sign or bracket before a number belongs to it."""
    before = re.search(r"[+(][+(\s]*$", text[max(0, numbers.start - 4) : numbers.start])
    return numbers.start if before is None else numbers.start - len(before.group())


@cache
def _national_prefix(region: str) -> str:
    import phonenumbers

    return phonenumbers.ndd_prefix_for_region(region, True) or ""


def _is_valid(number: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
