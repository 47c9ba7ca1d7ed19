"""Which language is spoken, on all single-language clips, by length, beside faster-whisper's detection.

Clips are cut to their first 3, 5 and 10 s of audio from where speech starts; only clips at least that long take part.
Six clips are isolated words joined together, without sentences; they are also counted apart.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import common
import measure
from measure import Input, Run, System
from report import Report, percent

from panglot.evaluation.proportions import proportion

LENGTHS = (3.0, 5.0, 10.0, None)
SYSTEMS = (System(label="panglot", kind="panglot"), System(label="faster-whisper", kind="faster-whisper"))
HEADINGS = ("length", "clips", "system", "right", "accuracy", "95 % interval (Wilson)", "only this one right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The start of a clip, as a file."""

    path: Path
    language: str
    length: float | None
    isolated_words: bool
    source: str


def main() -> None:
    """Cut the clips, ask each system, count."""
    options = _options()
    report = Report("language_id", "Language of a recording", quick=options.quick)
    systems = [system for system in SYSTEMS if system.kind in options.systems.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        cuts = _cuts(options, Path(folder))
        inputs = [Input(path=cut.path) for cut in cuts]
        weights = measure.base_weights()
        runs = {system.label: measure.run(system, inputs, weights=weights, mode="detect") for system in systems}
    answers = {label: [result["language"] for result in run.results] for label, run in runs.items()}
    report.table("Sentences", HEADINGS, _rows(cuts, answers, isolated=False))
    report.table("Isolated words", HEADINGS, _rows(cuts, answers, isolated=True))
    report.table("By language, whole clips", ("language", "clips", *answers), _by_language(cuts, answers))
    report.table(
        "Mistaken most often, all lengths", ("system", "language", "taken for", "times"), _mistakes(cuts, answers)
    )
    report.table("Time", ("system", "clips", "wall s", "CPU s"), [_time(run) for run in runs.values()])
    report.data["cuts"] = [
        {name: value for name, value in asdict(cut).items() if name != "path"}
        | {label: mine[number] for label, mine in answers.items()}
        for number, cut in enumerate(cuts)
    ]
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--systems", default="panglot,faster-whisper", help="which take part")
    return parser.parse_args()


def _cuts(options: argparse.Namespace, folder: Path) -> list[Cut]:
    cuts: list[Cut] = []
    for clip in common.clips(options.speech, texts=False)[:: 15 if options.quick else 1]:
        samples = common.read(clip.path)
        start, _ = common.speech_bounds(samples)
        for length in LENGTHS:
            end = len(samples) if length is None else start + round(length * common.SAMPLE_RATE)
            if end <= len(samples):
                part = samples if length is None else samples[start:end]
                cuts.append(
                    Cut(
                        path=common.write_wav(folder / f"{len(cuts)}.wav", part),
                        language=clip.language,
                        length=length,
                        isolated_words=clip.isolated_words,
                        source=clip.path.relative_to(options.speech).as_posix(),
                    )
                )
    return cuts


def _rows(cuts: Sequence[Cut], answers: dict[str, list[str | None]], *, isolated: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    for length in LENGTHS:
        chosen = [number for number, cut in enumerate(cuts) if cut.length == length and cut.isolated_words == isolated]
        for label, mine in answers.items():
            right = {number for number in chosen if mine[number] == cuts[number].language}
            others = {
                number
                for other, theirs in answers.items()
                if other != label
                for number in chosen
                if theirs[number] == cuts[number].language
            }
            if chosen:
                share = proportion(len(right), len(chosen))
                rows.append(
                    [
                        f"{length:.0f} s" if length else "whole",
                        str(len(chosen)),
                        label,
                        str(len(right)),
                        percent(share.rate),
                        f"{percent(share.low)} to {percent(share.high)}",
                        str(len(right - others)),
                    ]
                )
    return rows


def _by_language(cuts: Sequence[Cut], answers: dict[str, list[str | None]]) -> list[list[str]]:
    whole = [number for number, cut in enumerate(cuts) if cut.length is None]
    return [
        [
            code,
            str(sum(cuts[number].language == code for number in whole)),
            *(str(sum(mine[number] == code == cuts[number].language for number in whole)) for mine in answers.values()),
        ]
        for code in sorted({cuts[number].language for number in whole})
    ]


def _mistakes(cuts: Sequence[Cut], answers: dict[str, list[str | None]]) -> list[list[str]]:
    return [
        [label, language, str(answer), str(times)]
        for label, mine in answers.items()
        for (language, answer), times in Counter(
            (cut.language, answer) for cut, answer in zip(cuts, mine, strict=True) if answer != cut.language
        ).most_common(8)
    ]


def _time(run: Run) -> list[str]:
    return [run.label, str(len(run.results)), f"{run.wall:.1f}", f"{run.cpu:.1f}"]


if __name__ == "__main__":
    main()
