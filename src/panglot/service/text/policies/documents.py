"""Numbers of documents, where the document is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from panglot.service.text.policies.passage import Found, Numbers, Passage

_SOCIAL = re.compile(r"social security|\bs\.?s\.?n\b|\bmy social\b|your social\b|\bsocial is\b", re.IGNORECASE)
_PASSPORT = re.compile(
    r"passport|reisepass|passeport|pasaporte|passaporto|passaporte|paspoort|паспорт|paszport|护照|パスポート|여권",
    re.IGNORECASE,
)
_LICENSE = re.compile(
    r"driver'?s?'? ?licen[sc]e|driving licen[sc]e|licen[sc]e number|führerschein|permis de conduire"
    r"|carn[eé] de conducir|licencia de conducir|carteira de motorista|carta de condução|patente di guida"
    r"|numero di patente|rijbewijs|водительск|prawo jazdy|prawa jazdy|驾照|驾驶证|免許証|운전면허",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?=[A-Za-z]*\d)[A-Za-z\d]{5,20}\b")
"""Letters and digits in one word."""
_LETTERS = re.compile(r"(?:\b[A-Z]{1,3}[\s.,-]{0,2}){1,4}$")
_SSN_SHAPE = (3, 2, 4)
_SSN_LENGTHS = range(4, 12)
_SHORTEST = 5


def find_social_security(passage: Passage) -> Iterator[Found]:
    """Find US social security numbers: nine digits in their usual shape, or a number where one is spoken of."""
    shaped = (each for run in passage.numbers for each in run.windows(range(9, 10)) if _is_ssn(each))
    for number in (*passage.first_after(_SOCIAL, _SSN_LENGTHS), *shaped):
        yield Found(start=number.start, end=number.end, policy="us_social_security_number")


def _is_ssn(numbers: Numbers) -> bool:
    from stdnum.us import ssn

    return numbers.shape == _SSN_SHAPE and bool(ssn.is_valid(numbers.digits))


def find_passports(passage: Passage) -> Iterator[Found]:
    """Find codes with digits shortly after a passport is named."""
    yield from _codes_after(passage, _PASSPORT, "passport_number")


def find_licenses(passage: Passage) -> Iterator[Found]:
    """Find codes with digits shortly after a driving licence is named."""
    yield from _codes_after(passage, _LICENSE, "drivers_license")


def _codes_after(passage: Passage, subject: re.Pattern[str], policy: str) -> Iterator[Found]:
    for start, end in passage.after(subject, within=50):
        code = _CODE.search(passage.text, start, min(len(passage.text), end + 20))
        if code is not None and code.start() < end:
            yield Found(start=code.start(), end=code.end(), policy=policy)
        near = passage.numbers_in(start, end)
        for run in [each for each in near if start <= each.start and len(each.digits) >= _SHORTEST][:1]:
            letters = _LETTERS.search(passage.text[start : run.start])
            first = run.start - (len(letters.group()) if letters is not None else 0)
            yield Found(start=first, end=run.end, policy=policy)
