"""Greedy decoding with the network in training: the likeliest token, again and again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import torch

from panglot.training.whisper import Trainable

_LONGEST = 224
"""Tokens of a text at most: half of the decoder's positions, as in the published decoder."""


class Greedy:
    """Writes down what is said, without timestamps.

    Parameters
    ----------
    trainable
        Its tokenizer, and the tokens that are never text.
    """

    def __init__(self, trainable: Trainable) -> None:
        tokenizer = trainable.tokenizer
        self._tokenizer = tokenizer
        self._multilingual = trainable.multilingual
        self._end = _id(tokenizer, "<|endoftext|>")
        config: dict[str, Any] = json.loads(trainable.files["config.json"])
        suppressed = [number for number in config.get("suppress_ids") or () if 0 <= number < self._end]
        self._suppressed = torch.tensor(suppressed, dtype=torch.int64)

    @torch.no_grad()
    def texts(self, module: Any, features: torch.Tensor, languages: Sequence[str], *, longest: int) -> list[str]:
        """Text of each sample.

        Parameters
        ----------
        module
            A ``WhisperForConditionalGeneration`` in evaluation mode.
        features
            Log-mel spectrograms on the module's device, shape ``(batch, mel_bands, 3000)``.
        languages
            Code of each sample.
        longest
            Tokens after which a text is cut off.

        Returns
        -------
        list of str
            Without markers.
        """
        device = features.device
        # Not the encoder by itself: with FSDP only a call of the whole network gathers all weights.
        answer = module(input_features=features, decoder_input_ids=self._prompts(languages).to(device), use_cache=True)
        heard = (answer.encoder_last_hidden_state,)
        written: list[torch.Tensor] = []
        done = torch.zeros(len(languages), dtype=torch.bool, device=device)
        for _ in range(min(longest, _LONGEST)):
            token = self._likeliest(answer.logits[:, -1]).masked_fill(done, self._end)
            done |= token == self._end
            if bool(done.all()):
                break
            written.append(token)
            answer = module(
                encoder_outputs=heard,
                decoder_input_ids=token[:, None],
                past_key_values=answer.past_key_values,
                use_cache=True,
            )
        columns: list[list[int]] = [cast("Any", one).tolist() for one in written]
        rows = zip(*columns, strict=True) if columns else [()] * len(languages)
        return [self._tokenizer.decode([one for one in row if one != self._end]).strip() for row in rows]

    def _likeliest(self, logits: torch.Tensor) -> torch.Tensor:
        scores = logits.float().clone()
        scores[:, self._end + 1 :] = -torch.inf
        scores[:, self._suppressed.to(scores.device)] = -torch.inf
        return scores.argmax(dim=-1)

    def _prompts(self, languages: Sequence[str]) -> torch.Tensor:
        """Shape ``(batch, 4)``, or ``(batch, 2)`` for an English-only model."""
        names = (
            [["<|startoftranscript|>", f"<|{code}|>", "<|transcribe|>", "<|notimestamps|>"] for code in languages]
            if self._multilingual
            else [["<|startoftranscript|>", "<|notimestamps|>"] for _ in languages]
        )
        return torch.tensor([[_id(self._tokenizer, name) for name in row] for row in names])


def _id(tokenizer: Any, token: str) -> int:
    return tokenizer.token_to_id(token)
