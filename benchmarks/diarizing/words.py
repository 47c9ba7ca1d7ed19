"""Words under the right speaker."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import measure
from measure import Input, System
from report import percent

from diarizing.bench import Bench, takes_speakers
from diarizing.scripts import real_scripts, simulated_scripts
from panglot.evaluation.speakers import SpeakerWordErrors, speaker_word_errors
from panglot.evaluation.words import error_rate, pooled


@dataclass(slots=True)
class _Sums:
    """Word errors of several recordings."""

    by_speaker: list[SpeakerWordErrors] = field(default_factory=list)
    one_speaker: list[SpeakerWordErrors] = field(default_factory=list)
    anybody: list[Any] = field(default_factory=list)


def run(bench: Bench, folder: Path) -> None:
    """Transcribe with speakers, and count word errors by speaker."""
    if not takes_speakers():
        bench.report.text("Words by speaker were not measured: this Panglot does not transcribe with speakers yet.")
        return
    scripts = [*real_scripts(bench.options, folder), *simulated_scripts(bench, folder)]
    system = System(label="panglot", kind="panglot", options={"speakers": True})
    run = measure.run(system, [Input(path=script.path) for script in scripts], weights=bench.weights)
    rows: list[list[str]] = []
    sums: dict[str, _Sums] = {"all recordings": _Sums(), "all simulated": _Sums()}
    for script, result in zip(scripts, run.results, strict=True):
        judge = partial(speaker_word_errors, script.words, language=script.language)
        judged = judge(by_speaker(result)), judge({"": result["text"]})
        anybody = error_rate(script.text, result["text"], language=script.language)
        total = sums["all simulated" if script.name.startswith("simulated") else "all recordings"]
        total.by_speaker.append(judged[0])
        total.one_speaker.append(judged[1])
        total.anybody.append(anybody)
        found = len(by_speaker(result))
        rows.append(
            [script.name, f"{found} / {len(script.words)}", *_cells(_Sums([judged[0]], [judged[1]], [anybody]))]
        )
    rows += [[name, "", *_cells(total)] for name, total in sums.items() if total.anybody]
    bench.report.table(
        "Words under the right speaker",
        ("recording", "speakers found / true", "cpWER", "were all one speaker", "word errors, whoever spoke"),
        rows,
    )
    bench.report.data["words"] = {
        "references": [{"name": script.name, "words": script.words} for script in scripts],
        "run": asdict(run),
    }


def _cells(sums: _Sums) -> list[str]:
    rates = (
        pooled(one.errors for one in sums.by_speaker),
        pooled(one.errors for one in sums.one_speaker),
        pooled(sums.anybody),
    )
    return [f"{percent(rate.rate)} ({rate.errors} / {rate.reference})" for rate in rates]


def by_speaker(result: dict[str, Any]) -> dict[str, str]:
    """Words of each speaker in time order; those of nobody count as a speaker of their own."""
    texts: dict[str, list[str]] = defaultdict(list)
    for segment in result["segments"]:
        for word in segment["words"]:
            texts[word["speaker"] or "nobody"].append(word["text"])
        for words in texts.values():
            words.append(" ")
    return {speaker: "".join(words).strip() for speaker, words in texts.items()}
