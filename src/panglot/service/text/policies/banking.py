"""Bank accounts: international numbers by their check digits, others where an account is spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from panglot.service.text.policies.passage import Found, Passage

_COUNTRY_AND_CHECK = re.compile(r"(?<![^\W_])[A-Za-z][\s.-]?[A-Za-z][\s.,-]{0,2}\d[\s.,-]?\d")
_LONGEST = 34
_SHORTEST = 15
_WIDEST_GAP = 2
_IBAN = re.compile(r"\biban\b", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"account|routing|sort code|konto|bankleitzahl|\bblz\b|compte|cuenta|\bconto\b|\bconta\b|rekening|сч[её]т"
    r"|kont[oa]\b|账号|账户|口座|계좌",
    re.IGNORECASE,
)
_ACCOUNT_LENGTHS = range(5, 21)


def find_banking(passage: Passage) -> Iterator[Found]:
    """Find IBANs, and the numbers of accounts and banks where such are spoken of."""
    for first in _COUNTRY_AND_CHECK.finditer(passage.text):
        end = _iban_end(passage, first.start())
        if end is not None:
            yield Found(start=first.start(), end=end, policy="banking_information")
    yield from _accounts(passage, "banking_information")


def find_accounts(passage: Passage) -> Iterator[Found]:
    """Find the numbers of accounts where such are spoken of."""
    yield from _accounts(passage, "account_number")


def _accounts(passage: Passage, policy: str) -> Iterator[Found]:
    for number in passage.first_after(_ACCOUNT, _ACCOUNT_LENGTHS):
        yield Found(start=number.start, end=number.end, policy=policy)


def _iban_end(passage: Passage, start: int) -> int | None:
    """Index after the longest valid IBAN that starts there; all that could be one where the word IBAN was said."""
    from stdnum import iban

    code, ends = _letters_and_digits(passage.text, start)
    for length in range(len(code), _SHORTEST - 1, -1):
        if iban.is_valid(code[:length], check_country=False):
            return ends[length - 1]
    if len(code) >= _SHORTEST and passage.speaks_of(_IBAN, start, before=40):
        return _last_digit(code, ends)
    return None


def _letters_and_digits(text: str, start: int) -> tuple[str, list[int]]:
    """The letters and digits from an index on, as far as only small gaps part them, and the index after each."""
    code, ends = "", list[int]()
    for index in range(start, len(text)):
        char = text[index]
        if char.isascii() and char.isalnum():
            code += char.upper()
            ends.append(index + 1)
            if len(code) == _LONGEST:
                break
        elif char not in " .,-" or (ends and index - ends[-1] >= _WIDEST_GAP):
            break
    return code, ends


def _last_digit(code: str, ends: list[int]) -> int:
    return max(end for char, end in zip(code, ends, strict=True) if char.isdigit())
