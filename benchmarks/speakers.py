"""Who spoke when: errors, number of speakers, speed, stability and edge cases, beside a peer made of kept parts.

Recordings with speakers marked by hand, and conversations simulated from single speakers (``conversations.py``), both
as they are, in telephone band, and with pink noise 10 dB under the speech. Overlapping speech is always judged. A
collar of 0.25 s leaves out a quarter of a second on each side of every true boundary.

The peer is Silero's voice activity, Resemblyzer's voice vectors and agglomerative clustering; ``make peers`` puts it
into ``build/peers``. Without it the benchmark runs with Panglot alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import av
import common
import conversations
import measure
import numpy as np
import silence
from common import Samples
from conversations import Conversation, Turn, Voice
from faster_whisper.audio import decode_audio
from measure import Input, Run, System
from report import Report, percent

from panglot.evaluation.proportions import proportion
from panglot.evaluation.speakers import (
    Agreement,
    DiarizationError,
    SpeakerCount,
    SpeakerWordErrors,
    diarization_error,
    label_agreement,
    pooled_diarization,
    speaker_count,
    speaker_word_errors,
)
from panglot.evaluation.words import error_rate, pooled
from panglot.units import SAMPLE_RATE, Seconds

CONDITIONS = ("clean", "telephone", "noise")
COLLAR = 0.25
NOISE_SNR_DB = 10.0
PARTS = ("recordings", "simulated", "speed", "stability", "edges", "words")
MANY_VOICES = ("de", "en", "es", "fr", "it", "pt")
TWO_VOICES = ("ca", "ja", "ml", "nl", "pl", "zh")
ERROR_HEADINGS = (
    "recordings",
    "condition",
    "system",
    "number",
    "error, collar 0",
    "error, collar 0.25",
    "missed",
    "false alarm",
    "confusion",
    "count right",
    "found minus true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A recording as a file, with who speaks when."""

    name: str
    path: Path
    seconds: Seconds
    turns: tuple[Turn, ...]
    """Empty where only the number of speakers is known."""
    speakers: int
    groups: frozenset[str]
    """The rows of the tables it counts in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One answer against the truth."""

    name: str
    strict: DiarizationError | None
    lenient: DiarizationError | None
    """With the collar."""
    count: SpeakerCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A conversation to be simulated."""

    groups: frozenset[str]
    people: int
    minutes: float
    overlap: float = 0.1
    language: str | None = None
    """All languages mixed if not given."""
    copy: int = 0

    @property
    def name(self) -> str:
        """What tells it from the others."""
        language = self.language or "mixed"
        return f"{language}, {self.people} speakers, {self.minutes:g} min, overlap {self.overlap:g}, {self.copy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every part needs."""

    options: argparse.Namespace
    report: Report
    systems: tuple[System, ...]
    voices: list[Voice]
    weights: Path

    def run(self, inputs: Sequence[Path]) -> dict[str, Run]:
        """Let every system do the same recordings."""
        runs: dict[str, Run] = {}
        for system in self.systems:
            runs[system.label] = measure.run(system, [Input(path=path) for path in inputs], weights=self.weights)
            print(f"  {system.label:<60} {runs[system.label].wall:8.1f} s", file=sys.stderr, flush=True)
        return runs


def main() -> None:
    """Do the parts that were asked for, one after another."""
    options = _options()
    report = Report("speakers", "Who spoke when: errors, speed, stability", quick=options.quick)
    report.text(_explanation(options))
    bench = Bench(
        options=options,
        report=report,
        systems=_systems(options, report),
        voices=conversations.voices(options.speech),
        weights=measure.base_weights(),
    )
    for name in options.parts.split(","):
        print(f"\n{name}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            WORK[name](bench, Path(folder))
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help="what is measured")
    parser.add_argument("--conditions", default=",".join(CONDITIONS), help="how recordings and conversations sound")
    parser.add_argument("--systems", default="panglot,peer", help="which take part, the first is the base")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds for speed")
    parser.add_argument("--every", type=int, default=1, help="simulate only one conversation in so many")
    parser.add_argument("--speed-minutes", default="10,60", help="lengths of conversations to time")
    parser.add_argument(
        "--peers", type=Path, default=common.ROOT / "build" / "peers", help="where the peer is installed"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds = 1
    return options


def _explanation(options: argparse.Namespace) -> str:
    return (
        "Errors are shares of the true speaker time, by pyannote.metrics "
        f"{version('pyannote-metrics')}; overlapping speech is judged; parts are those at collar 0; several recordings "
        "are added up in seconds. The number of speakers is never told. Simulated conversations repeat the clips of "
        f"their speakers. Noise is pink, {NOISE_SNR_DB:g} dB under the speech. Conditions: {options.conditions}."
    )


def _systems(options: argparse.Namespace, report: Report) -> tuple[System, ...]:
    label = "silero + resemblyzer + agglomerative"
    peer = System(label=label, kind="resemblyzer", environment={"PYTHONPATH": str(options.peers)})
    known = {"panglot": System(label="panglot", kind="panglot-speakers"), "peer": peer}
    chosen = options.systems.split(",")
    if "peer" in chosen and not (options.peers / "resemblyzer").is_dir():
        report.text(f"The peer ({label}) is not installed (`make peers`) and did not take part.")
        chosen.remove("peer")
    return tuple(known[name] for name in chosen)


# Recordings ----------------------------------------------------------------------------------------------------------


def _recordings(bench: Bench, folder: Path) -> None:
    rows: list[list[str]] = []
    for condition in bench.options.conditions.split(","):
        cases = _real_cases(bench.options, condition, folder)
        scores = _scored(bench, f"recordings, {condition}", cases)
        singles = [case.name for case in cases] if condition == "clean" else []
        groups = ["real meetings (AMI)", "telephone sample", "joined clips", "all with times"]
        rows += _error_rows(condition, cases, scores, [*singles, *groups])
    bench.report.table("Recordings with speakers marked by hand", ERROR_HEADINGS, rows)


def _real_cases(options: argparse.Namespace, condition: str, folder: Path) -> list[Case]:
    cases: list[Case] = []
    for line in _multispeaker(options):
        path = options.speech / line["path"]
        samples = common.read(path)
        turns = _rttm(options.speech / line["rttm"]) if line.get("rttm") else ()
        kind = "real meetings (AMI)" if path.stem.startswith("ami") else "telephone sample"
        kind = "joined clips" if line.get("constructed") else kind
        groups = {path.stem} | ({kind, "all with times"} if turns else set())
        cases.append(
            Case(
                name=path.stem,
                path=common.write_wav(
                    folder / f"{condition}-{path.stem}.wav", _condition(samples, turns, condition, options.seed)
                ),
                seconds=len(samples) / SAMPLE_RATE,
                turns=turns,
                speakers=line["num_speakers"],
                groups=frozenset(groups),
            )
        )
    return cases


def _multispeaker(options: argparse.Namespace) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (options.speech / "manifest.jsonl").read_text("utf-8").splitlines()]
    found = [line for line in lines if line["path"].startswith("multispeaker/")]
    return found[::4] if options.quick else found


def _rttm(path: Path) -> tuple[Turn, ...]:
    fields = [line.split() for line in path.read_text("utf-8").splitlines() if line.startswith("SPEAKER")]
    return tuple(
        Turn(start=float(start), end=float(start) + float(length), speaker=speaker)
        for _, _, _, start, length, _, _, speaker, *_ in fields
    )


def _condition(samples: Samples, turns: Sequence[Turn], condition: str, seed: int) -> Samples:
    if condition == "telephone":
        return conversations.telephone(samples)
    if condition == "noise":
        return conversations.noisy(samples, turns, snr_db=NOISE_SNR_DB, seed=seed)
    return samples


# Simulated conversations ---------------------------------------------------------------------------------------------


def _simulated(bench: Bench, folder: Path) -> None:
    plans = _plans(quick=bench.options.quick)[:: bench.options.every]
    rows: dict[str, list[list[str]]] = defaultdict(list)
    for condition in bench.options.conditions.split(","):
        cases = [_simulate(bench, plan, condition, folder / f"{number}.wav") for number, plan in enumerate(plans)]
        hours = sum(case.seconds for case in cases) / 3600
        print(f"  {condition}: {len(cases)} conversations, {hours:.1f} h", file=sys.stderr)
        scores = _scored(bench, f"simulated, {condition}", cases)
        for title, groups in _simulated_tables(plans).items():
            rows[title] += _error_rows(condition, cases, scores, groups)
    for title, mine in rows.items():
        bench.report.table(f"Simulated conversations, {title}", ERROR_HEADINGS, mine)


def _plans(*, quick: bool) -> list[Plan]:
    """Sets that each change one thing; what does not change is 4 speakers, 5 minutes, a tenth of overlap."""
    every = "all"

    def plan(*groups: str, people: int = 4, minutes: float = 5, **others: Any) -> Plan:
        return Plan(groups=frozenset({every, *groups}), people=people, minutes=minutes, **others)

    if quick:
        return [
            plan("de", "all but en", "2 speakers", people=2, minutes=0.5, language="de"),
            plan("en", "3 speakers", people=3, minutes=0.5, language="en"),
        ]
    found = [
        plan(code, *_beside(code, people), people=people, minutes=3, language=code, copy=copy)
        for code in MANY_VOICES
        for people in (2, 3, 4)
        for copy in range(2)
    ]
    found += [
        plan(f"{code}, 2 speakers", "others, 2 speakers", people=2, minutes=3, language=code, copy=copy)
        for code in TWO_VOICES
        for copy in range(2)
    ]
    found += [plan(f"{people} speakers", people=people, copy=copy) for people in (2, 4, 6, 8, 10) for copy in range(2)]
    lengths = {1: 4, 3: 2, 10: 1, 30: 1, 60: 1}
    found += [
        plan(f"{minutes} min", minutes=minutes, copy=copy)
        for minutes, times in lengths.items()
        for copy in range(times)
    ]
    found += [
        plan(f"overlap {percent(share)}", overlap=share, copy=copy)
        for share in (0.0, 0.05, 0.1, 0.2)
        for copy in (2, 3)
    ]
    return found


def _beside(language: str, people: int) -> list[str]:
    """The rows in which a language stands against others with the same numbers of speakers."""
    if language != "en":
        return ["all but en"]
    return ["en, 2 speakers"] if people == 2 else []


def _simulated_tables(plans: Sequence[Plan]) -> dict[str, list[str]]:
    groups = list(dict.fromkeys(group for plan in plans for group in sorted(plan.groups)))
    kinds: dict[str, Callable[[str], bool]] = {
        "all": lambda group: group == "all",
        "by number of speakers": lambda group: group[0].isdigit() and group.endswith("speakers"),
        "by duration": lambda group: group.endswith("min"),
        "by overlap": lambda group: group.startswith("overlap"),
    }
    tables = {title: [group for group in groups if fits(group)] for title, fits in kinds.items()}
    named = {group for some in tables.values() for group in some}
    tables["by language"] = [group for group in groups if group not in named]
    return {title: some for title, some in tables.items() if some}


def _simulate(bench: Bench, plan: Plan, condition: str, path: Path) -> Case:
    seed = f"{bench.options.seed} {plan.name}"
    people = conversations.choose(bench.voices, plan.people, seed=seed, language=plan.language)
    made = conversations.converse(plan.name, people, seconds=60 * plan.minutes, overlap=plan.overlap, seed=seed)
    samples = _condition(made.samples, made.turns, condition, bench.options.seed)
    return _case(replace(made, samples=samples), path, groups=plan.groups)


def _case(made: Conversation, path: Path, *, groups: Iterable[str] = ()) -> Case:
    return Case(
        name=made.name,
        path=common.write_wav(path, made.samples),
        seconds=made.seconds,
        turns=made.turns,
        speakers=len({turn.speaker for turn in made.turns}),
        groups=frozenset(groups),
    )


# Scores --------------------------------------------------------------------------------------------------------------


def _scored(bench: Bench, title: str, cases: Sequence[Case]) -> dict[str, list[Score]]:
    """Let every system do the cases, judge the answers, and note both down."""
    runs = bench.run([case.path for case in cases])
    scores = {
        label: [_score(case, _turns(result)) for case, result in zip(cases, run.results, strict=True)]
        for label, run in runs.items()
    }
    bench.report.data[title] = {
        "references": [
            {"name": case.name, "seconds": case.seconds, "turns": [asdict(turn) for turn in case.turns]}
            for case in cases
        ],
        "scores": {label: [asdict(score) for score in mine] for label, mine in scores.items()},
        "runs": {label: asdict(run) for label, run in runs.items()},
    }
    return scores


def _turns(result: dict[str, Any]) -> tuple[Turn, ...]:
    return tuple(Turn(start=turn["start"], end=turn["end"], speaker=str(turn["speaker"])) for turn in result["turns"])


def _score(case: Case, found: Sequence[Turn]) -> Score:
    judge = partial(diarization_error, case.turns, found, region=(0.0, case.seconds))
    return Score(
        name=case.name,
        strict=judge() if case.turns else None,
        lenient=judge(collar=COLLAR) if case.turns else None,
        count=SpeakerCount(expected=case.speakers, found=speaker_count((), found).found),
    )


def _error_rows(
    condition: str, cases: Sequence[Case], scores: dict[str, list[Score]], groups: Sequence[str]
) -> list[list[str]]:
    """One row a group and system."""
    rows: list[list[str]] = []
    for group in groups:
        members = [number for number, case in enumerate(cases) if group in case.groups]
        for label, mine in scores.items() if members else ():
            some = [mine[number] for number in members]
            strict = [score.strict for score in some if score.strict]
            lenient = [score.lenient for score in some if score.lenient]
            right = sum(score.count.error == 0 for score in some)
            off = sum(score.count.error for score in some) / len(some)
            rows.append(
                [
                    group,
                    condition,
                    label,
                    str(len(some)),
                    *_parts(strict, lenient),
                    f"{right} / {len(some)}",
                    f"{off:+.1f}",
                ]
            )
    return rows


def _parts(strict: Sequence[DiarizationError], lenient: Sequence[DiarizationError]) -> list[str]:
    if not strict:
        return ["no times"] * 5
    whole = pooled_diarization(strict)
    return [
        percent(whole.rate),
        percent(pooled_diarization(lenient).rate),
        *(percent(part / whole.total) for part in (whole.missed, whole.false_alarm, whole.confusion)),
    ]


# Speed ---------------------------------------------------------------------------------------------------------------


def _speed(bench: Bench, folder: Path) -> None:
    lengths = ["0.5"] if bench.options.quick else bench.options.speed_minutes.split(",")
    # The first length is measured several times, the others tell whether time grows with it.
    for minutes, rounds in zip(map(float, lengths), [bench.options.rounds] + [1] * len(lengths), strict=False):
        case = _simulate(bench, Plan(groups=frozenset(), people=4, minutes=minutes), "clean", folder / "speed.wav")
        warmup = common.write_wav(folder / "warmup.wav", common.read(case.path)[: 12 * SAMPLE_RATE])
        common.read.cache_clear()
        measured = partial(
            measure.interleaved, inputs=[Input(path=case.path)], rounds=rounds, weights=bench.weights, warmup=warmup
        )
        title = f"{case.seconds:.0f} s of conversation, {rounds} rounds"
        runs = {"Speakers alone": measured(bench.systems)}
        if _takes_speakers():
            plain = System(label="transcription", kind="panglot")
            both = System(label="transcription with speakers", kind="panglot", options={"speakers": True})
            runs["Beside recognition"] = measured([plain, both])
        for what, mine in runs.items():
            rows = measure.speed_rows(mine, seconds=case.seconds)
            bench.report.table(f"{what}: {title}", measure.SPEED_HEADINGS, rows)
        bench.report.data[f"speed, {minutes:g} min"] = {
            what: {label: [asdict(run) for run in done] for label, done in mine.items()} for what, mine in runs.items()
        }


def _takes_speakers() -> bool:
    """Whether this Panglot can transcribe with speakers."""
    from panglot.pipeline.model import TranscribeOptions

    return "speakers" in TranscribeOptions.__annotations__


# Stability -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The same recording, changed in a way that should change nothing."""

    name: str
    make: Callable[[Samples], Samples]
    cut: Seconds = 0.0
    """How much is missing at its start."""


def _head_off(seconds: Seconds, samples: Samples) -> Samples:
    return samples[round(seconds * SAMPLE_RATE) :]


def _quieter(decibel: float, samples: Samples) -> Samples:
    return samples * np.float32(10 ** (-decibel / 20))


def coded(codec: str, suffix: str, bit_rate: int, samples: Samples) -> Samples:
    """Encode and decode samples; what the codec puts in front is taken off again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"coded.{suffix}"
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
            stream.bit_rate = bit_rate
            for start in range(0, len(samples), SAMPLE_RATE):
                block = np.ascontiguousarray(samples[None, start : start + SAMPLE_RATE])
                frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
                frame.sample_rate = SAMPLE_RATE
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        back = decode_audio(str(path), sampling_rate=SAMPLE_RATE)
    late = _delay(samples, back)
    aligned = np.zeros_like(samples)
    source = back[max(late, 0) :][: len(samples) - max(-late, 0)]
    aligned[max(-late, 0) :][: len(source)] = source
    return aligned


def _delay(samples: Samples, back: Samples, *, at_most: int = SAMPLE_RATE // 4) -> int:
    """By how many samples the second comes later than the first, from half a minute of both."""
    length = min(len(samples), len(back), 30 * SAMPLE_RATE)
    size = 2 * length
    product = np.fft.rfft(back[:length], size) * np.conj(np.fft.rfft(samples[:length], size))
    likeness = np.fft.irfft(product, size)
    lags = np.arange(-at_most, at_most + 1)
    return int(lags[np.argmax(likeness[lags])])


VARIANTS = (
    Variant(name="again, unchanged", make=partial(_quieter, 0.0)),
    Variant(name="first 3.7 s cut off", make=partial(_head_off, 3.7), cut=3.7),
    Variant(name="first 31.3 s cut off", make=partial(_head_off, 31.3), cut=31.3),
    Variant(name="20 dB quieter", make=partial(_quieter, 20.0)),
    Variant(name="MP3, 64 kbit/s", make=partial(coded, "libmp3lame", "mp3", 64_000)),
    Variant(name="Opus, 24 kbit/s", make=partial(coded, "libopus", "ogg", 24_000)),
)


def _stability(bench: Bench, folder: Path) -> None:
    quick = bench.options.quick
    plans = [
        Plan(groups=frozenset(), people=3, minutes=1 if quick else 5, language=code, copy=10)
        for code in MANY_VOICES[: 1 if quick else None]
    ]
    cases = [_simulate(bench, plan, "clean", folder / f"{number}.wav") for number, plan in enumerate(plans)]
    files = [case.path for case in cases]
    for variant in VARIANTS:
        for case in cases:
            samples = decode_audio(str(case.path), sampling_rate=SAMPLE_RATE)
            files.append(common.write_wav(folder / f"{len(files)}.wav", variant.make(samples)))
    rows: list[list[str]] = []
    runs = bench.run(files)
    for label, run in runs.items():
        answers = [_turns(result) for result in run.results]
        for number, variant in enumerate(VARIANTS, start=1):
            pairs = list(zip(answers, answers[number * len(cases) :], strict=False))[: len(cases)]
            agreed = [label_agreement(_from(variant.cut, first), second) for first, second in pairs]
            same = sum(speaker_count(first, second).error == 0 for first, second in pairs)
            rows.append([variant.name, label, *_agreement_cells(agreed), f"{same} / {len(pairs)}"])
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


def _from(start: Seconds, turns: Sequence[Turn]) -> list[Turn]:
    """Turns as they are on the time line of a recording that begins later."""
    return [
        replace(turn, start=max(turn.start - start, 0.0), end=turn.end - start) for turn in turns if turn.end > start
    ]


def _agreement_cells(agreed: Sequence[Agreement]) -> list[str]:
    whole = Agreement(
        same=sum(one.same for one in agreed),
        shared=sum(one.shared for one in agreed),
        speech=sum(one.speech for one in agreed),
    )
    return [percent(whole.rate), percent(whole.label_rate), percent(min(one.rate for one in agreed))]


# Edge cases ----------------------------------------------------------------------------------------------------------


def _edges(bench: Bench, folder: Path) -> None:
    _single_speakers(bench)
    cases = {name: make() for name, make in _edge_makers(bench, folder).items()}
    runs = bench.run([case.path for case in cases.values()])
    rows: list[list[str]] = []
    for label, run in runs.items():
        for (name, case), result in zip(cases.items(), run.results, strict=True):
            found = _turns(result)
            score = _score(case, found)
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
        counts = [speaker_count((), _turns(result)).found for result in run.results]
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


def _edge_makers(bench: Bench, folder: Path) -> dict[str, Callable[[], Case]]:
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
        return _case(made, folder / f"{name}.wav")

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


# Words by speaker ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A recording with what each speaker says."""

    name: str
    path: Path
    language: str
    words: dict[str, str]
    text: str
    """Everything in time order."""


@dataclass(slots=True)
class _Sums:
    """Word errors of several recordings."""

    by_speaker: list[SpeakerWordErrors] = field(default_factory=list)
    one_speaker: list[SpeakerWordErrors] = field(default_factory=list)
    anybody: list[Any] = field(default_factory=list)


def _words(bench: Bench, folder: Path) -> None:
    if not _takes_speakers():
        bench.report.text("Words by speaker were not measured: this Panglot does not transcribe with speakers yet.")
        return
    scripts = [*_real_scripts(bench.options, folder), *_simulated_scripts(bench, folder)]
    system = System(label="panglot", kind="panglot", options={"speakers": True})
    run = measure.run(system, [Input(path=script.path) for script in scripts], weights=bench.weights)
    rows: list[list[str]] = []
    sums: dict[str, _Sums] = {"all recordings": _Sums(), "all simulated": _Sums()}
    for script, result in zip(scripts, run.results, strict=True):
        judge = partial(speaker_word_errors, script.words, language=script.language)
        judged = judge(_by_speaker(result)), judge({"": result["text"]})
        anybody = error_rate(script.text, result["text"], language=script.language)
        total = sums["all simulated" if script.name.startswith("simulated") else "all recordings"]
        total.by_speaker.append(judged[0])
        total.one_speaker.append(judged[1])
        total.anybody.append(anybody)
        found = len(_by_speaker(result))
        rows.append(
            [script.name, f"{found} / {len(script.words)}", *_word_cells(_Sums([judged[0]], [judged[1]], [anybody]))]
        )
    rows += [[name, "", *_word_cells(total)] for name, total in sums.items() if total.anybody]
    bench.report.table(
        "Words under the right speaker",
        ("recording", "speakers found / true", "cpWER", "were all one speaker", "word errors, whoever spoke"),
        rows,
    )
    bench.report.data["words"] = {
        "references": [{"name": script.name, "words": script.words} for script in scripts],
        "run": asdict(run),
    }


def _word_cells(sums: _Sums) -> list[str]:
    rates = (
        pooled(one.errors for one in sums.by_speaker),
        pooled(one.errors for one in sums.one_speaker),
        pooled(sums.anybody),
    )
    return [f"{percent(rate.rate)} ({rate.errors} / {rate.reference})" for rate in rates]


def _by_speaker(result: dict[str, Any]) -> dict[str, str]:
    """Words of each speaker in time order; those of nobody count as a speaker of their own."""
    texts: dict[str, list[str]] = defaultdict(list)
    for segment in result["segments"]:
        for word in segment["words"]:
            texts[word["speaker"] or "nobody"].append(word["text"])
        for words in texts.values():
            words.append(" ")
    return {speaker: "".join(words).strip() for speaker, words in texts.items()}


def _real_scripts(options: argparse.Namespace, folder: Path) -> list[Script]:
    scripts: list[Script] = []
    for line in _multispeaker(options):
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


def _simulated_scripts(bench: Bench, folder: Path) -> list[Script]:
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


WORK: dict[str, Callable[[Bench, Path], None]] = {
    "recordings": _recordings,
    "simulated": _simulated,
    "speed": _speed,
    "stability": _stability,
    "edges": _edges,
    "words": _words,
}

if __name__ == "__main__":
    main()
