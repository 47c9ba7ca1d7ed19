"""Whether the same recording, changed in ways that should not matter, gets the same speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import common
from conversations import Turn
from faster_whisper.audio import decode_audio
from report import percent

from diarizing.bench import Bench
from diarizing.plans import MANY_VOICES, Plan
from diarizing.scores import turns_of
from diarizing.simulated import simulate
from diarizing.variants import VARIANTS
from panglot.evaluation.speakers import Agreement, label_agreement, speaker_count
from panglot.units import SAMPLE_RATE, Seconds


def run(bench: Bench, folder: Path) -> None:
    """Compare who is found in simulated conversations with who is found in their variants."""
    quick = bench.options.quick
    plans = [
        Plan(groups=frozenset(), people=3, minutes=1 if quick else 5, language=code, copy=10)
        for code in MANY_VOICES[: 1 if quick else None]
    ]
    cases = [simulate(bench, plan, "clean", folder / f"{number}.wav") for number, plan in enumerate(plans)]
    files = [case.path for case in cases]
    for variant in VARIANTS:
        for case in cases:
            samples = decode_audio(str(case.path), sampling_rate=SAMPLE_RATE)
            files.append(common.write_wav(folder / f"{len(files)}.wav", variant.make(samples)))
    rows: list[list[str]] = []
    runs = bench.run(files)
    for label, run in runs.items():
        answers = [turns_of(result) for result in run.results]
        for number, variant in enumerate(VARIANTS, start=1):
            pairs = list(zip(answers, answers[number * len(cases) :], strict=False))[: len(cases)]
            agreed = [label_agreement(counted_from(variant.cut, first), second) for first, second in pairs]
            same = sum(speaker_count(first, second).error == 0 for first, second in pairs)
            rows.append([variant.name, label, *_cells(agreed), f"{same} / {len(pairs)}"])
    bench.report.table(
        f"The same speakers in the same recording, {len(cases)} simulated conversations",
        ("change", "system", "same label, share of speech", "labels alone", "least of all", "same count"),
        rows,
    )
    bench.report.data["stability"] = {
        "cases": [case.name for case in cases],
        "variants": [variant.name for variant in VARIANTS],
        "runs": {label: asdict(run) for label, run in runs.items()},
    }


def counted_from(start: Seconds, turns: Sequence[Turn]) -> list[Turn]:
    """Turns as they are on the time line of a recording that begins later."""
    return [
        replace(turn, start=max(turn.start - start, 0.0), end=turn.end - start) for turn in turns if turn.end > start
    ]


def _cells(agreed: Sequence[Agreement]) -> list[str]:
    whole = Agreement(
        same=sum(one.same for one in agreed),
        shared=sum(one.shared for one in agreed),
        speech=sum(one.speech for one in agreed),
    )
    return [percent(whole.rate), percent(whole.label_rate), percent(min(one.rate for one in agreed))]
