"""Texts → what the decoder reads and what it should say.

Source: Radford et al. 2022, arXiv:2212.04356, section 2.3 and figure 1: previous text, language, task, timestamps. The
loss of the previous text is masked.
"""

from __future__ import annotations

from tokenizers import Tokenizer  # pyright: ignore[reportMissingTypeStubs]

from panglot.corpora import Sample
from panglot.errors import TrainingError
from panglot.language.codes import LANGUAGES
from panglot.units import Seconds

IGNORED = -100
"""Label that PyTorch's cross entropy leaves out."""
_POSITIONS = 448
"""Positions of Whisper's decoder."""
_PREVIOUS = 223
"""Half the positions less the marker, as the engine gives prompts."""
_STEP: Seconds = 0.02
_LAST_STAMP: Seconds = 30.0


class TokenCodec:
    """Token sequences of one model.

    Parameters
    ----------
    tokenizer
        Of the model, with its markers.
    multilingual
        Whether sequences name the language and the task; the English-only models' do not.

    Raises
    ------
    TrainingError
        If it is not a Whisper tokenizer.
    """

    def __init__(self, tokenizer: Tokenizer, *, multilingual: bool) -> None:
        self._tokenizer = tokenizer
        self._multilingual = multilingual
        self._start = self._marker("<|startoftranscript|>")
        self._transcribe = self._marker("<|transcribe|>")
        self._previous = self._marker("<|startofprev|>")
        self._no_timestamps = self._marker("<|notimestamps|>")
        self.end = self._marker("<|endoftext|>")
        """Marker of the end, also what shorter sequences are filled with."""

    def encode(
        self,
        text: str,
        language: str | None,
        *,
        timestamps: bool = False,
        previous_text: str | None = None,
        duration: Seconds,
    ) -> tuple[list[int], list[int]]:
        """Tokens for one sample.

        Parameters
        ----------
        text
            What is said.
        language
            Code of its language; of no account for an English-only model.
        timestamps
            Say where the text begins and ends, rather than that there are no timestamps.
        previous_text
            What was said before; the end of it that fits is put in front.
        duration
            Seconds of audio, up to 30: where the text ends.

        Returns
        -------
        tuple of list of int and list of int
            What the decoder reads, at most 448 tokens, and what it should say after each; -100 where it does not
            matter.

        Raises
        ------
        TrainingError
            If the text is too long or cannot be written, or the model has no such language.
        """
        words = self._text(text, language)
        prompt = [self._start]
        if self._multilingual:
            prompt += [self._language(language), self._transcribe]
        body = [self._stamp(0.0), *words, self._stamp(duration)] if timestamps else [self._no_timestamps, *words]
        room = _POSITIONS - len(prompt) - len(body)
        if room < 0:
            raise TrainingError(
                f"the text has {len(words)} tokens; the model writes {len(words) + room} here. Cut it into parts."
            )
        before = self._before(previous_text, room)
        tokens = [*before, *prompt, *body, self.end]
        ignored = len(before)
        return tokens[:-1], [IGNORED] * ignored + tokens[ignored + 1 :]

    def decode(self, labels: list[int]) -> str:
        """Text of labels, without markers."""
        decoded: str = self._tokenizer.decode([token for token in labels if 0 <= token < self.end])
        return decoded.strip()

    def check(self, sample: Sample) -> str | None:
        """Why a sample cannot be learned, or None if it can; give this to `panglot.corpora.read_corpus`."""
        try:
            self.encode(sample.text, sample.language, timestamps=True, duration=sample.duration)
        except TrainingError as error:
            return str(error)
        return None

    def _text(self, text: str, language: str | None) -> list[int]:
        if not text.strip():
            raise TrainingError("there is no text")
        # Where words are separated by spaces, the published weights write one before the first word too.
        spaced = language is None or language not in LANGUAGES or LANGUAGES[language].spaced
        whole = (" " if spaced else "") + text.strip()
        tokens = self._encode(whole)
        if any(token >= self.end for token in tokens):
            raise TrainingError("the text contains a marker such as <|en|>, which is no text")
        if self._tokenizer.decode(tokens) != whole:
            raise TrainingError("the tokenizer cannot write some of the text's characters")
        return tokens

    def _before(self, previous: str | None, room: int) -> list[int]:
        fitting = min(_PREVIOUS, room - 1)
        if not previous or not previous.strip() or fitting < 1:
            return []
        words = [token for token in self._encode(" " + previous.strip()) if token < self.end]
        return [self._previous, *words[-fitting:]]

    def _language(self, code: str | None) -> int:
        if code is None:
            raise TrainingError("nobody said which language it is in; name one with --language or in the manifest")
        return self._marker(f"<|{code}|>")

    def _stamp(self, time: Seconds) -> int:
        return self._no_timestamps + 1 + round(min(max(time, 0.0), _LAST_STAMP) / _STEP)

    def _encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _marker(self, name: str) -> int:
        number: int | None = self._tokenizer.token_to_id(name)
        if number is None:
            raise TrainingError(f"the model has no token {name}. Use another language, or another model.")
        return number
