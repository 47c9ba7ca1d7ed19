"""Edge cases: one speaker, many, nobody, hardly a word, and voices that are nearly the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import common
import conversations
import numpy as np
import silence
from common import Samples
from conversations import Voice
from report import percent

from diarizing.bench import Bench
from diarizing.cases import Case, case_of
from diarizing.scores import judged, turns_of
from panglot.evaluation.proportions import proportion
from panglot.evaluation.speakers import speaker_count
from panglot.units import SAMPLE_RATE


def run(bench: Bench, folder: Path) -> None:
    """Count the speakers of clips, then judge the made edge cases."""
    _single_speakers(bench)
    cases = {name: make() for name, make in _makers(bench, folder).items()}
    runs = bench.run([case.path for case in cases.values()])
    rows: list[list[str]] = []
    for label, run in runs.items():
        for (name, case), result in zip(cases.items(), run.results, strict=True):
            found = turns_of(result)
            score = judged(case, found)
            spoken = sum(turn.end - turn.start for turn in found)
            error = percent(score.strict.rate) if score.strict else ""
            rows.append([name, label, str(case.speakers), str(score.count.found), f"{spoken:.1f}", error])
    bench.report.table(
        "Edge cases", ("recording", "system", "speakers", "found", "speaker seconds found", "error, collar 0"), rows
    )
    bench.report.text(
        "The twin is the same person played faster: pitch, formants and tempo rise together. The speech set has no "
        "children's and no whispered voices."
    )
    bench.report.data["edges"] = {
        "cases": [{"name": name, "speakers": case.speakers} for name, case in cases.items()],
        "runs": {label: asdict(run) for label, run in runs.items()},
    }


def _single_speakers(bench: Bench) -> None:
    clips = [
        clip
        for clip in common.clips(bench.options.speech, texts=False)
        if clip.duration >= 5 and not clip.isolated_words and "earnings" not in clip.path.name
    ][:: 20 if bench.options.quick else 1]
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            common.write_wav(Path(folder) / f"{number}.wav", common.read(clip.path))
            for number, clip in enumerate(clips)
        ]
        runs = bench.run(paths)
    for label, run in runs.items():
        counts = [speaker_count((), turns_of(result)).found for result in run.results]
        sure = proportion(counts.count(1), len(counts))
        wrong = [f"{clip.path.name}: {count}" for clip, count in zip(clips, counts, strict=True) if count != 1]
        rows.append(
            [
                label,
                f"{sure.successes} / {sure.trials} ({percent(sure.rate)})",
                f"{percent(sure.low)} to {percent(sure.high)}",
                ", ".join(wrong),
            ]
        )
    bench.report.table(
        "One speaker: clips of 5 s and more", ("system", "one speaker found", "95 % interval", "others"), rows
    )
    bench.report.data["single speakers"] = {
        "clips": [clip.path.name for clip in clips],
        "runs": {label: asdict(run) for label, run in runs.items()},
    }


def _makers(bench: Bench, folder: Path) -> dict[str, Callable[[], Case]]:
    seed = str(bench.options.seed)
    minutes = 1 if bench.options.quick else 5
    voice = conversations.choose(bench.voices, 1, seed=seed, language="en")[0]
    word = voice.lines[0].samples[: round(0.3 * SAMPLE_RATE)]
    quiet = np.zeros(5 * SAMPLE_RATE, np.float32)

    def sound(name: str, samples: Samples, speakers: int) -> Case:
        path = common.write_wav(folder / f"{name}.wav", samples)
        return Case(
            name=name,
            path=path,
            seconds=len(samples) / SAMPLE_RATE,
            turns=(),
            speakers=speakers,
            groups=frozenset(),
        )

    def talk(name: str, people: Sequence[Voice]) -> Case:
        made = conversations.converse(name, people, seconds=60 * minutes, seed=seed, overlap=0.1)
        return case_of(made, folder / f"{name}.wav")

    def made(name: str) -> Samples:
        return silence.SOUNDS[name](30 * SAMPLE_RATE, np.random.default_rng(bench.options.seed))

    makers: dict[str, Callable[[], Case]] = {
        "0.3 s of speech alone": lambda: sound("word", word, 1),
        "0.3 s of speech in silence": lambda: sound("word in silence", np.concatenate([quiet, word, quiet]), 1),
        "12 speakers": lambda: talk("twelve", conversations.choose(bench.voices, 12, seed=seed)),
    }
    for name in ("digital silence", "pink noise -40 dB", "chords", "arpeggios", "dial tone", "telephone keys"):
        makers[name] = partial(lambda one: sound(one, made(one), 0), name)
    for semitones in (1, 2, 4):
        name = f"twin, {semitones} semitones higher"
        makers[name] = partial(lambda one, step: talk(one, [voice, conversations.higher(voice, step)]), name, semitones)
    return makers
