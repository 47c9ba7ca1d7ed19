"""What the steps of a job leave for those that come after them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from panglot.audio.wav import read_wav, to_pcm, wav_bytes
from panglot.errors import NotFoundError
from panglot.storage.blobs import Blobs
from panglot.transcripts import Transcript, read_json


class Shelf:
    """Pieces of a recording and their transcripts: in memory at first, in the store if they are to outlive the worker.

    A recording of one piece need not: to begin with it again costs a crash no more than this one piece.

    Parameters
    ----------
    blobs
        The store, in which things have the same names.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._persistent = False
        self._pieces: dict[str, NDArray[np.int16]] = {}
        self._transcripts: dict[str, Transcript] = {}

    def persist(self) -> None:
        """Put into the store what is here and everything that comes."""
        self._persistent = True
        for key, pcm in self._pieces.items():
            self._blobs.put(key, wav_bytes(pcm))
        self._pieces.clear()

    def put_piece(self, key: str, samples: NDArray[np.float32]) -> None:
        """Keep samples, shape ``(channels, n)``, 16 kHz, full scale 1.0."""
        pcm = to_pcm(samples)
        if self._persistent:
            self._blobs.put(key, wav_bytes(pcm))
        else:
            self._pieces[key] = pcm

    def piece(self, key: str) -> NDArray[np.int16]:
        """Return the samples of a piece, shape ``(channels, n)``, 16 kHz."""
        kept = self._pieces.get(key)
        # Here and not by the decoder's process: no stranger wrote this file.
        return read_wav(BytesIO(self._blobs.get(key))) if kept is None else kept

    def put_transcript(self, key: str, transcript: Transcript) -> None:
        """Keep the transcript of a piece."""
        if self._persistent:
            self._blobs.put(key, transcript.to("json").encode())
        else:
            self._transcripts[key] = transcript

    def transcript(self, key: str) -> Transcript:
        """Return the transcript of a piece."""
        kept = self._transcripts.get(key)
        return read_json(self._blobs.get(key)) if kept is None else kept

    def has_transcript(self, key: str) -> bool:
        """Whether a piece is transcribed."""
        if not self._persistent:
            return key in self._transcripts
        try:
            return self._blobs.size(key) > 0
        except NotFoundError:
            return False
