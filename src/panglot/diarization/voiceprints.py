"""Voiceprints: how a person's voice sounds, kept in a folder, and whose voice a speaker's is.

A voiceprint identifies a person: it is biometric data. Nothing here makes one unasked, and nothing sends one anywhere.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.protocol import VOICE_SIZE
from panglot.errors import OptionError, OutputError

CONFIDENT = 0.6
"""Cosine similarity from which two voices are taken for one person's."""
_AHEAD = 0.1
"""How much more alike the best voice must be than the next."""
Voice = NDArray[np.float32]
"""Shape ``(256,)``, of length 1."""

_NAME = re.compile(r"[^\W_][\w .'-]{0,59}")
_LABEL = re.compile(r"[0-9]*[A-Z]{0,2}")
"""What speakers without a name are called."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Voiceprint:
    """One enrolled voice."""

    name: str
    voice: NDArray[np.float32]
    """Shape ``(256,)``, of length 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whose voice a speaker's is."""

    name: str
    score: float
    """Cosine similarity, from -1 to 1."""


class Voiceprints:
    """Enrolled voices in a folder, one file each that only its owner can read.

    Parameters
    ----------
    folder
        Made when the first voice is enrolled.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return the file of a voice, whether it is there or not.

        Parameters
        ----------
        name
            Of the person.

        Returns
        -------
        Path
            In the folder.

        Raises
        ------
        OptionError
            If the name cannot be used.
        """
        if not _NAME.fullmatch(name) or name != name.strip():
            raise OptionError(
                f"{name!r} cannot be a speaker's name; allowed are up to 60 letters, digits, spaces and . ' - _, "
                "a letter or digit first."
            )
        if _LABEL.fullmatch(name):
            raise OptionError(
                f"{name!r} cannot be a speaker's name: speakers without a name are called so. Give a longer one, or "
                "small letters."
            )
        return self.folder / f"{name}.json"

    def add(self, name: str, voice: NDArray[np.float32]) -> Voiceprint:
        """Keep a voice under a name; the voice that had the name is replaced.

        Parameters
        ----------
        name
            Of the person.
        voice
            Shape ``(256,)``, of length 1.

        Returns
        -------
        Voiceprint
            What was kept.

        Raises
        ------
        OptionError
            If the name cannot be used.
        OutputError
            If the file cannot be written.
        """
        path = self.path(name)
        text = json.dumps({"name": name, "voice": [round(float(value), 6) for value in voice]})
        draft = path.with_suffix(".draft")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.touch(mode=0o600)
            draft.write_text(text, "utf-8")
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise OutputError(f"the voiceprint of {name!r} cannot be kept in {self.folder}: {error}") from error
        return Voiceprint(name=name, voice=voice)

    def all(self) -> tuple[Voiceprint, ...]:
        """Return all enrolled voices, by name.

        Returns
        -------
        tuple of Voiceprint
            Sorted by name.

        Raises
        ------
        OptionError
            If a file is not a voiceprint.
        """
        return tuple(_read(path) for path in sorted(self.folder.glob("*.json")))

    def remove(self, name: str) -> None:
        """Forget a voice.

        Parameters
        ----------
        name
            Of the person.

        Raises
        ------
        OptionError
            If there is no such voice.
        """
        path = self.path(name)
        if not path.exists():
            known = ", ".join(path.stem for path in sorted(self.folder.glob("*.json"))) or "nobody"
            raise OptionError(f"no voice is enrolled as {name!r}; enrolled: {known}.")
        path.unlink()


def mean_voice(voices: Sequence[Voice]) -> Voice:
    """Return the mean of one person's voices in several recordings, of length 1."""
    total: Voice = np.stack(voices).sum(axis=0)
    return (total / np.linalg.norm(total)).astype(np.float32)


def best_matches(voices: NDArray[np.float32], enrolled: Sequence[Voiceprint]) -> dict[int, Match]:
    """Find out which speakers are enrolled people.

    Parameters
    ----------
    voices
        Shape ``(speakers, 256)``, rows of length 1.
    enrolled
        The people.

    Returns
    -------
    dict of int to Match
        By number of the speaker, only where the match is confident; a person is at most one speaker, the likest.
    """
    if not enrolled or not len(voices):
        return {}
    scores = voices @ np.stack([print_.voice for print_ in enrolled]).T
    found: dict[int, Match] = {}
    taken: set[int] = set()
    for flat in np.argsort(-scores, axis=None, kind="stable"):
        speaker, person = divmod(int(flat), len(enrolled))
        score = float(scores[speaker, person])
        if score < CONFIDENT:
            break
        others = np.delete(scores[speaker], person)
        if speaker in found or person in taken or (len(others) and score - float(others.max()) < _AHEAD):
            continue
        found[speaker] = Match(name=enrolled[person].name, score=score)
        taken.add(person)
    return found


def _read(path: Path) -> Voiceprint:
    try:
        content = cast("dict[str, object]", json.loads(path.read_text("utf-8")))
        voice = np.array(content["voice"], np.float32)
        if voice.shape != (VOICE_SIZE,) or not math.isclose(float(np.linalg.norm(voice)), 1.0, abs_tol=0.01):
            raise ValueError(f"its voice has shape {voice.shape} or is not of length 1")
        return Voiceprint(name=str(content["name"]), voice=voice)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OptionError(
            f"{path} is not a voiceprint: {error}. Remove the file and enroll {os.fspath(path.stem)!r} again."
        ) from error
