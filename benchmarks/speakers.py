"""Who spoke when: errors, number of speakers, speed, stability and edge cases, beside a peer made of kept parts.

Recordings with speakers marked by hand, and conversations simulated from single speakers (``conversations.py``), both
as they are, in telephone band, and with pink noise 10 dB under the speech. Overlapping speech is always judged. A
collar of 0.25 s leaves out a quarter of a second on each side of every true boundary.

The peer is Silero's voice activity, Resemblyzer's voice vectors and agglomerative clustering; ``make peers`` puts it
into ``build/peers``. Without it the benchmark runs with Panglot alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import common
import conversations
import measure
from diarizing import edges, hours, recordings, simulated, speed, stability, words
from diarizing.bench import Bench
from diarizing.cases import CONDITIONS, NOISE_SNR_DB
from measure import System
from report import Report

PARTS: dict[str, Callable[[Bench, Path], None]] = {
    "recordings": recordings.run,
    "simulated": simulated.run,
    "speed": speed.run,
    "stability": stability.run,
    "edges": edges.run,
    "words": words.run,
    "hours": hours.run,
}
"""What is measured, each in a module of its own."""
USUAL = tuple(name for name in PARTS if name != "hours")


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
            PARTS[name](bench, Path(folder))
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--parts", default=",".join(USUAL), help="what is measured; hours only where it is named")
    parser.add_argument("--conditions", default=",".join(CONDITIONS), help="how recordings and conversations sound")
    parser.add_argument(
        "--systems",
        default="panglot,peer",
        help="which take part, the first is the base; transcription is recognition and speakers together",
    )
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds for speed")
    parser.add_argument("--every", type=int, default=1, help="simulate only one conversation in so many")
    parser.add_argument("--speed-minutes", default="10,60", help="lengths of conversations to time")
    parser.add_argument("--hours", type=int, default=10, help="length of the longest recording")
    parser.add_argument(
        "--peers", type=Path, default=common.ROOT / "build" / "peers", help="where the peer is installed"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.hours = 1, 2
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
    known = {
        "panglot": System(label="panglot", kind="panglot-speakers"),
        "transcription": System(label="transcription with speakers", kind="panglot", options={"speakers": True}),
        "peer": peer,
    }
    chosen = options.systems.split(",")
    if "peer" in chosen and not (options.peers / "resemblyzer").is_dir():
        report.text(f"The peer ({label}) is not installed (`make peers`) and did not take part.")
        chosen.remove("peer")
    return tuple(known[name] for name in chosen)


if __name__ == "__main__":
    main()
