"""Recordings and conversations with what each speaker says."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import common
import conversations

from diarizing.bench import Bench
from diarizing.plans import MANY_VOICES
from diarizing.recordings import multispeaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A recording with what each speaker says."""

    name: str
    path: Path
    language: str
    words: dict[str, str]
    text: str
    """Everything in time order."""


def real_scripts(options: argparse.Namespace, folder: Path) -> list[Script]:
    """Recordings of the speech set of which it is known who says what."""
    scripts: list[Script] = []
    for line in multispeaker(options):
        path = options.speech / line["path"]
        if line.get("turns"):
            said = [(turn["speaker"], turn["text"]) for turn in line["turns"]]
        elif line.get("word_speakers"):
            said = list(zip(map(str, line["word_speakers"]), line["text"].split(), strict=True))
        else:
            continue
        wav = common.write_wav(folder / f"{path.stem}.wav", common.read(path))
        scripts.append(_script(path.stem, wav, line["language"], said))
    return scripts


def simulated_scripts(bench: Bench, folder: Path) -> list[Script]:
    """Conversations simulated from clips with texts."""
    scripts: list[Script] = []
    quick = bench.options.quick
    with_text = [
        replace(voice, lines=tuple(line for line in voice.lines if line.text))
        for voice in bench.voices
        if any(line.text for line in voice.lines)
    ]
    for code in ("en",) if quick else MANY_VOICES:
        there = len({voice.person for voice in with_text if voice.language == code})
        for people in (2,) if quick else range(2, min(there, 3) + 1):
            name = f"simulated, {code}, {people} speakers"
            made = conversations.converse(
                name,
                conversations.choose(with_text, people, seed=name, language=code),
                seconds=30 if quick else 120,
                seed=f"{bench.options.seed} {name}",
                overlap=0.05,
                whole_lines=True,
            )
            wav = common.write_wav(folder / f"{name}.wav", made.samples)
            said = [(utterance.speaker, utterance.text or "") for utterance in made.utterances]
            scripts.append(_script(name, wav, code, said))
    return scripts


def _script(name: str, path: Path, language: str, said: Sequence[tuple[str, str]]) -> Script:
    words: dict[str, list[str]] = defaultdict(list)
    for speaker, text in said:
        words[speaker].append(text)
    return Script(
        name=name,
        path=path,
        language=language,
        words={speaker: " ".join(texts) for speaker, texts in words.items()},
        text=" ".join(text for _, text in said),
    )
