"""The CTranslate2 engine: Whisper-family models on processors and CUDA devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from panglot.engines.compute import Compute
from panglot.engines.language_head import LanguageHead
from panglot.engines.protocol import DecodeOptions, Encoded, EngineInfo, Hypothesis, Mel, Piece, Request
from panglot.engines.tokens import Vocabulary
from panglot.errors import DeviceError, ModelError
from panglot.models.binary import read_arrays
from panglot.models.whisper import WhisperFiles
from panglot.units import Seconds

_STEP: Seconds = 0.02
"""One encoder step."""
_MEDIAN_WIDTH = 7
"""Width of the median filter on attention weights, as published with Whisper."""
_BATCH = 8
"""Windows of 16 s decoded at once: more would be a little faster, but each takes 20 MB of keys and values (base)."""
_PROMPT_TOKENS = 223
"""Half of the decoder's positions less the marker: what is left of them is for the text."""
_POSITIONS = 448


class CTranslate2Engine:
    """A Whisper model in CTranslate2 format.

    Parameters
    ----------
    files
        Verified weights.
    name
        How the model is called in receipts.
    compute
        Device, compute type and threads.

    Raises
    ------
    DeviceError
        If the device has not enough memory or cannot run the model.
    """

    def __init__(self, files: WhisperFiles, *, name: str, compute: Compute) -> None:
        import ctranslate2  # pyright: ignore[reportMissingTypeStubs]

        self._library: Any = ctranslate2
        try:
            self._model: Any = self._library.models.Whisper(
                str(files.folder),
                device=compute.device,
                compute_type=compute.compute,
                inter_threads=compute.workers,
                intra_threads=max(1, compute.threads // compute.workers) if compute.device == "cpu" else 0,
            )
        except RuntimeError as error:
            raise DeviceError(
                f"the model in {files.folder} cannot run on {compute.device} as {compute.compute}: {error}; "
                "try a smaller model, device='cpu' or compute='auto'"
            ) from error
        self._vocabulary = Vocabulary(files.tokenizer)
        self._multilingual = files.multilingual
        self._head = self._language_head(files) if files.multilingual else None
        self.info = EngineInfo(
            name="ctranslate2",
            model=name,
            model_sha256=files.model_sha256,
            device=compute.device,
            compute=compute.compute,
            compute_reason=compute.reason,
            threads=compute.threads,
            workers=compute.workers,
            batch_size=_BATCH,
            mel_bands=files.mel_bands,
            languages=files.languages,
            versions={"ctranslate2": version("ctranslate2"), "tokenizers": version("tokenizers")},
        )

    def encode(self, mel: Mel) -> Encoded:
        """See `panglot.engines.protocol.Engine.encode`."""
        with self._foreign_errors():
            return np.asarray(self._model.encode(self._view(mel[None]), to_cpu=True))[0]

    def detect(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """See `panglot.engines.protocol.Engine.detect`."""
        if self._head is None:
            return [{"en": 1.0} for _ in encoded]
        return self._head.languages([np.asarray(window, np.float32) for window in encoded])

    def decode(self, requests: Sequence[Request], options: DecodeOptions) -> list[Hypothesis]:
        """See `panglot.engines.protocol.Engine.decode`."""
        prompts = [self._prompt(request, translate=options.translate) for request in requests]
        results: list[Hypothesis | None] = [None] * len(requests)
        # The library takes prompts of one length per call.
        groups: dict[int, list[int]] = defaultdict(list)
        for index, prompt in enumerate(prompts):
            groups[len(prompt)].append(index)
        for indices in groups.values():
            with self._foreign_errors():
                found = self._model.generate(
                    self._view(np.stack([requests[index].encoded for index in indices])),
                    [prompts[index] for index in indices],
                    beam_size=options.beam_size,
                    repetition_penalty=options.repetition_penalty,
                    # The library writes half of this at most, and never beyond the positions that the prompt leaves.
                    max_length=min(_POSITIONS, 2 * options.max_tokens),
                    return_scores=True,
                    return_no_speech_prob=True,
                    asynchronous=False,
                )
            for index, result in zip(indices, found, strict=True):
                results[index] = self._hypothesis(result)
        return [result for result in results if result is not None]

    def align(
        self, encoded: Sequence[Encoded], tokens: Sequence[Sequence[int]], *, language: str, seconds: Sequence[Seconds]
    ) -> list[list[Piece]]:
        """See `panglot.engines.protocol.Engine.align`."""
        start = [self._vocabulary.start]
        if self._multilingual:
            start += [self._vocabulary.marker(f"<|{language}|>"), self._vocabulary.transcribe]
        # Mel frames are half an encoder step, and the library wants at least a few.
        frames = [
            min(max(int(length / _STEP), 8), len(window)) * 2 for length, window in zip(seconds, encoded, strict=True)
        ]
        with self._foreign_errors():
            found = self._model.align(
                self._view(np.stack(encoded)),
                start,
                [list(text) for text in tokens],
                frames,
                median_filter_width=_MEDIAN_WIDTH,
            )
        return [self._pieces(text, result, length) for text, result, length in zip(tokens, found, seconds, strict=True)]

    def close(self) -> None:
        """See `panglot.engines.protocol.Engine.close`."""
        self._model.unload_model()

    @contextmanager
    def _foreign_errors(self) -> Generator[None]:
        """Say what the library says in errors of ours: it throws when memory runs out, or the device fails."""
        info = self.info
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            raise DeviceError(
                f"the model {info.model!r} failed on {info.device} as {info.compute}: {str(error) or 'out of memory'}; "
                "try a smaller model, device='cpu', or a smaller number type such as compute='int8'"
            ) from error
        except ValueError as error:
            raise ModelError(
                f"the model {info.model!r} does not take what it is given: {error}; "
                "convert it again, or choose one of `panglot models list`"
            ) from error

    def _language_head(self, files: WhisperFiles) -> LanguageHead:
        return LanguageHead(
            read_arrays(files.folder / "model.bin"),
            start_token=self._vocabulary.start,
            language_tokens={code: self._vocabulary.marker(f"<|{code}|>") for code in files.languages},
        )

    def _view(self, array: npt.NDArray[Any]) -> Any:
        return self._library.StorageView.from_array(np.ascontiguousarray(array))

    def _prompt(self, request: Request, *, translate: bool) -> list[int]:
        words = self._vocabulary
        prompt = [words.start]
        if self._multilingual:
            prompt += [words.marker(f"<|{request.language}|>"), words.translate if translate else words.transcribe]
        elif request.language != "en" or translate:
            raise ModelError(f"model {self.info.model!r} knows English only; {request.language!r} was asked for")
        before = words.encode(" " + request.prompt.strip())[-_PROMPT_TOKENS:] if request.prompt.strip() else []
        return [*([words.previous, *before] if before else []), *prompt, words.no_timestamps]

    def _hypothesis(self, result: Any) -> Hypothesis:
        tokens = tuple(token for token in result.sequences_ids[0] if token < self._vocabulary.end)
        return Hypothesis(
            tokens=tokens,
            text=self._vocabulary.decode(tokens),
            log_probability=float(result.scores[0]),
            no_speech_probability=float(result.no_speech_prob),
        )

    def _pieces(self, tokens: Sequence[int], result: Any, seconds: Seconds) -> list[Piece]:
        """Times from the alignment path: a token starts where the path first reaches it."""
        starts = np.full(len(tokens) + 1, seconds)
        for token, step in reversed(result.alignments):
            if token <= len(tokens):
                starts[token] = step * _STEP
        # The path visits every token; a maximum from the left only guards against one that does not.
        starts = np.minimum(np.maximum.accumulate(starts), seconds)
        probabilities: list[float] = result.text_token_probs
        return [
            Piece(
                text=text,
                start=float(starts[first]),
                end=float(starts[last]),
                probability=float(np.mean(probabilities[first:last])),
            )
            for text, first, last in self._vocabulary.pieces(tokens)
        ]
