"""Teaching a model: error rates before and after, fp32 beside bf16, and what it costs elsewhere.

Needs the recordings of ``make_data.py``. The learning rate is chosen on the validation sentences; the test is written
down by the weights as they are served (int8), through `panglot.evaluation`. A run that is finished is not made again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "recipes"), str(ROOT / "src")]

import common  # noqa: E402 - the line above has it found
import numpy as np  # noqa: E402
import torch  # noqa: E402
from cpu_two_cores import teach_names  # noqa: E402
from report import Report, percent  # noqa: E402

import panglot  # noqa: E402
from panglot.corpora import Corpus, Sample, read_corpus, write_corpus  # noqa: E402
from panglot.evaluation.comparison import Comparison, compare  # noqa: E402
from panglot.evaluation.recognition import Evaluation, Measure, evaluate  # noqa: E402
from panglot.evaluation.transcribers import ModelTranscriber  # noqa: E402
from panglot.models import Store  # noqa: E402
from panglot.models.binary import read_arrays  # noqa: E402
from panglot.training.logbook import read_log  # noqa: E402
from panglot.training.run import train  # noqa: E402
from panglot.training.settings import Settings  # noqa: E402
from panglot.training.whisper import load_trainable, write_served  # noqa: E402

PARTS = {
    "test": "new sentences, names that were taught",
    "strangers": "new sentences, names never heard",
    "english": "real English recordings of other things",
}


def main() -> None:
    """Train, evaluate, write it down."""
    options = _options()
    torch.set_num_threads(options.threads)
    report = Report("teaching", "Teaching a model", quick=options.quick)
    corpora = _corpora(options)
    _describe(report, options, corpora)
    _round_trip(report, options)
    chosen = _choose(report, options)
    taught = str(_served(options.runs / f"fp32-{chosen:g}"))
    made = {"before": options.base, "after": taught, **_precisions(report, options, chosen)}
    found = {name: _evaluated(name, model, corpora) for name, model in made.items()}
    _compare(report, found)
    _voices(report, found, options)
    _examples(report, found)
    report.data["evaluations"] = {
        name: {part: asdict(one) for part, one in parts.items()} for name, parts in found.items()
    }
    report.write(options.output)


def _describe(report: Report, options: argparse.Namespace, corpora: dict[str, Corpus]) -> None:
    parts = {name: read_corpus(options.folder / f"{name}.jsonl") for name in ("training", "validation")} | corpora
    report.table(
        "Recordings",
        ("part", "recordings", "seconds", "words"),
        [
            [name, len(one.samples), round(one.seconds), sum(len(sample.text.split()) for sample in one.samples)]
            for name, one in parts.items()
        ],
    )
    report.text(
        "Speech of a synthesiser (`make_data.py`), but for the part `english`, which is people, and which nothing is "
        "chosen or learned from. No sentence pattern is in two of training, validation and test."
    )


def _corpora(options: argparse.Namespace) -> dict[str, Corpus]:
    """Everything that is written down before and after."""
    made = {name: read_corpus(options.folder / f"{name}.jsonl") for name in ("test", "strangers")}
    clips = [clip for clip in common.clips(options.speech, texts=True) if clip.language == "en"]
    samples = tuple(
        Sample(id=clip.path.stem, audio=clip.path, duration=clip.duration, text=clip.text or "", language="en")
        for clip in clips
    )
    found = made | {"english": Corpus(samples=samples, rejected=(), source=options.speech)}
    return {name: replace(one, samples=one.samples[: options.limit]) for name, one in found.items()}


def _settings(options: argparse.Namespace, name: str, **others: Any) -> Settings:
    """Take the recipe of the tutorial."""
    settings = replace(
        teach_names(),
        data=str(options.folder / "training.jsonl"),
        validation=None,
        output=str(options.runs / name),
        base=options.base,
        seed=options.seed,
    )
    return replace(settings, **others)


def _round_trip(report: Report, options: argparse.Namespace) -> None:
    """All weights learn two recordings at a learning rate of 0; then the file that is served is made again."""
    name, data = "nothing", options.runs / "nothing.jsonl"
    shutil.rmtree(options.runs / name, ignore_errors=True)
    options.runs.mkdir(parents=True, exist_ok=True)
    write_corpus(read_corpus(options.folder / "training.jsonl").samples[:2], data)
    settings = _settings(options, name, precision="fp32", learning_rate=0.0, freeze=None, steps=None, epochs=1)
    outcome = train(replace(settings, data=str(data)))
    first = read_arrays(Store().path(options.base) / "model.bin")
    second = read_arrays(_served(outcome.folder) / "model.bin")
    equal = [name for name in first if name in second and _equal(first[name], second[name])]
    bits = [name for name in equal if np.asarray(first[name]).tobytes() == np.asarray(second[name]).tobytes()]
    report.text(
        f"At learning rate 0, one epoch of two recordings ({outcome.step} step of all weights), converted back: all "
        f"numbers are equal in {len(equal)} of {len(first)} arrays of the served file; {len(bits)} have the same bits. "
        "(Adding nothing makes -0 a 0.)"
    )
    report.data["round trip"] = {
        "arrays": len(first),
        "equal": len(equal),
        "same bits": len(bits),
        "new": sorted(second.keys() - first.keys()),
        "steps": outcome.step,
    }


def _equal(first: Any, second: Any) -> bool:
    one, other = np.asarray(first), np.asarray(second)
    return one.dtype == other.dtype and np.array_equal(one, other)


def _choose(report: Report, options: argparse.Namespace) -> float:
    """Try learning rates; the lowest error rate on the validation sentences wins, then the lowest loss."""
    rows: list[tuple[float, float, float]] = []
    measured: list[dict[str, Any]] = []
    for rate in options.rates:
        folder = _run(
            options,
            f"fp32-{rate:g}",
            steps=options.steps,
            validate_every=options.steps,
            precision="fp32",
            learning_rate=rate,
            validation=str(options.folder / "validation.jsonl"),
        )
        measured = [row for row in read_log(folder) if row["kind"] == "validation"]
        rows.append((measured[-1]["wer"], measured[-1]["loss"], rate))
    chosen = min(rows)[2]
    report.table(
        f"Learning rates, {options.steps} steps in fp32",
        ("learning rate", "validation word errors (greedy, fp32)", "validation loss"),
        [
            ["before", percent(measured[0]["wer"]), f"{measured[0]['loss']:.3f}"],
            *(
                [f"{rate:g}" + (" (chosen)" if rate == chosen else ""), percent(wer), f"{loss:.3f}"]
                for wer, loss, rate in rows
            ),
        ],
    )
    report.data["rates"] = rows
    return chosen


def _precisions(report: Report, options: argparse.Namespace, rate: float) -> dict[str, str]:
    """The same few steps in every precision, timed by their own logs."""
    if not options.precisions:
        return {}
    made: dict[str, str] = {}
    rows: list[list[object]] = []
    for precision in options.precisions:
        folder = _run(options, f"pair-{precision}", steps=options.pair_steps, precision=precision, learning_rate=rate)
        steps = [row for row in read_log(folder) if row["kind"] == "step"]
        pace = float(np.median(np.diff([0.0, *(row["clock"] for row in steps)])))
        losses = " ".join(f"{row['loss']:.3f}" for row in steps)
        rows.append([precision, len(steps), f"{pace:.1f}", losses])
        made[f"{precision}, {len(steps)} steps"] = str(_served(folder))
        report.data[f"steps {precision}"] = steps
        report.data[f"pace {precision}"] = pace
    report.table(
        "By precision, same data in the same order",
        ("precision", "steps", "median s per step", "loss of each step"),
        rows,
    )
    if {"fp32", "bf16"} <= set(options.precisions):
        ratio = report.data["pace bf16"] / report.data["pace fp32"]
        report.text(f"A step in bf16 takes {ratio:.1f} times as long as one in fp32 on this processor.")
    return made


def _run(options: argparse.Namespace, name: str, **others: Any) -> Path:
    """Train, unless that is done."""
    settings = _settings(options, name, **others)
    folder = Path(settings.output)
    if not _is_finished(folder):
        shutil.rmtree(folder, ignore_errors=True)
        print(f"training {name}", flush=True)
        train(settings)
    return folder


def _is_finished(run: Path) -> bool:
    last = run / "last.json"
    return last.is_file() and json.loads(last.read_text("utf-8"))["ending"] == "finished"


def _served(run: Path) -> Path:
    """Convert as `panglot models import` does."""
    folder = run / "served"
    if not folder.is_dir():
        write_served(load_trainable(run / "best"), folder)
    return folder


def _evaluated(name: str, model: str, corpora: dict[str, Corpus]) -> dict[str, Evaluation]:
    print(f"evaluating {name}", flush=True)
    with panglot.load(model) as loaded:
        return {part: evaluate(ModelTranscriber(loaded, name=name), corpus) for part, corpus in corpora.items()}


def _compare(report: Report, found: dict[str, dict[str, Evaluation]]) -> None:
    for part, title in PARTS.items():
        rows: list[list[object]] = []
        for name, parts in found.items():
            words = parts[part].overall.words
            assert words
            against = "" if name == "before" else _difference(compare(parts[part], found["before"][part]))
            rows.append([name, percent(words.rate), _bounds(words), _counts(words), against])
        report.table(
            f"{part}: {title}",
            ("weights", "word errors", "95 % interval", "errors / words (sub, del, ins)", "against before, points"),
            rows,
        )
    pair = [parts for name, parts in found.items() if name.startswith(("fp32", "bf16"))]
    if len(pair) > 1:
        lines = [f"{part}: {_difference(compare(pair[1][part], pair[0][part]))}" for part in PARTS]
        report.text(f"The second precision minus the first, in points. {'; '.join(lines)}.")


def _voices(report: Report, found: dict[str, dict[str, Evaluation]], options: argparse.Namespace) -> None:
    """The test by whether training had the voice."""
    speakers = {one.id: one.speaker for one in read_corpus(options.folder / "test.jsonl").samples}
    heard = {one.speaker for one in read_corpus(options.folder / "training.jsonl").samples}
    rows: list[list[object]] = []
    for name, parts in found.items():
        for group, wanted in (("heard", True), ("never heard", False)):
            scored = tuple(one for one in parts["test"].scored if (speakers[one.id] in heard) == wanted)
            words = replace(parts["test"], scored=scored).overall.words
            assert words
            rows.append([name, group, len(scored), percent(words.rate), _counts(words)])
    report.table(
        "test, by whether training had the voice",
        ("weights", "voice", "sentences", "word errors", "errors / words (sub, del, ins)"),
        rows,
    )


def _examples(report: Report, found: dict[str, dict[str, Evaluation]]) -> None:
    rows: list[list[object]] = []
    for part in ("test", "strangers"):
        for number, before in enumerate(found["before"][part].scored[:6]):
            rows.append([part, before.reference, before.hypothesis, found["after"][part].scored[number].hypothesis])
    report.table("The first of each part", ("part", "said", "before", "after"), rows)


def _difference(comparison: Comparison) -> str:
    one = comparison.overall.difference
    if one is None:
        return "too few"
    p_value = "p < 0.001" if one.p_value < 0.001 else f"p = {one.p_value:.3f}"
    return f"{100 * one.estimate:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f}; {p_value})"


def _bounds(words: Measure) -> str:
    return f"{percent(words.interval.low)} to {percent(words.interval.high)}" if words.interval else "-"


def _counts(words: Measure) -> str:
    one = words.errors
    return f"{one.errors} / {one.reference} ({one.substitutions}, {one.deletions}, {one.insertions})"


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__ or "")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "teaching", help="recordings of make_data.py")
    parser.add_argument("--runs", type=Path, default=ROOT / "build" / "teaching" / "runs", help="where runs go")
    parser.add_argument("--base", default="tiny.en", help="the model that is taught")
    parser.add_argument("--steps", type=int, default=20, help="of the run that teaches")
    parser.add_argument("--pair-steps", type=int, default=3, help="of the same run in each precision")
    parser.add_argument("--rates", type=float, nargs="+", default=[3e-5, 1e-4], help="learning rates to choose from")
    parser.add_argument("--precisions", nargs="*", default=["fp32", "bf16"], help="to train in, side by side")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch")
    parser.add_argument("--limit", type=int, help="recordings of each part to evaluate, all unless given")
    options = parser.parse_args()
    if options.quick:
        options.steps, options.pair_steps, options.rates, options.precisions, options.limit = 2, 2, [1e-4], ["fp32"], 6
        options.runs = options.runs.with_name("runs-quick")
    return options


if __name__ == "__main__":
    main()
