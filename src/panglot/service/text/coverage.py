"""What only some languages have: refused where it could do nothing, and named where it did nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from panglot.errors import RequestError
from panglot.service.requests import TranscriptionRequest
from panglot.service.text.policies.names import NEED_WORDS, WORDS_KNOWN_IN
from panglot.service.text.profanity import LANGUAGES


class _Feature(NamedTuple):
    name: str
    languages: tuple[str, ...]


def check_languages(request: TranscriptionRequest, spoken: Iterable[str]) -> None:
    """Refuse what could do nothing in any of the languages that the client says are spoken.

    Parameters
    ----------
    request
        What to do to the text.
    spoken
        Codes of the languages; at least one.

    Raises
    ------
    RequestError
        Naming what has no words for any of them, and the languages there are.
    """
    codes = tuple(spoken)
    absent = [each for each in _features(request) if not set(each.languages) & set(codes)]
    if absent:
        names = ", ".join(each.name for each in absent)
        known = " ".join(f"{each.name} knows {', '.join(each.languages)}." for each in absent)
        raise RequestError(
            f"The following models are not available in this language: {names}. "
            f"Leave them out where {', '.join(codes)} is spoken. {known}"
        )


def language_warnings(request: TranscriptionRequest, spoken: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each thing asked for that has no words for some of the languages that were heard."""
    codes = tuple(dict.fromkeys(spoken))
    return tuple(
        f"{each.name} knows no words of {', '.join(missing)}: what it should hide may still be there. "
        f"It knows {', '.join(each.languages)}."
        for each in _features(request)
        if (missing := [code for code in codes if code not in each.languages])
    )


def _features(request: TranscriptionRequest) -> Iterator[_Feature]:
    if request.filter_profanity:
        yield _Feature("filter_profanity", LANGUAGES)
    policies = () if request.redaction is None else request.redaction.policies
    needing = ", ".join(name for name in policies if name in NEED_WORDS)
    if needing:
        yield _Feature(f"redact_pii_policies ({needing})", WORDS_KNOWN_IN)
