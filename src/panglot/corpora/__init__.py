"""Recordings and their texts: read from whatever people keep them in, bad rows set aside with the reason."""

from panglot.corpora.reading import read_corpus
from panglot.corpora.records import Corpus, Rejected, Sample
from panglot.corpora.writing import write_corpus

__all__ = ["Corpus", "Rejected", "Sample", "read_corpus", "write_corpus"]
