"""What a deployment allows."""

from __future__ import annotations

from dataclasses import dataclass

from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what one request, one project and one worker may take."""

    upload_bytes: int = 2_200_000_000
    download_bytes: int = 5_000_000_000
    duration: Seconds = 36_000.0
    """The longest recording."""
    shortest: Seconds = 0.16
    project_jobs: int | None = None
    """Jobs of one project that are worked on, or next in line, at the same time; None for as many as there are."""
    piece: Seconds = 180.0
    """Length of the pieces that a recording is recognised in: what a crash can cost."""
    keep_audio_days: float | None = None
    """Days after which uploaded audio is erased, 0 as soon as its transcript is completed; None keeps it until its
    transcript is deleted. That of a job which failed is kept for an hour in any case: it may be tried again."""
    playback: bool = True
    """Whether a copy for browsers to play is made of each recording."""
    share_links: bool = False
    """Whether transcripts can be shown to people without a key."""
    keep_transcripts_days: float | None = None
    """Days after which a finished transcript is deleted; None keeps it."""
