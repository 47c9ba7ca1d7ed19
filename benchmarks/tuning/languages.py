"""How the thresholds of language tracking were set: every value beside its neighbours, on synthetic voices alone.

Recordings come from ``voices.py``. Each window is encoded once; what the model hears in it is kept in the folder, so
that a setting of the tracker is tried in a fraction of a second. A part of a window that seems to change language is
heard alone, as in the pipeline. ``score`` is the share of mixed speech under the right language (the two kinds of mixed
recordings count alike) minus the false switches in a minute of the recordings in one language. Without options each
constant is varied alone around its present value; ``--grid`` varies the four that matter most together, ``--pipeline``
runs whole transcriptions on a part of the set.
"""

from __future__ import annotations

import argparse
import pickle
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, product
from pathlib import Path
from types import ModuleType

import numpy as np
import voices
from voices import Recording

import panglot
from panglot.evaluation.spans import language_accuracy, score_switches
from panglot.language import tracker
from panglot.language.tracker import Evidence, LanguageTracker
from panglot.pipeline import listener, recogniser
from panglot.pipeline.assembly import Heard, spans
from panglot.pipeline.listener import Listener
from panglot.pipeline.model import Model
from panglot.pipeline.recogniser import Recogniser
from panglot.pipeline.regions import Region
from panglot.pipeline.windows import Planner, Window
from panglot.transcripts.records import LanguageSpan

WHERE: dict[str, ModuleType] = {
    "SWITCH_COST": tracker,
    "_NEW_COST": tracker,
    "_CLEAR": tracker,
    "_STRETCH_FLOOR": tracker,
    "_WINDOW_FLOOR": tracker,
    "_FULL_WEIGHT": tracker,
    "_TAIL": listener,
    "_SHORTEST": listener,
    "_QUESTIONABLE": listener,
    "_TELLING": listener,
    "_SURE": recogniser,
    "_ODDS": recogniser,
}
TRIED = {
    "SWITCH_COST": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
    "_NEW_COST": (0.0, 1.0, 2.0, 3.0, 4.0, 6.0),
    "_CLEAR": (0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
    "_STRETCH_FLOOR": (1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
    "_WINDOW_FLOOR": (1.0, 1e-1, 1e-2, 1e-3, 1e-4),
    "_FULL_WEIGHT": (1.0, 2.0, 3.0, 4.0, 6.0, 8.0),
    "_SURE": (0.3, 0.5, 0.7),
    "_ODDS": (1.0, 2.0, 5.0, 10.0),
}
TRIED_TOGETHER = {
    "SWITCH_COST": (2.0, 3.0, 4.0, 5.0),
    "_NEW_COST": (0.0, 2.0, 4.0),
    "_STRETCH_FLOOR": (1e-2, 1e-4),
    "_WINDOW_FLOOR": (1.0, 1e-1, 1e-2),
}
TRIED_WHOLE = {"_SURE": (0.3, 0.7), "_ODDS": (2.0, 10.0), "_QUESTIONABLE": (0.1, 0.4), "_TELLING": (1.5, 3.0)}
HEARD_WITH = tuple(
    {"_TAIL": tail, "_SHORTEST": shortest} for tail, shortest in ((150, 1.0), (50, 1.0), (150, 0.5), (150, 2.0))
)
"""Settings of the listener that every window is heard with."""

Setting = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What was heard in one window."""

    groups: tuple[tuple[Region, ...], ...]
    evidence: Evidence


@dataclass(slots=True, kw_only=True)
class Material:
    """One recording, heard."""

    recording: Recording
    windows: list[Window] = field(default_factory=list)
    pieces: dict[tuple[float, ...], list[Piece]] = field(default_factory=dict)
    """By the values of one of `HEARD_WITH`."""
    alone: dict[tuple[float, float], dict[str, float]] = field(default_factory=dict)
    """Languages of parts of windows heard alone, by where they start and end."""


def main() -> None:
    """Hear the set, or read what was heard, then try settings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--folder", type=Path, default=voices.FOLDER, help="where the recordings are")
    parser.add_argument("--seed", type=int, default=0, help="seed of the recordings, if they are not there yet")
    parser.add_argument("--grid", action="store_true", help="vary four constants together")
    parser.add_argument("--pipeline", action="store_true", help="whole transcriptions on a part of the set")
    options = parser.parse_args()
    if not (options.folder / "recordings.json").is_file():
        voices.make(options.folder, seed=options.seed)
    with panglot.load() as model:
        if options.pipeline:
            transcribe(voices.load(options.folder), model)
            return
        cache = options.folder / "heard.pickle"
        materials: list[Material] = pickle.loads(cache.read_bytes()) if cache.is_file() else []
        materials = materials or [hear(recording, model) for recording in voices.load(options.folder)]
        Sweep(materials, model).run(together=options.grid)
        cache.write_bytes(pickle.dumps(materials))


@contextmanager
def given(setting: Setting) -> Iterator[None]:
    """Let constants have other values for a while."""
    before = {name: getattr(WHERE[name], name) for name in setting}
    for name, value in setting.items():
        setattr(WHERE[name], name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(WHERE[name], name, value)


def present(name: str) -> float:
    """Value of a constant in the code."""
    return getattr(WHERE[name], name)


def samples_of(path: Path) -> voices.Samples:
    """Read a recording of the set."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def hear(recording: Recording, model: Model) -> Material:
    """Encode the windows of a recording, and ask for their languages with every setting of the listener."""
    scheduler = model._scheduler
    codes = model.info.languages
    recognise = Recogniser(scheduler, languages=codes)
    planner = Planner(model._detector.stream())
    windows = [*planner.feed(samples_of(recording.path)), *planner.finish()]
    encoded = [future.result() for future in [recognise.encode(window) for window in windows]]
    material = Material(recording=recording, windows=windows)
    for setting in HEARD_WITH:
        with given(setting):
            found = Listener(recognise, languages=codes)._hear(list(zip(windows, encoded, strict=True)))
            material.pieces[tuple(setting.values())] = [
                Piece(groups=heard.groups, evidence=heard.evidence) for heard in found
            ]
    print(recording.path.name, len(windows), flush=True)
    return material


class Sweep:
    """Tries settings on what was heard."""

    def __init__(self, materials: Sequence[Material], model: Model) -> None:
        self._materials = materials
        self._recogniser = Recogniser(model._scheduler, languages=model.info.languages)
        self._codes = model.info.languages

    def run(self, *, together: bool) -> None:
        """Print the score of every setting."""
        print_row("setting", HEADINGS)
        print_row("present", self._row({}))
        if together:
            settings = [dict(zip(TRIED_TOGETHER, values, strict=True)) for values in product(*TRIED_TOGETHER.values())]
            rows = [(self._row(setting), setting) for setting in settings]
            for row, setting in sorted(rows, key=lambda pair: -float(pair[0][0])):
                print_row(" ".join(f"{name}={value:g}" for name, value in setting.items()), row)
            return
        for name, values in TRIED.items():
            for value in values:
                print_row(f"{name}={value:g}", self._row({name: value}))
        for setting in HEARD_WITH:
            print_row(" ".join(f"{name}={value:g}" for name, value in setting.items()), self._row(setting))

    def _row(self, setting: Setting) -> list[str]:
        with given(setting):
            return score([(material.recording, self._decide(material)) for material in self._materials])

    def _decide(self, material: Material) -> tuple[LanguageSpan, ...]:
        pieces = material.pieces[present("_TAIL"), present("_SHORTEST")]
        judge = LanguageTracker(self._codes)
        decided = [codes for piece in pieces for codes in judge.feed(piece.evidence)]
        decided += judge.finish()
        heard: list[Heard] = []
        for window, piece, codes in zip(material.windows, pieces, decided, strict=True):
            for code, run in groupby(zip(codes, piece.groups, strict=True), key=lambda row: row[0]):
                regions = tuple(region for _, group in run for region in group)
                choice = self._choice(material, window, regions, code, set(codes))
                start, end = regions[0].start, regions[-1].end
                heard.append(Heard(start=start, end=end, speech=end - start, language=choice, probability=1.0))
        return spans(heard)

    def _choice(
        self, material: Material, window: Window, regions: tuple[Region, ...], code: str, candidates: set[str]
    ) -> str:
        """The language of a part; for one beside others in its window decided as the recogniser does."""
        if len(candidates) == 1:
            return code
        key = regions[0].start, regions[-1].end
        if key not in material.alone:
            encoded = self._recogniser.encode(window.part(regions)).result()
            material.alone[key] = self._recogniser.detect([encoded])[0]
        found = material.alone[key]
        best = max(sorted(candidates), key=found.__getitem__)
        total = sum(found[other] for other in candidates)
        is_sure = found[best] >= present("_SURE") * total and found[best] >= present("_ODDS") * found[code]
        return best if is_sure else code


def transcribe(recordings: Sequence[Recording], model: Model) -> None:
    """Print the score of whole transcriptions with a few settings: every eighth recording."""
    print_row("setting", HEADINGS)
    some = recordings[::8]
    for setting in [{}, *({name: value} for name, values in TRIED_WHOLE.items() for value in values)]:
        with given(setting):
            found = [(recording, model.transcribe(recording.path).languages) for recording in some]
        print_row(" ".join(f"{name}={value:g}" for name, value in setting.items()) or "present", score(found))


HEADINGS = ["score", "right 6-15 s", "found", "false", "right 3-6 s", "found", "false", "right one", "false / min"]


def score(results: Sequence[tuple[Recording, Sequence[LanguageSpan]]]) -> list[str]:
    """One row of figures; see the top of this file."""
    kinds = ("clips of 6 to 15 s", "clips of 3 to 6 s", "one language")
    cells: list[str] = []
    rights: list[float] = []
    false_per_minute = 0.0
    for kind in kinds:
        mine = [(recording.spans, found) for recording, found in results if recording.kind == kind]
        accuracies = [language_accuracy(truth, found) for truth, found in mine]
        switches = [score_switches(truth, found) for truth, found in mine]
        speech = sum(accuracy.speech for accuracy in accuracies)
        false = sum(len(each.false) for each in switches)
        rights.append(sum(accuracy.right for accuracy in accuracies) / speech)
        cells.append(f"{100 * rights[-1]:.1f} %")
        if kind == "one language":
            false_per_minute = 60 * false / speech
            cells.append(f"{false_per_minute:.2f}")
        else:
            expected = sum(len(each.expected) for each in switches)
            cells += [f"{sum(len(each.found) for each in switches)} / {expected}", str(false)]
    return [f"{(rights[0] + rights[1]) / 2 - false_per_minute:.3f}", *cells]


def print_row(name: str, cells: Sequence[str]) -> None:
    """Print one row of a Markdown table."""
    print("|", " | ".join([name, *cells]), "|", flush=True)


if __name__ == "__main__":
    main()
