"""The space in which voices are compared: each speaker a Gaussian, each direction with a known spread of speakers.

Source: Landini et al. 2022, arXiv:2012.14952, section 3: embeddings are centred, scaled to a fixed length, reduced by
linear discriminant analysis, scaled again, and turned so that within a speaker the covariance is the identity and
between speakers diagonal.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.protocol import VOICE_SIZE
from panglot.diarization.runtime import read_array

_SIZE = 128


class VoiceSpace:
    """The transform from embeddings into the space.

    Parameters
    ----------
    folder
        Holds the arrays ``xvec_*`` and ``plda_*``.

    Raises
    ------
    WeightsMissingError
        If an array cannot be read.
    WeightsCorruptError
        If an array does not have the right size.
    """

    def __init__(self, folder: Path) -> None:
        self._centre = read_array(folder / "xvec_mean1", np.float64, (VOICE_SIZE,))
        self._reduction = read_array(folder / "xvec_lda", np.float32, (VOICE_SIZE, _SIZE))
        self._reduced_centre = read_array(folder / "xvec_mean2", np.float32, (_SIZE,))
        self._speaker_centre = read_array(folder / "plda_mu", np.float64, (_SIZE,))
        self._rotation = read_array(folder / "plda_tr", np.float64, (_SIZE, _SIZE))
        self.spread = read_array(folder / "plda_psi", np.float64, (_SIZE,))
        """Shape ``(128,)``: variance between speakers in each direction; within a speaker it is 1."""

    def __call__(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Bring embeddings into the space.

        Parameters
        ----------
        embeddings
            Shape ``(n, 256)``.

        Returns
        -------
        NDArray[np.float64]
            Shape ``(n, 128)``.
        """
        scaled = np.sqrt(VOICE_SIZE) * unit(embeddings - self._centre)
        reduced = np.einsum("ni,ij->nj", scaled, self._reduction) - self._reduced_centre
        scaled = np.sqrt(_SIZE) * unit(reduced)
        return np.einsum("ni,ji->nj", scaled - self._speaker_centre, self._rotation)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scale each row to length 1; rows of zeros stay as they are."""
    wide = vectors.astype(np.float64)
    lengths = np.sqrt(np.square(wide).sum(axis=-1, keepdims=True))
    wide /= np.where(lengths > 0, lengths, 1.0)
    return wide
