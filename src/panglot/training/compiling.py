"""Whether ``torch.compile`` can work here: found out before anything that takes long."""

from __future__ import annotations

from typing import Any, cast

import torch

from panglot.errors import DeviceError

_LONGEST_REASON = 200
_ADVICE = {
    "cpu": "a C++ compiler and the headers of this Python (Debian: apt-get install g++ python3-dev)",
    "cuda": "a C compiler, the headers of this Python (Debian: apt-get install gcc python3-dev) and Triton",
}


def check_compiler(device: str) -> None:
    """Compile something small, and run it.

    Parameters
    ----------
    device
        As torch writes it: ``cpu``, ``cuda:0``.

    Raises
    ------
    DeviceError
        If that does not work.
    """
    try:
        # Not from a cache: it may be of a time when there was a compiler.
        compiled: Any = cast("Any", torch).compile(_something, options={"fx_graph_cache": False})
        compiled(torch.ones(8, 8, device=device))
    except Exception as error:  # torch raises what its parts raise: its own errors, OSError, errors of Triton
        raise DeviceError(
            f"--compile does not work on {device} here ({_first_line(error)}). "
            f"Install {_ADVICE[torch.device(device).type]}, or leave --compile out."
        ) from error


def _something(values: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.gelu(values @ values).sum()


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:_LONGEST_REASON] if lines else type(error).__name__
