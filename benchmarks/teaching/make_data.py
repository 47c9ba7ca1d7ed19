"""Speech to teach a model with, and to see what it learned: the radio of a harbour that does not exist.

Four manifests with their recordings: ``training.jsonl`` (messages of a few sentences), ``validation.jsonl`` and
``test.jsonl`` (single sentences with the same names, of patterns that training does not have), and
``strangers.jsonl`` (test patterns with names that are nowhere else). One voice speaks in the last two only.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src")]

import numpy as np  # noqa: E402 - the line above has it found
from sentences import write_parts  # noqa: E402
from voices import STRANGER, VOICES, Samples, Synthesiser  # noqa: E402

from panglot.audio.wav import write_wav  # noqa: E402
from panglot.corpora import Sample, write_corpus  # noqa: E402
from panglot.units import SAMPLE_RATE  # noqa: E402

FOLDER = ROOT / "build" / "teaching"
VOICE_PACKAGES = ROOT / "build" / "voice"
SPEEDS = (0.9, 1.15)
MESSAGE = (3, 6)
"""Sentences in a message for training: the model takes in 30 s, however little is said in them."""
PAUSE_SECONDS = 0.5
EDGE_SECONDS = 0.3


def main() -> None:
    """Make all four."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the recordings go")
    parser.add_argument("--voices", type=Path, default=VOICE_PACKAGES, help="packages of tests/data/voice.txt")
    parser.add_argument("--training", type=int, default=60, metavar="N", help="sentences to learn from")
    parser.add_argument("--validation", type=int, default=8, metavar="N", help="sentences to choose by")
    parser.add_argument("--test", type=int, default=36, metavar="N", help="sentences to measure on")
    parser.add_argument("--strangers", type=int, default=12, metavar="N", help="sentences with names never heard")
    parser.add_argument("--seed", type=int, default=0, help="of every random choice")
    options = parser.parse_args()
    parts = write_parts(
        training=options.training,
        validation=options.validation,
        test=options.test,
        strangers=options.strangers,
        seed=options.seed,
    )
    speaker = Speaker(Synthesiser(options.voices), options.folder, seed=options.seed)
    speaker.record("training", messages(parts.training, seed=options.seed), VOICES)
    speaker.record("validation", [[one] for one in parts.validation], VOICES)
    speaker.record("test", [[one] for one in parts.test], (*VOICES, STRANGER))
    speaker.record("strangers", [[one] for one in parts.strangers], (*VOICES, STRANGER))


def messages(sentences: Sequence[str], *, seed: int) -> list[list[str]]:
    """Put sentences together to messages, in random order."""
    draw = random.Random(seed)
    order = draw.sample(sentences, len(sentences))
    found: list[list[str]] = []
    while order:
        size = draw.randint(*MESSAGE)
        found.append(order[:size])
        order = order[size:]
    return found


class Speaker:
    """Records parts of the data.

    Parameters
    ----------
    synthesiser
        Its voice.
    folder
        Gets a manifest and a folder of recordings for each part.
    seed
        Of speeds.
    """

    def __init__(self, synthesiser: Synthesiser, folder: Path, *, seed: int) -> None:
        self._synthesiser = synthesiser
        self._folder = folder
        self._draw = random.Random(seed)

    def record(self, part: str, texts: Sequence[Sequence[str]], voices: Sequence[str]) -> None:
        """Speak texts, the voices in turn."""
        (self._folder / part).mkdir(parents=True, exist_ok=True)
        samples: list[Sample] = []
        for number, sentences in enumerate(texts):
            voice = voices[number % len(voices)]
            path = self._folder / part / f"{number:03d}.wav"
            spoken = np.concatenate(list(self._spoken(sentences, voice)))
            write_wav(path, spoken[None])
            samples.append(
                Sample(
                    id=f"{part}-{number:03d}",
                    audio=path,
                    duration=round(len(spoken) / SAMPLE_RATE, 3),
                    text=" ".join(sentences),
                    language="en",
                    speaker=voice,
                )
            )
        write_corpus(samples, self._folder / f"{part}.jsonl")
        print(f"{part}: {len(samples)} recordings, {sum(one.duration for one in samples):.0f} s", flush=True)

    def _spoken(self, sentences: Sequence[str], voice: str) -> Iterator[Samples]:
        speed = self._draw.uniform(*SPEEDS)
        for number, sentence in enumerate(sentences):
            yield np.zeros(round((PAUSE_SECONDS if number else EDGE_SECONDS) * SAMPLE_RATE), np.float32)
            yield self._synthesiser.speak(sentence, voice=voice, speed=speed)
        yield np.zeros(round(EDGE_SECONDS * SAMPLE_RATE), np.float32)


if __name__ == "__main__":
    main()
