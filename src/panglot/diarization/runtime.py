"""Loading the networks on onnxruntime, and the arrays beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from panglot.errors import WeightsCorruptError, WeightsMissingError


class Network:
    """A network with one input and one output; each call takes one thread, several may call at once.

    Parameters
    ----------
    model
        A file, or the bytes of a model.
    origin
        The file to name in errors.

    Raises
    ------
    WeightsCorruptError
        If it cannot be loaded.
    """

    def __init__(self, model: Path | bytes, *, origin: Path) -> None:
        import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

        library: Any = onnxruntime
        options: Any = library.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        given = model if isinstance(model, bytes) else str(model)
        try:
            self._session: Any = library.InferenceSession(given, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own that share no public base
            raise WeightsCorruptError(f"{origin} cannot be loaded as a network: {error}; pull it again") from error
        self._input: str = self._session.get_inputs()[0].name

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the output for an input."""
        return cast("NDArray[np.float32]", self._session.run(None, {self._input: values})[0])


def read_array(path: Path, dtype: type[np.floating[Any]], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Read a little-endian array that is stored without a header.

    Parameters
    ----------
    path
        The file.
    dtype
        Type of the stored numbers.
    shape
        What it must hold, no more and no less.

    Returns
    -------
    NDArray[np.float64]
        The numbers in double precision.

    Raises
    ------
    WeightsMissingError
        If the file cannot be read.
    WeightsCorruptError
        If it does not hold that many numbers.
    """
    try:
        numbers = np.frombuffer(path.read_bytes(), np.dtype(dtype).newbyteorder("<"))
        return numbers.astype(np.float64).reshape(shape)
    except OSError as error:
        raise WeightsMissingError(f"cannot read {path}: {error.strerror or error}; pull community-1") from error
    except ValueError as error:
        raise WeightsCorruptError(f"{path} does not hold {shape} numbers: {error}; pull community-1 again") from error
