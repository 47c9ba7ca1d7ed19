"""Fakes and makers for tests: shipped, because users of the library need them as much as its authors."""

from panglot.testing.makers import make_receipt, make_segment, make_transcript, make_word, random_transcript

__all__ = ["make_receipt", "make_segment", "make_transcript", "make_word", "random_transcript"]
