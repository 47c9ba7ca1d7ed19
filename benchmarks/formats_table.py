"""Print the table of formats in ``docs/reference/formats.md``: each kind of file is made, decoded and compared."""

from __future__ import annotations

import io

import numpy as np
from recordings import KINDS, Kind, encode, sweep

from panglot.audio import open_audio
from panglot.units import SAMPLE_RATE

SECONDS = 1.5
_HEADER = "| File | Codec | Rate (Hz) | Channels | Heard as |\n|---|---|---|---|---|"


def measure(kind: Kind) -> tuple[float, float]:
    """How late the sound of a file comes out, in ms, and how well it then agrees with what went in (correlation)."""
    file = io.BytesIO(encode(kind, sweep(SECONDS, kind.rate, channels=kind.channels)))
    file.name = f"sweep.{kind.suffix}"
    with open_audio(file) as stream:
        heard = np.concatenate(list(stream), axis=1)[0]
    wanted = sweep(SECONDS, SAMPLE_RATE)[0]
    size = 1 << 16
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)))
    lag = int(np.argmax(product[: size // 2]))
    count = min(len(heard) - lag, len(wanted))
    return lag / SAMPLE_RATE * 1000, float(np.corrcoef(heard[lag : lag + count], wanted[:count])[0, 1])


def row(kind: Kind) -> str:
    """One line of the table."""
    late, _ = measure(kind)
    outcome = "times exact" if late < 1 else f"{late:.0f} ms late, the coder's delay"
    codec = kind.codec.removeprefix("libopencore_").removeprefix("libmp3").removeprefix("lib")
    codec = "mp3" if codec == "lame" else codec
    return f"| .{kind.suffix} | {codec} | {kind.rate} | {kind.channels} | {outcome} |"


def table() -> str:
    """Print all lines."""
    return "\n".join([_HEADER, *(row(kind) for kind in KINDS)])


if __name__ == "__main__":
    print(table())
