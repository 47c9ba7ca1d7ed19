"""Payment cards: number, expiration and security code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from panglot.service.text.policies.dates import MONTH_YEAR
from panglot.service.text.policies.passage import Found, Numbers, Passage, without_overlaps

_CARD = re.compile(
    r"\bcard\b|credit|debit|visa\b|master ?card|amex|american express|kreditkarte|kartennummer|carte|tarjeta|cart[ãa]o"
    r"|carta di|\bkaart|creditcard|карт[аыеу]|kart[aęy]\b|信用卡|カード",
    re.IGNORECASE,
)
_EXPIRES = re.compile(
    r"expir|\bexp\b|valid (?:thr|til|unt|to)|good (?:thr|til|unt)|gültig bis|ablauf|läuft ab|échéance|vence|venc|caduc"
    r"|valid(?:ade|ez)|scad|geldig tot|verval|срок|действ|ważna do|ważności|有効期限|有效期",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\bc\.?v\.?[vc2]\b|\bcsc\b|\bcid\b|security (?:code|number)|card code|verification (?:code|number|value)"
    r"|three digits|three numbers|3 digits|on the back|prüfnummer|prüfziffer|sicherheits(?:code|nummer)|cryptogramme"
    r"|code de sécurité|código de segur|codice di sicurezza|beveiligingscode|veiligheidscode|код безопасности"
    r"|на обороте|kod zabezpiecz|kod bezpiecz|安全码|セキュリティコード|보안 ?코드",
    re.IGNORECASE,
)
_LENGTHS = range(13, 20)
_MONTH_AND_YEAR = re.compile(r"(?:0?[1-9]|1[0-2])(?:20)?[2-5]\d")


def cards_of(passage: Passage, run: Numbers) -> list[Numbers]:
    """Numbers of cards: a known beginning, length and check digit (Luhn), or the length alone where a card is named."""
    found = list(without_overlaps(window for window in run.windows(_LENGTHS) if _is_card(window.digits)))
    if not found and len(run.digits) in _LENGTHS and passage.speaks_of(_CARD, run.start):
        return [run]
    return found


def find_numbers(passage: Passage) -> Iterator[Found]:
    """Find the numbers of cards."""
    for run in passage.numbers:
        for number in cards_of(passage, run):
            yield Found(start=number.start, end=number.end, policy="credit_card_number")


def find_expirations(passage: Passage) -> Iterator[Found]:
    """Find months with years shortly after "expires", or after the number of a card."""
    places = list(passage.after(_EXPIRES, within=50))
    places += [(number.end, min(len(passage.text), number.end + 50)) for number in find_numbers(passage)]
    for start, end in places:
        if found := _expiration(passage, start, end):
            yield found


def find_codes(passage: Passage) -> Iterator[Found]:
    """Find numbers of three or four digits shortly after a security code is named."""
    for start, end in passage.after(_CODE, within=50):
        for run in passage.numbers_in(start, end):
            found = next((each for each in run.windows(range(3, 5)) if start <= each.start < end), None)
            if found is not None:
                yield Found(start=found.start, end=found.end, policy="credit_card_cvv")
                break


def _expiration(passage: Passage, start: int, end: int) -> Found | None:
    named = MONTH_YEAR.search(passage.text, start, min(len(passage.text), end + 15))
    if named is not None:
        return Found(start=named.start(), end=named.end(), policy="credit_card_expiration")
    for run in passage.numbers_in(start, end):
        for window in run.windows(range(3, 7)):
            if start <= window.start < end and _MONTH_AND_YEAR.fullmatch(window.digits):
                return Found(start=window.start, end=window.end, policy="credit_card_expiration")
    return None


def _is_card(digits: str) -> bool:
    from stdnum import luhn

    return _begins_as_card(digits) and bool(luhn.is_valid(digits))


def _begins_as_card(digits: str) -> bool:
    """Whether the first digits and the length are those of a network; ISO/IEC 7812 and the networks' own ranges."""
    two, four, length = int(digits[:2]), int(digits[:4]), len(digits)
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or ((two in (36, 38, 39) or 300 <= int(digits[:3]) <= 305) and length in (14, 16, 19))
        or (3528 <= four <= 3589 and length in range(16, 20))
        or (digits[0] == "6" and length in range(13, 20))
        or (four in range(2200, 2205) and length in range(16, 20))
        or (two in (50, 56, 57, 58) and length in range(13, 20))
    )
