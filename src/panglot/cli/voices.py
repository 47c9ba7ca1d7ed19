"""Enrolled voices, for the commands that tell speakers apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panglot.cli.console import say
from panglot.cli.session import Session

if TYPE_CHECKING:
    from panglot.diarization.voiceprints import Voiceprint


def enrolled_voices(session: Session, *, quiet: bool) -> tuple[Voiceprint, ...]:
    """Return the enrolled voices, and say that they are used.

    Parameters
    ----------
    session
        Knows where they are kept.
    quiet
        Say nothing.

    Returns
    -------
    tuple of Voiceprint
        By name.

    Raises
    ------
    OptionError
        If a file is not a voiceprint.
    """
    voices = session.voices.all()
    if voices and not quiet:
        which = "1 enrolled voice is" if len(voices) == 1 else f"{len(voices)} enrolled voices are"
        say(f"{which} compared with the speakers; --no-voices turns that off")
    return voices
