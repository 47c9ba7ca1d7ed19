"""Dates as they are said and written, and dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from panglot.service.text.policies.passage import Found, Passage

_MONTHS = (
    # de, en, es, fr, it, nl, pt
    "jan(?:uary|uar|uari|vier|eiro)?|enero|gennaio|feb(?:ruary|ruar|ruari|rero|braio)?|février|fevereiro"
    "|mar(?:ch|s|zo|ço)?|maart|märz|apr(?:il|ile)?|avril|abril|may|mai|maio|maggio|mayo|mei"
    "|jun(?:e|i|io|ho)?|juin|giugno|jul(?:y|i|io|ho)?|juillet|luglio|aug(?:ust|ustus)?|août|agosto"
    "|sep(?:t|tember|tembre|tiembre)?|settembre|setembro|o[ck]t(?:ober|obre|ubre)?|ottobre|outubro"
    "|nov(?:ember|embre|iembre|embro)?|de[czs](?:ember)?|décembre|diciembre|dicembre|dezember|dezembro"
    # pl, ru
    "|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
    "|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_ORDINAL = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?|{_ORDINAL})"
_SPOKEN_YEAR = (
    r"(?:nineteen|twenty|two thousand)(?:[\s-]+(?:and|oh|hundred|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|one|two|three|four|five|six|seven|eight|nine))+"
)
_YEAR = rf"(?:\d{{4}}|'?\d{{2}}|{_SPOKEN_YEAR})"
_OF = r"[\s,]+(?:of\s+|de\s+|the\s+|del\s+)?"

MONTH_YEAR = re.compile(rf"\b(?:{_MONTHS})\b\.?{_OF}{_YEAR}\b", re.IGNORECASE)
"""A month by its name with a year."""

_DATE = re.compile(
    r"(?<!\d)(?:\d{4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d\d))(?!\d)"
    rf"|\b{_DAY}{_OF}(?:{_MONTHS})\b\.?(?:{_OF}{_YEAR}\b)?"
    rf"|\b(?:{_MONTHS})\b\.?{_OF}{_DAY}\b(?:{_OF}{_YEAR}\b)?"
    rf"|\b(?:{_MONTHS})\b\.?{_OF}{_YEAR}\b"
    r"|\d{2,4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일号]?"
    r"|\d{1,2}\s\d{1,2}\s(?:19|20)?\d{2}\b"
    rf"|\b(?:19|20)\d\d\b|\b{_SPOKEN_YEAR}",
    re.IGNORECASE,
)

_BIRTH = re.compile(
    r"\bborn\b|birth ?da(?:y|te)|date of birth|\bd\.?o\.?b\b|geboren|geburt|\bnée?\b|naissance|\bnacid|\bnací"
    r"|nacimiento|cumpleaños|\bnascid|\bnasci|nascimento|aniversário|\bnat[oa]\b|nascita|compleanno|geboorte|родил|рождени|urodz"
    r"|出生|生日|誕生日|生まれ|생년월일|생일",
    re.IGNORECASE,
)


_RIGHT_BEFORE = 15
"""Characters."""


def find_birthdays(passage: Passage) -> Iterator[Found]:
    """Find dates and years shortly after somebody's birth is spoken of, or right before it."""
    for start, end in passage.after(_BIRTH, within=60):
        found = _DATE.search(passage.text, start, min(len(passage.text), end + 30))
        if found is not None and found.start() < end:
            yield Found(start=found.start(), end=found.end(), policy="date_of_birth")
    for mention in _BIRTH.finditer(passage.text):
        for found in _DATE.finditer(passage.text, max(0, mention.start() - 50), mention.start()):
            between = passage.text[found.end() : mention.start()]
            if len(between) <= _RIGHT_BEFORE and ". " not in between:
                yield Found(start=found.start(), end=found.end(), policy="date_of_birth")
