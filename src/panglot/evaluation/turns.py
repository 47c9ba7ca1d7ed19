"""True turns of speakers, read from RTTM."""

from __future__ import annotations

from pathlib import Path

from panglot.errors import CorpusError
from panglot.transcripts.records import Turn

_FIELDS = 8
"""Up to the speaker; what follows is optional in files that are around."""


def read_turns(path: Path) -> tuple[Turn, ...]:
    """Read who speaks when.

    Parameters
    ----------
    path
        A file in NIST's RTTM format; lines of other types than ``SPEAKER`` are passed over.

    Returns
    -------
    tuple of Turn
        Sorted by start.

    Raises
    ------
    CorpusError
        If it cannot be read, or a line is not what the format says.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"the turns in {path} cannot be read: {error}. Give a readable RTTM file.") from error
    turns = [_turn(line.split(), f"{path}:{number}") for number, line in enumerate(lines, 1) if _is_turn(line)]
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.end)))


def _is_turn(line: str) -> bool:
    return line.split()[:1] == ["SPEAKER"]


def _turn(fields: list[str], where: str) -> Turn:
    try:
        start, duration, speaker = float(fields[3]), float(fields[4]), fields[_FIELDS - 1]
    except (IndexError, ValueError) as error:
        raise CorpusError(
            f"{where} is no turn. Give `SPEAKER recording channel start duration <NA> <NA> speaker`, times in seconds."
        ) from error
    return Turn(start=start, end=start + duration, speaker=speaker)
