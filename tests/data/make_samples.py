"""Make the small recordings of this folder, and ``samples.json``, which says what is in them.

Run as ``make samples``. The voices are those of espeak-ng (Debian: ``apt-get install espeak-ng``), which is needed for
this alone. Its licence covers the program; what it speaks may be used freely. Texts and voices were chosen so that the
``base`` weights write every word and name every language.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent
RATE = 16_000
PAUSE_SECONDS = 0.8
EDGE_SECONDS = 0.3
QUIET = 0.005

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How one person of the samples sounds."""

    speaker: str
    language: str
    espeak: str
    words_per_minute: int


SUSAN = Voice(speaker="Susan", language="en", espeak="en-gb+f5", words_per_minute=145)
THOMAS = Voice(speaker="Thomas", language="de", espeak="de+Mike", words_per_minute=135)

MUSEUM = "Good morning, and welcome to our museum. My name is Susan. The first room shows old pictures of the city."
HAMBURG = (
    "Vielen Dank. Mein Name ist Thomas, und ich wohne seit drei Jahren in Hamburg. "
    "Heute möchte ich Ihnen die Geschichte dieser Stadt erzählen."
)
STAIRS = "Thank you very much. Please follow me up the stairs."
WELCOME = "Good morning, and welcome to our little museum. Please follow me up the stairs."
FLAT = "Mein Name ist Thomas, und ich wohne seit drei Jahren in Hamburg. Dort haben wir eine kleine Wohnung gefunden."

SCRIPTS = {
    "two_languages.flac": ((SUSAN, MUSEUM), (THOMAS, HAMBURG), (SUSAN, STAIRS)),
    "english.flac": ((SUSAN, WELCOME),),
    "german.flac": ((THOMAS, FLAT),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one voice says without a break; times in seconds."""

    start: float
    end: float
    language: str
    speaker: str
    text: str


def speak(voice: Voice, text: str) -> Samples:
    """Mono samples at 16 kHz, shape ``(n,)``, without the quiet at both ends."""
    wave = subprocess.run(
        ["espeak-ng", "--stdout", "-v", voice.espeak, "-s", str(voice.words_per_minute), text],
        check=True,
        capture_output=True,
    ).stdout
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(io.BytesIO(wave)) as container:
        frames = [frame for source in (*container.decode(audio=0), None) for frame in resampler.resample(source)]
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    return samples[loud[0] : loud[-1] + 1]


def join(script: tuple[tuple[Voice, str], ...]) -> tuple[Samples, list[Part]]:
    """Put the pieces of a script one after another, and note where each one is."""
    pieces, parts, position = [], [], 0
    for voice, text in script:
        pause = np.zeros(round((PAUSE_SECONDS if parts else EDGE_SECONDS) * RATE), np.float32)
        spoken = speak(voice, text)
        start, end = position + len(pause), position + len(pause) + len(spoken)
        parts.append(
            Part(
                start=round(start / RATE, 3),
                end=round(end / RATE, 3),
                language=voice.language,
                speaker=voice.speaker,
                text=text,
            )
        )
        pieces += [pause, spoken]
        position = end
    return np.concatenate([*pieces, np.zeros(round(EDGE_SECONDS * RATE), np.float32)]), parts


def write(path: Path, samples: Samples) -> None:
    """Encode as FLAC, 16 bits; the same samples always give the same bytes."""
    whole = (np.clip(samples, -1, 1) * 32767).round().astype(np.int16)
    with av.open(path, "w", format="flac", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono", options={"compression_level": "12"})
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def main() -> int:
    """Make all samples."""
    if shutil.which("espeak-ng") is None:
        print("espeak-ng is not installed; on Debian: apt-get install espeak-ng", file=sys.stderr)
        return 1
    contents = []
    for name, script in SCRIPTS.items():
        samples, parts = join(script)
        write(FOLDER / name, samples)
        duration = round(len(samples) / RATE, 3)
        contents.append({"file": name, "duration": duration, "parts": [asdict(part) for part in parts]})
        print(f"{name}: {duration} s, {(FOLDER / name).stat().st_size // 1024} KiB")
    (FOLDER / "samples.json").write_text(json.dumps(contents, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
