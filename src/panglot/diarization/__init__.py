"""Who spoke when, acoustically, so for every language."""

from panglot.diarization.protocol import Diarization, Diarizer, DiarizerStream, SpeakerBounds, Turn

__all__ = ["Diarization", "Diarizer", "DiarizerStream", "SpeakerBounds", "Turn"]
