"""Speed, memory and word errors on recordings and short clips, beside faster-whisper with the same weights.

Three cases: the long German reading repeated to at least ten minutes; one recording a language, joined from the clips,
at least ten minutes together; and the short clips one after another. The peer's batched mode is first tried at several
batch sizes, beam sizes and thread settings, and takes part with the fastest.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path

import common
import measure
from measure import Input, Run, System
from report import Report, percent

from panglot.evaluation.bootstrap import Difference, difference, interval
from panglot.evaluation.words import ErrorRate, error_rate, piecewise, pooled

AT_LEAST_SECONDS = 600
FEWEST_FOR_AN_INTERVAL = 5
SEQUENTIAL = "faster-whisper sequential, defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Recordings with the pieces each is judged by."""

    name: str
    inputs: tuple[Input, ...]
    pieces: tuple[tuple[common.Piece, ...], ...]
    seconds: float
    copies: int = 1
    """How often the same recording is repeated inside each recording."""

    @property
    def languages(self) -> list[str]:
        """Language of every distinct piece."""
        return [piece.language for pieces in self.pieces for piece in pieces[: len(pieces) // self.copies]]


def main() -> None:
    """Build the cases, find the peer's best setting, measure in rounds, report."""
    options = _options()
    report = Report("asr", "Recognition: speed, memory, word errors", quick=options.quick)
    with tempfile.TemporaryDirectory() as folder:
        cases = _cases(options, Path(folder))
        weights = measure.base_weights()
        warmup = common.write_wav(
            Path(folder) / "warmup.wav", common.long_reading(options.speech).samples[: 5 * common.SAMPLE_RATE]
        )
        best = _best_batched(options, report, cases[0], weights=weights, warmup=warmup)
        for case in cases:
            systems = _systems(options, best, clips=case.name == "clips")
            print(f"\n{case.name}: {case.seconds:.0f} s in {len(case.inputs)} recordings", file=sys.stderr)
            runs = measure.interleaved(
                systems,
                case.inputs,
                rounds=options.rounds,
                weights=weights,
                warmup=warmup,
                once=frozenset({SEQUENTIAL}),
            )
            _describe(report, case, runs)
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; the sequential peer runs in one")
    parser.add_argument("--cases", default="german,languages,clips", help="which of the three, the first one is swept")
    parser.add_argument(
        "--systems", default="panglot,sequential,batched", help="which take part, the first is the base"
    )
    parser.add_argument("--threads", type=int, help="threads for Panglot; its own choice if not given")
    parser.add_argument("--peer", help="batch,beam,threads,workers of the batched peer, instead of the search")
    parser.add_argument("--peer-isa", action="store_true", help="also the batched peer with CT2_FORCE_CPU_ISA=AVX512")
    parser.add_argument("--given-language", action="store_true", help="tell every system the language")
    options = parser.parse_args()
    if options.quick:
        options.rounds = 1
    return options


def _cases(options: argparse.Namespace, folder: Path) -> list[Case]:
    makers = {"german": _german, "languages": _languages, "clips": _clips}
    return [makers[name](options, folder) for name in options.cases.split(",")]


def _german(options: argparse.Namespace, folder: Path) -> Case:
    reading = common.long_reading(options.speech)
    times = 2 if options.quick else ceil(AT_LEAST_SECONDS / reading.seconds)
    recording = common.repeated(common.head(reading, 20) if options.quick else reading, times)
    return replace(_case("german", [recording], folder, given=options.given_language), copies=times)


def _languages(options: argparse.Namespace, folder: Path) -> Case:
    by_language: dict[str, list[common.Clip]] = defaultdict(list)
    for clip in common.clips(options.speech, texts=True):
        by_language[clip.language].append(clip)
    if options.quick:
        by_language = {code: by_language[code][:3] for code in ("en", "fr", "zh")}
    recordings = [common.join(code, chosen, seed=options.seed) for code, chosen in sorted(by_language.items())]
    return _case("languages", recordings, folder, given=options.given_language)


def _clips(options: argparse.Namespace, _: Path) -> Case:
    chosen = common.clips(options.speech, texts=True)[:: 20 if options.quick else 1]
    return Case(
        name="clips",
        inputs=tuple(
            Input(path=clip.path, language=clip.language if options.given_language else None) for clip in chosen
        ),
        pieces=tuple(
            (common.Piece(start=0, end=clip.duration, language=clip.language, text=clip.text or ""),) for clip in chosen
        ),
        seconds=sum(clip.duration for clip in chosen),
    )


def _case(name: str, recordings: Sequence[common.Recording], folder: Path, *, given: bool) -> Case:
    return Case(
        name=name,
        inputs=tuple(
            Input(
                path=common.write_wav(folder / f"{name}-{number}.wav", recording.samples),
                language=recording.pieces[0].language if given else None,
            )
            for number, recording in enumerate(recordings)
        ),
        pieces=tuple(recording.pieces for recording in recordings),
        seconds=sum(recording.seconds for recording in recordings),
    )


def _batched(
    batch: int, beam: int, threads: int, workers: int, *, word_times: bool = False, **environment: str
) -> System:
    extra = "".join(f", {name}={value}" for name, value in environment.items())
    return System(
        label=f"faster-whisper batched {batch}, beam {beam}, {workers}x{threads} threads"
        f"{', word times' if word_times else ''}{extra}",
        kind="faster-whisper",
        batched=True,
        load={"cpu_threads": threads, "num_workers": workers},
        options={"batch_size": batch, "beam_size": beam, **({"word_timestamps": True} if word_times else {})},
        environment=environment,
    )


def _best_batched(
    options: argparse.Namespace, report: Report, case: Case, *, weights: Path, warmup: Path
) -> tuple[int, int, int, int]:
    """Find the setting of the batched peer that is fastest on the first case: batch size, then beam, then threads."""
    if options.peer:
        batch, beam, threads, workers = map(int, options.peer.split(","))
        return batch, beam, threads, workers
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if options.quick or "batched" not in options.systems:
        return 8, 1, cores, 1
    tried: dict[tuple[int, int, int, int], Run] = {}

    def fastest(settings: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
        for setting in settings:
            if setting not in tried:
                tried[setting] = measure.run(_batched(*setting), case.inputs, weights=weights, warmup=warmup)
                print(f"  search {setting}: {tried[setting].wall:.1f} s", file=sys.stderr, flush=True)
        return min(settings, key=lambda setting: tried[setting].wall)

    batch = fastest([(size, 1, cores, 1) for size in (1, 4, 8, 16)])[0]
    beam = fastest([(batch, size, cores, 1) for size in (1, 5)])[1]
    best = fastest([(batch, beam, cores, 1), (batch, beam, 1, cores), (batch, beam, 1, 1)])
    rows = [[*setting, f"{run.wall:.1f}", f"{run.cpu:.1f}", f"{run.peak_memory:.0f}"] for setting, run in tried.items()]
    report.table(
        f"Search for the batched peer's fastest setting ({case.name}, one run each)",
        ["batch", "beam", "threads a worker", "workers", "wall s", "CPU s", "peak MiB"],
        rows,
    )
    return best


def _systems(options: argparse.Namespace, best: tuple[int, int, int, int], *, clips: bool) -> list[System]:
    load = {"threads": options.threads} if options.threads else {}
    panglot = System(label="panglot", kind="panglot", load=load)
    batch, beam, threads, workers = best
    peers = [_batched(*best)]
    if not options.quick:
        # Panglot places every word in time; the peer does only when it is asked to.
        peers.append(_batched(*best, word_times=True))
        if beam == 1:
            peers.append(_batched(batch, 5, threads, workers))
    if options.peer_isa:
        peers.append(_batched(*best, CT2_FORCE_CPU_ISA="AVX512"))
    known = {
        "panglot": [panglot, *([_together(load)] if clips and _takes_many() else [])],
        "sequential": [System(label=SEQUENTIAL, kind="faster-whisper")],
        "batched": peers,
    }
    return [system for name in options.systems.split(",") for system in known[name]]


def _together(load: dict[str, int]) -> System:
    return System(label="panglot, all clips in one call", kind="panglot", load=load, together=True)


def _takes_many() -> bool:
    import panglot

    return hasattr(getattr(panglot, "Model", None), "transcribe_many")


def _describe(report: Report, case: Case, runs: dict[str, list[Run]]) -> None:
    title = f"{case.name}: {case.seconds:.0f} s of audio, {len(case.inputs)} recordings"
    report.table(f"Speed, {title}", measure.SPEED_HEADINGS, measure.speed_rows(runs, seconds=case.seconds))
    judged = {label: _judge(case, done[0].texts) for label, done in runs.items()}
    report.table(f"Word errors, {case.name}", _ERROR_HEADINGS, _error_rows(judged, case.languages))
    steady = {label: all(one.texts == done[0].texts for one in done) for label, done in runs.items()}
    report.text("Same text in every round: " + ", ".join(f"{label}: {same}" for label, same in steady.items()) + ".")
    report.data[case.name] = {
        "seconds": case.seconds,
        "runs": {label: [asdict(one) for one in done] for label, done in runs.items()},
        "errors": {label: [asdict(rate) for rate in rates] for label, rates in judged.items()},
        "references": [[asdict(piece) for piece in pieces] for pieces in case.pieces],
    }


def _judge(case: Case, texts: Sequence[str]) -> list[ErrorRate]:
    """Error rate of every distinct piece of every recording.

    The copies of a repeated piece count as one utterance: they are not independent, and intervals would
    become too narrow.
    """
    rates: list[ErrorRate] = []
    for pieces, text in zip(case.pieces, texts, strict=True):
        language = pieces[0].language
        if len(pieces) == 1:
            rates.append(error_rate(pieces[0].text, text, language=language))
        else:
            every = piecewise([(piece.text, piece.language) for piece in pieces], text, language=language)
            distinct = len(pieces) // case.copies
            rates += [pooled(every[number::distinct]) for number in range(distinct)]
    return rates


_ERROR_HEADINGS = (
    "language",
    "pieces",
    "system",
    "error rate",
    "95 % interval",
    "errors / units (sub, del, ins)",
    "first system minus this, 95 % interval",
    "p",
)


def _error_rows(judged: dict[str, list[ErrorRate]], languages: Sequence[str]) -> list[list[str]]:
    """One row a language and system, and one for all; characters instead of words where a language has no spaces."""
    rows: list[list[str]] = []
    base = next(iter(judged))
    for code in ["all", *sorted(set(languages))]:
        chosen = [number for number, language in enumerate(languages) if code in ("all", language)]
        for label, rates in judged.items():
            mine = [rates[number] for number in chosen]
            total, sure = pooled(mine), interval(mine)
            against = difference([judged[base][number] for number in chosen], mine)
            few = len(mine) < FEWEST_FOR_AN_INTERVAL
            rows.append(
                [
                    f"{code} (characters)" if total.unit == "character" else code,
                    str(len(chosen)),
                    label,
                    percent(total.rate),
                    "too few pieces" if few else f"{percent(sure.low)} to {percent(sure.high)}",
                    f"{total.errors} / {total.reference} "
                    f"({total.substitutions}, {total.deletions}, {total.insertions})",
                    *([""] * 2 if label == base or few else _against(against)),
                ]
            )
    return rows


def _against(sure: Difference) -> list[str]:
    return [f"{percent(sure.estimate)} ({percent(sure.low)} to {percent(sure.high)})", f"{sure.p_value:.3f}"]


if __name__ == "__main__":
    main()
