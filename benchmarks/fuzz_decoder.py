"""Feed damaged recordings to the decoder and see that every one ends well.

Run as ``python benchmarks/fuzz_decoder.py --count 100000 --seed 0``. Valid files of many formats are made in memory,
damaged at random and decoded. Each must be decoded, with or without a warning, or be refused by an error that says so.
Anything else is a failure: its seed is printed and its bytes are kept. Case ``n`` of a seed is always the same bytes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from recordings import KINDS, Kind, encode, tone

from panglot.audio import DecodeLimits, open_audio
from panglot.errors import AudioError

LIMITS = DecodeLimits(memory_bytes=1 << 30, stall=10.0)
BLOCK_LIMIT = 6_000
"""Blocks of 5 s after which a case is called endless."""
HEADER_BYTES = 200


@dataclass(frozen=True, slots=True)
class Seed:
    """A valid file."""

    kind: Kind
    data: bytes


@dataclass(slots=True)
class Report:
    """Outcomes, counted, and the failures."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)


def seeds(kinds: Iterable[Kind] = KINDS) -> list[Seed]:
    """One valid file of every kind: 0.1 to 0.5 s long, so that most have 2 to 20 kB."""
    made = []
    for kind in kinds:
        seconds = 0.1 if kind.codec.startswith("pcm") else 0.4
        made.append(Seed(kind, encode(kind, tone(seconds, kind.rate, channels=kind.channels))))
    return made


def mutate(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one to four ways."""
    damaged = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        if not damaged:
            break
        _WAYS[rng.integers(len(_WAYS))](damaged, other, rng)
    return bytes(damaged)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """Position in a file, half of the time in its header."""
    limit = min(len(data), HEADER_BYTES) if rng.random() < 0.5 else len(data)
    return int(rng.integers(limit))


def _flip(data: bytearray, _: bytes, rng: np.random.Generator) -> None:
    for at in [_place(data, rng) for _ in range(int(rng.integers(1, 9)))]:
        data[at] ^= 1 << int(rng.integers(8))


def _overwrite(data: bytearray, _: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    value = _EXTREMES[rng.integers(len(_EXTREMES))]
    data[at : at + len(value)] = value[: len(data) - at]


def _cut(data: bytearray, _: bytes, rng: np.random.Generator) -> None:
    del data[_place(data, rng) :]


def _drop(data: bytearray, _: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    del data[at : at + int(rng.integers(1, 400))]


def _insert(data: bytearray, _: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = rng.bytes(int(rng.integers(1, 400)))


def _splice(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    at, start = _place(data, rng), int(rng.integers(len(other)))
    part = other[start : start + int(rng.integers(1, 2000))]
    data[at : at + len(part)] = part


def _repeat(data: bytearray, _: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = data[at : at + int(rng.integers(1, 2000))]


_WAYS: tuple[Callable[[bytearray, bytes, np.random.Generator], None], ...] = (
    _flip,
    _flip,
    _overwrite,
    _cut,
    _drop,
    _insert,
    _splice,
    _repeat,
)
_EXTREMES = (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\x80", b"\xff" * 8, b"\0", b"\xff")


def case(number: int, seed: int, valid: list[Seed]) -> tuple[Kind, bytes]:
    """Bytes of one case, and the kind of file that they were."""
    rng = np.random.default_rng([seed, number])
    chosen, other = (valid[i] for i in rng.integers(len(valid), size=2))
    return chosen.kind, mutate(chosen.data, other.data, rng)


def outcome(data: bytes, kind: Kind, folder: Path) -> str:
    """Name what became of one damaged file; anything but an answer that is allowed raises."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=f".{kind.suffix}") as file:
        file.write(data)
        file.flush()
        try:
            with open_audio(file.name, limits=LIMITS) as stream:
                for count, block in enumerate(stream):
                    if count > BLOCK_LIMIT:
                        raise AssertionError("decoding does not end")
                    if not (np.isfinite(block).all() and np.abs(block).max() <= 1.0 and block.shape[0] == 1):
                        raise AssertionError("a block breaks its promise")
        except AudioError as error:
            if "exit status" in str(error):
                raise
            return "crash contained" if "signal" in str(error) else error.code
        stopped = [warning for warning in stream.warnings if "stopped unexpectedly" in warning]
        if any("exit status" in warning for warning in stopped):
            raise AssertionError(stopped[0])
        return "crash contained" if stopped else "decoded with warning" if stream.warnings else "decoded"


def run(*, count: int, seed: int, seconds: float, threads: int, keep: Path) -> Report:
    """Try cases until there are enough or the time is over."""
    valid, report, deadline = seeds(), Report(), time.monotonic() + seconds

    def one(number: int) -> None:
        if time.monotonic() > deadline:
            return
        kind, data = case(number, seed, valid)
        began = time.monotonic()
        try:
            result = outcome(data, kind, keep)
        except Exception as error:
            result = "FAILED"
            report.failures.append(f"case {number} ({kind.name}): {type(error).__name__}: {error}")
        if result in ("FAILED", "crash contained", "audio_limit"):
            (keep / f"{seed}-{number}-{result.split()[0].lower()}.{kind.suffix}").write_bytes(data)
        if time.monotonic() - began > LIMITS.stall * 6:
            report.failures.append(f"case {number} ({kind.name}): took {time.monotonic() - began:.0f} s")
        report.outcomes[result] += 1

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(one, range(count)):
            pass
    return report


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; exit status 1 if anything ended badly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000, help="damaged files to try")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other damage")
    parser.add_argument("--seconds", type=float, default=3600.0, help="stop after this long")
    parser.add_argument("--threads", type=int, default=2, help="files decoded at once")
    parser.add_argument("--keep", type=Path, default=Path("runs/fuzz"), help="where the bytes of failures go")
    options = parser.parse_args(arguments)
    options.keep.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    report = run(
        count=options.count, seed=options.seed, seconds=options.seconds, threads=options.threads, keep=options.keep
    )
    total, took = sum(report.outcomes.values()), time.monotonic() - began
    print(f"{total} damaged files in {took:.0f} s ({total / took * 60:.0f} a minute), seed {options.seed}")
    for name, number in report.outcomes.most_common():
        print(f"{number:8d}  {name}")
    for failure in report.failures:
        print(f"FAILED  {failure}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
