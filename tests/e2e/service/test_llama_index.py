"""LlamaIndex's reader of transcripts, unchanged: it calls the ``assemblyai`` package."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from callers import Call
from sample import Sample

from panglot.evaluation.words import error_rate


@pytest.mark.slow
def test_documents_of_every_format(python_client: Callable[[str, str], Call], samples: dict[str, Sample]) -> None:
    sample = samples["english"]
    found = python_client("llama-index", "llama_index_client.py")("documents", audio=sample.path)
    assert sorted(found) == ["paragraphs", "sentences", "subtitles_srt", "subtitles_vtt", "text"]
    [whole] = found["text"]
    assert error_rate(sample.text, whole["text"], language=None).rate <= 0.15, whole["text"]
    assert whole["metadata"]["status"] == "completed"
    for name in ("sentences", "paragraphs"):
        assert " ".join(document["text"] for document in found[name]) == whole["text"]
        assert all(document["metadata"]["start"] < document["metadata"]["end"] for document in found[name])
    assert found["subtitles_srt"][0]["text"].startswith("1\n")
    assert found["subtitles_vtt"][0]["text"].startswith("WEBVTT")
