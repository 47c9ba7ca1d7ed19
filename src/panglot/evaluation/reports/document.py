"""What a report is made of, before it is text, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isinf

from panglot.evaluation.bootstrap import Difference, Interval
from panglot.evaluation.words import Edit
from panglot.language import LANGUAGES
from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under names; all cells are text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    """Columns that are set to the right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One utterance, what was said above what was written."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A figure, for pages that can show one."""

    caption: str
    draw: Callable[[], str]
    """Gives SVG; called only by reports that show figures."""


Block = Heading | Paragraph | Table | Example | Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report."""

    title: str
    blocks: tuple[Block, ...]


def printable(text: str) -> str:
    """Text on one line without characters that steer a terminal or turn the direction of writing."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def percent(share: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    if share is None:
        return "–"
    return "∞" if isinf(share) else f"{100 * share:.1f} %"


def spread(bounds: Interval | None) -> str:
    """Both ends of an interval."""
    return f"{100 * bounds.low:.1f} to {100 * bounds.high:.1f}" if bounds else "–"


def points(difference: Difference) -> str:
    """A difference of two rates with its interval, in percentage points."""
    return f"{100 * difference.estimate:+.1f} ({100 * difference.low:+.1f} to {100 * difference.high:+.1f})"


def p_value(p: float | None) -> str:
    """A p-value; very small ones by their bound."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def language_name(code: str | None, *, otherwise: str = "not known") -> str:
    """Name and code of a language."""
    return f"{LANGUAGES[code].name} ({code})" if code in LANGUAGES and code else otherwise


def duration(seconds: Seconds) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
