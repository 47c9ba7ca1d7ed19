"""Whisper's tokens: numbers of the markers, and text from byte-level tokens without cutting a character."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panglot.errors import WeightsCorruptError

_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]


def _byte_of_char() -> dict[str, int]:
    """Byte-level BPE writes each byte as a printable character (Radford et al. 2019): itself, or one from 256 on."""
    others = [byte for byte in range(256) if byte not in _PRINTABLE]
    return {chr(byte): byte for byte in _PRINTABLE} | {chr(256 + i): byte for i, byte in enumerate(others)}


class Vocabulary:
    """The tokenizer of one model.

    Parameters
    ----------
    path
        The ``tokenizer.json`` beside the weights.

    Raises
    ------
    WeightsCorruptError
        If the file is not a Whisper tokenizer.
    """

    def __init__(self, path: Path) -> None:
        import tokenizers

        try:
            self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise WeightsCorruptError(f"{path} is not a tokenizer: {error}") from error
        self._bytes = _byte_of_char()
        self.start = self.marker("<|startoftranscript|>")
        self.end = self.marker("<|endoftext|>")
        self.transcribe = self.marker("<|transcribe|>")
        self.translate = self.marker("<|translate|>")
        self.previous = self.marker("<|startofprev|>")
        self.no_timestamps = self.marker("<|notimestamps|>")
        # The English-only and the newer multilingual files name the same token differently.
        self.no_speech = self._find("<|nospeech|>") or self.marker("<|nocaptions|>")

    def marker(self, name: str) -> int:
        """Return the number of a marker such as ``<|de|>``."""
        number = self._find(name)
        if number is None:
            raise WeightsCorruptError(f"the tokenizer has no {name}: these are not the files of a Whisper model")
        return number

    def encode(self, text: str) -> list[int]:
        """Tokens of a text, no markers added."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, tokens: Sequence[int]) -> str:
        """Text of tokens; bytes that are no character are left out, markers too."""
        return b"".join(self._raw(token) for token in tokens).decode("utf-8", errors="ignore")

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int, int]]:
        """Cut tokens into the smallest runs that are whole characters.

        Parameters
        ----------
        tokens
            Text tokens.

        Returns
        -------
        list of (str, int, int)
            Text, first token and one past the last; the texts joined are `decode` of all.
        """
        pieces: list[tuple[str, int, int]] = []
        first, raw = 0, b""
        for index, token in enumerate(tokens):
            raw += self._raw(token)
            if _is_whole(raw):
                pieces.append((raw.decode("utf-8", errors="ignore"), first, index + 1))
                first, raw = index + 1, b""
        if raw:
            pieces.append((raw.decode("utf-8", errors="ignore"), first, len(tokens)))
        return pieces

    def _raw(self, token: int) -> bytes:
        if token >= self.end:
            return b""
        return bytes(self._bytes[char] for char in self._tokenizer.id_to_token(token) or "")

    def _find(self, name: str) -> int | None:
        return self._tokenizer.token_to_id(name)


def _is_whole(raw: bytes) -> bool:
    """Whether bytes do not end inside a character; bytes that can never become one count as whole."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason != "unexpected end of data"
    return True
