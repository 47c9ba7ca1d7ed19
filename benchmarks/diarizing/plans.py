"""Which conversations are simulated, and the tables in which they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from report import percent

MANY_VOICES = ("de", "en", "es", "fr", "it", "pt")
TWO_VOICES = ("ca", "ja", "ml", "nl", "pl", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A conversation to be simulated."""

    groups: frozenset[str]
    people: int
    minutes: float
    overlap: float = 0.1
    language: str | None = None
    """All languages mixed if not given."""
    copy: int = 0

    @property
    def name(self) -> str:
        """What tells it from the others."""
        language = self.language or "mixed"
        return f"{language}, {self.people} speakers, {self.minutes:g} min, overlap {self.overlap:g}, {self.copy}"


def planned(*, quick: bool) -> list[Plan]:
    """Sets that each change one thing; what does not change is 4 speakers, 5 minutes, a tenth of overlap."""
    every = "all"

    def plan(*groups: str, people: int = 4, minutes: float = 5, **others: Any) -> Plan:
        return Plan(groups=frozenset({every, *groups}), people=people, minutes=minutes, **others)

    if quick:
        return [
            plan("de", "all but en", "2 speakers", people=2, minutes=0.5, language="de"),
            plan("en", "3 speakers", people=3, minutes=0.5, language="en"),
        ]
    found = [
        plan(code, *_beside(code, people), people=people, minutes=3, language=code, copy=copy)
        for code in MANY_VOICES
        for people in (2, 3, 4)
        for copy in range(2)
    ]
    found += [
        plan(f"{code}, 2 speakers", "others, 2 speakers", people=2, minutes=3, language=code, copy=copy)
        for code in TWO_VOICES
        for copy in range(2)
    ]
    found += [plan(f"{people} speakers", people=people, copy=copy) for people in (2, 4, 6, 8, 10) for copy in range(2)]
    lengths = {1: 4, 3: 2, 10: 1, 30: 1, 60: 1}
    found += [
        plan(f"{minutes} min", minutes=minutes, copy=copy)
        for minutes, times in lengths.items()
        for copy in range(times)
    ]
    found += [
        plan(f"overlap {percent(share)}", overlap=share, copy=copy)
        for share in (0.0, 0.05, 0.1, 0.2)
        for copy in (2, 3)
    ]
    return found


def _beside(language: str, people: int) -> list[str]:
    """The rows in which a language stands against others with the same numbers of speakers."""
    if language != "en":
        return ["all but en"]
    return ["en, 2 speakers"] if people == 2 else []


def tables_of(plans: Sequence[Plan]) -> dict[str, list[str]]:
    """From a table's title to the groups of plans that are its rows."""
    groups = list(dict.fromkeys(group for plan in plans for group in sorted(plan.groups)))
    kinds: dict[str, Callable[[str], bool]] = {
        "all": lambda group: group == "all",
        "by number of speakers": lambda group: group[0].isdigit() and group.endswith("speakers"),
        "by duration": lambda group: group.endswith("min"),
        "by overlap": lambda group: group.startswith("overlap"),
    }
    tables = {title: [group for group in groups if fits(group)] for title, fits in kinds.items()}
    named = {group for some in tables.values() for group in some}
    tables["by language"] = [group for group in groups if group not in named]
    return {title: some for title, some in tables.items() if some}
