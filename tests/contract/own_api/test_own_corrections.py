"""Corrections as training data."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from world import World, change_first_word

from panglot.audio import open_audio
from panglot.corpora import read_corpus


class TestCorrections:
    def test_only_segments_whose_words_changed_are_corrections(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        world.edit(id, lambda document: document["speakers"].update(A="Ada"))
        assert world.ada.get("/panglot/corrections").text == ""
        world.edit(id, change_first_word, base=1)
        line = json.loads(world.ada.get("/panglot/corrections").text)
        assert (line["text"], line["language"], line["speaker"]) == ("Howdy there, world.", "en", "Ada")
        assert line["start"] == 0.0
        assert line["duration"] == pytest.approx(1.2)

    def test_a_word_that_was_taken_out_is_a_correction_and_a_split_is_none(self, world: World) -> None:
        def split(document: dict[str, Any]) -> None:
            first = document["segments"][0]
            rest = {**first, "id": "n1", "words": first["words"][1:], "start": first["words"][1]["start"]}
            first.update(words=first["words"][:1], end=first["words"][0]["end"])
            document["segments"].insert(1, rest)

        id = world.complete()  # noqa: A001
        world.edit(id, split)
        assert world.ada.get("/panglot/corrections").text == ""
        world.edit(id, lambda document: document["segments"][2]["words"].pop(1), base=1)
        texts = [json.loads(line)["text"] for line in world.ada.get("/panglot/corrections").text.splitlines()]
        assert texts == ["Shalom =SUM(A1)"]

    @pytest.mark.parametrize("upload", [True, False])
    def test_the_zip_has_the_sound_of_each(self, world: World, upload: bool) -> None:
        world.edit(world.complete(upload=upload), change_first_word)
        archive = zipfile.ZipFile(io.BytesIO(world.ada.get("/panglot/corrections.zip").content))
        assert archive.testzip() is None
        line = json.loads(archive.read("corrections.jsonl"))
        with open_audio(archive.read(line["audio"])) as audio:
            samples = sum(block.shape[1] for block in audio)
        assert samples / 16_000 == pytest.approx(line["duration"], abs=0.01)

    def test_the_zip_is_what_the_trainer_reads(self, world: World, tmp_path: Path) -> None:
        world.edit(world.complete(), change_first_word)
        zipfile.ZipFile(io.BytesIO(world.ada.get("/panglot/corrections.zip").content)).extractall(tmp_path)
        corpus = read_corpus(tmp_path / "corrections.jsonl")
        line = json.loads((tmp_path / "corrections.jsonl").read_text(encoding="utf-8"))
        (sample,) = corpus.samples
        assert not corpus.rejected
        assert (sample.text, sample.language, sample.duration) == (
            line["text"],
            line["language"],
            pytest.approx(line["duration"], abs=0.01),
        )

    def test_what_has_no_sound_is_left_out_of_the_zip(self, world: World) -> None:
        world.edit(world.complete(audio=False), change_first_word)
        archive = zipfile.ZipFile(io.BytesIO(world.ada.get("/panglot/corrections.zip").content))
        assert archive.namelist() == ["corrections.jsonl"]
        assert archive.read("corrections.jsonl") == b""
