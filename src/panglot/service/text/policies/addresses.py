"""Addresses on the network: e-mail, web and IP, written or spoken."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from ipaddress import ip_address

from panglot.service.text.policies.passage import Found, Passage

_TLD = (
    r"(?:com|org|net|edu|gov|mil|int|info|biz|name|co|io|ai|app|dev|me|tv|online|site|shop|store|tech|cloud|xyz|eu"
    r"|a[cdefgilmorstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[ceegrst]|f[ijkmor]"
    r"|g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]"
    r"|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghiklmnorstuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]"
    r"|v[aceginu]|w[fs]|y[et]|z[amw]|рф|ру|ком|орг)"
)
_DOT = r"(?:\s*\.\s*|\s+(?:dot|point|punkt|punto|ponto|punt|kropka|точка|nokta)\s+)"
_JOIN = r"(?:\s+(?:dot|point|punkt|punto|ponto|punt|kropka|точка|underscore|dash|hyphen|minus|tiret|guion|guión)\s+)"
_SIGN = r"(?:\s*@\s*|\s+(?:at sign|arroba|arobase|chiocciola|apenstaartje|małpa|собака|klammeraffe|アットマーク)\s+)"
_LETTER = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A letter or digit of a script in which a space or a sign ends a word that an address may stand beside."""
_LABEL = rf"{_LETTER}(?:{_LETTER}|-){{0,62}}"
_LOCAL = rf"(?:{_LETTER}|[.+%-]){{0,63}}{_LETTER}(?:{_JOIN}(?:{_LETTER}|[.+-]){{0,63}}{_LETTER}){{0,8}}"
_SPELLED = r"(?:(?:\b\w\s){2,40})?"
_TLD_END = rf"{_TLD}(?!{_LETTER})"
_DOMAIN = rf"{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}?{_DOT}{_TLD_END}(?:{_DOT}{_TLD_END})?"
_PROVIDER = (
    r"(?:g ?mail|google ?mail|yahoo|outlook|hotmail|icloud|aol|proton|protonmail|gmx|web|yandex|mail|live|msn|fastmail"
    r"|zoho|t-online|orange|free|laposte|libero|wanadoo|bk|rambler|qq|163|126|naver|wp|onet|o2|seznam|me)"
)

_BEFORE_SIGN = re.compile(rf"{_SPELLED}{_LOCAL}$", re.IGNORECASE)
_LONGEST_LOCAL = 120
_EMAIL = re.compile(rf"{_SIGN}{_DOMAIN}", re.IGNORECASE)
_AT_PROVIDER = re.compile(rf"\s+(?:at|ät|et)\s+{_PROVIDER}{_DOT}{_TLD_END}", re.IGNORECASE)
"""With a word for the sign that is also a common word: only where the mail is with somebody who offers it to all."""
_AT_ANY = re.compile(rf"\s+(?:at|ät|et)\s+{_DOMAIN}", re.IGNORECASE)
_MAIL = re.compile(
    r"e-?mail|\bmail\b|correo|courriel|электронн|почт|posta elettronica|poczt|adres|邮箱|メール|이메일", re.IGNORECASE
)

_PATH = r"(?:/[\w/.%?=&#~+-]*[\w/])?"
_LOWER_TLD = rf"(?-i:{_TLD})(?!{_LETTER})"
"""In small letters: after a full stop without a space a sentence starts with a capital."""
_URL = re.compile(
    r"\bhttps?\s?:\s?/\s?/\s?\S*\w/?"
    rf"|\bwww{_DOT}{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}?{_DOT}{_TLD_END}{_PATH}"
    rf"|(?<![\w@.-])(?=[\w-]*[a-z])(?:{_LABEL}\.){{1,5}}{_LOWER_TLD}{_PATH}"
    rf"|(?<![\w@.-])(?:{_LABEL}\s+dot\s+){{1,5}}{_TLD_END}(?:\s+slash\s+\w+){{0,8}}",
    re.IGNORECASE,
)

_IPV4 = re.compile(rf"(?<![\d.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?!\.?\d)", re.IGNORECASE)
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*[0-9a-f:](?![\w:])", re.IGNORECASE)


def emails(passage: Passage) -> Iterator[tuple[int, int]]:
    """Yield where the addresses of mail stand."""
    for pattern in (_EMAIL, _AT_PROVIDER, _AT_ANY):
        for found in pattern.finditer(passage.text):
            begin = max(0, found.start() - _LONGEST_LOCAL)
            local = _BEFORE_SIGN.search(passage.text[begin : found.start()])
            sure = pattern is not _AT_ANY or passage.speaks_of(_MAIL, found.start(), before=100)
            if local is not None and sure:
                yield begin + local.start(), found.end()


def find_emails(passage: Passage) -> Iterator[Found]:
    """Find addresses of mail; with "at" as a word only at known services, or where mail is spoken of."""
    for start, end in emails(passage):
        yield Found(start=start, end=end, policy="email_address")


def find_urls(passage: Passage) -> Iterator[Found]:
    """Find addresses of pages and names of hosts that are not part of an address of mail."""
    mails = sorted(emails(passage))
    for found in _URL.finditer(passage.text):
        near = bisect_right(mails, found.start(), key=lambda mail: mail[1])
        if near == len(mails) or mails[near][0] >= found.end():
            yield Found(start=found.start(), end=found.end(), policy="url")


def find_ips(passage: Passage) -> Iterator[Found]:
    """Find IP addresses of version 4, also spoken with "dot", and of version 6."""
    for found in _IPV4.finditer(passage.text):
        if _is_ip(".".join(re.findall(r"\d+", found.group()))):
            yield Found(start=found.start(), end=found.end(), policy="ip_address")
    for found in _IPV6.finditer(passage.text):
        if _is_ip(found.group()):
            yield Found(start=found.start(), end=found.end(), policy="ip_address")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
