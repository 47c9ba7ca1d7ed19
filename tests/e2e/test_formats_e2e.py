"""Every kind of file in the speech set becomes a transcript, or is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from promises import check_transcript

from panglot.errors import AudioFormatError
from panglot.evaluation.words import error_rate
from panglot.transcripts import Transcript

Heard = Callable[[Path], Transcript]
Manifest = dict[str, dict[str, Any]]

# The highest word error rate that is still the same speech. Telephone codecs and hard languages cost the model words.
RATES = {
    "aac.m4a": 0.2,
    "adts.aac": 0.6,
    "aiff_44k.aiff": 0.35,
    "mp3_64k.mp3": 0.2,
    "opus.webm": 0.2,
    "video_h264.mp4": 0.2,
    "video_mkv_opus.mkv": 0.2,
    "vorbis.ogg": 0.2,
    "wav_48k_stereo_s24.wav": 0.45,
    "wav_8k_alaw.wav": 0.9,
    "wav_8k_mulaw.wav": 0.2,
    "wav_float32.wav": 0.2,
    "whispercpp_jfk.mp3": 0.2,
}
# The model understands these badly or nobody has written down what they say: only the language is held to.
LANGUAGES = {
    "faster_whisper_stereo_diarization.wav": "en",
    "gsm_8k.gsm": "fr",
    "softcatala_dosparlants.mp3": "ca",
    "stereo_two_channels.wav": "es",
}
LENGTH_ONLY = ("msc_crowd.webm",)
WITHOUT_SPEECH = ("pink_noise_10s.flac", "silence_10s.wav")
REFUSED = ("not_audio.mp3",)


def test_every_format_is_tested_here(manifest: Manifest) -> None:
    names = {path.removeprefix("formats/") for path in manifest if path.startswith("formats/")}
    assert names == {*RATES, *LANGUAGES, *LENGTH_ONLY, *WITHOUT_SPEECH, *REFUSED}


@pytest.mark.parametrize("name", RATES)
def test_speech_in_any_format(name: str, heard: Heard, speech_set: Path, manifest: Manifest) -> None:
    truth = manifest[f"formats/{name}"]
    transcript = whole(heard(speech_set / "formats" / name), truth)
    assert transcript.language == truth["language"]
    rate = error_rate(truth["text"], transcript.text, language=truth["language"])
    assert rate.rate <= RATES[name], transcript.text


@pytest.mark.parametrize("name", LANGUAGES)
def test_language_of_speech_in_any_format(name: str, heard: Heard, speech_set: Path, manifest: Manifest) -> None:
    transcript = whole(heard(speech_set / "formats" / name), manifest[f"formats/{name}"])
    assert transcript.language == LANGUAGES[name]
    assert len(transcript.text.split()) > 10


@pytest.mark.parametrize("name", LENGTH_ONLY)
def test_a_recording_without_its_length_in_the_header(
    name: str, heard: Heard, speech_set: Path, manifest: Manifest
) -> None:
    assert whole(heard(speech_set / "formats" / name), manifest[f"formats/{name}"]).text


@pytest.mark.parametrize("name", WITHOUT_SPEECH)
def test_no_words_without_speech(name: str, heard: Heard, speech_set: Path, manifest: Manifest) -> None:
    transcript = whole(heard(speech_set / "formats" / name), manifest[f"formats/{name}"])
    assert (transcript.text, transcript.segments, transcript.language) == ("", (), None)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_recording_is_refused(name: str, heard: Heard, speech_set: Path) -> None:
    with pytest.raises(AudioFormatError, match=rf"{name}.*is not a recording"):
        heard(speech_set / "formats" / name)


def whole(transcript: Transcript, truth: dict[str, Any]) -> Transcript:
    """The transcript, after a look at its length and its words."""
    check_transcript(transcript)
    # Raw AAC does not say how long it is; the manifest has an estimate.
    assert transcript.duration == pytest.approx(truth["duration_s"], abs=0.5)
    return transcript
