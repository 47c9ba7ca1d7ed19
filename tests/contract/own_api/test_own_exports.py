"""Exports in all formats."""

from __future__ import annotations

import csv
import io
import json

import docx
from world import HOSTILE, World, change_first_word

from panglot.testing import make_segment, make_transcript


class TestExports:
    def test_exports_are_of_the_latest_revision_with_shown_names(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        world.edit(id, lambda document: (change_first_word(document), document["speakers"].update(A="Ada")))
        path = f"/panglot/recordings/{id}/export?format="
        assert world.ada.get(f"{path}txt").text.startswith("Ada: Howdy there")
        assert world.ada.get(f"{path}txt&revision=0").text.startswith("A: Hello there")
        assert json.loads(world.ada.get(f"{path}json").text)["speakers"][0]["name"] == "Ada"
        assert "<v Ada>Howdy" in world.ada.get(f"{path}vtt").text

    def test_a_table_has_no_formulas(self, world: World) -> None:
        id = world.complete(make_transcript(make_segment("=1+1", speaker="@A")))  # noqa: A001
        answer = world.ada.get(f"/panglot/recordings/{id}/export?format=csv")
        row = next(csv.DictReader(io.StringIO(answer.text)))
        assert (row["text"], row["speaker"]) == ("'=1+1", "'@A")

    def test_a_document_for_word_processors_turns_hebrew_round(self, world: World) -> None:
        answer = world.ada.get(f"/panglot/recordings/{world.complete()}/export?format=docx")
        made = docx.Document(io.BytesIO(answer.content))
        texts = [each.text for each in made.paragraphs]
        assert texts[0] == "talk.mp3"
        assert any(text.endswith("A: Hello there, world.") for text in texts)
        hebrew = next(each for each in made.paragraphs if "Shalom" in each.text)
        assert "w:bidi" in hebrew._p.xml
        assert "w:bidi" not in made.paragraphs[2]._p.xml

    def test_subtitles_take_line_length_and_reading_speed(self, world: World) -> None:
        path = f"/panglot/recordings/{world.complete()}/export"
        short = world.ada.get(path, params={"format": "srt", "max_line_length": 10}).text
        assert short.splitlines()[2] == "A: Hello"
        slow = world.ada.get(path, params={"format": "srt", "reading_speed": 5, "revision": 0}).text
        fast = world.ada.get(path, params={"format": "srt", "reading_speed": 100, "revision": 0}).text
        assert slow.splitlines()[-2] > fast.splitlines()[-2]
        assert world.ada.get(path, params={"format": "md", "reading_speed": 12}).status_code == 400

    def test_no_name_does_harm_in_a_header(self, world: World) -> None:
        id = world.complete(name=HOSTILE)  # noqa: A001
        answer = world.ada.get(f"/panglot/recordings/{id}/export?format=txt")
        named = answer.headers["content-disposition"]
        assert named.startswith('attachment; filename="')
        assert "x-evil" not in answer.headers
        plain = named.split('"')[1]
        assert plain.endswith(".txt")
        assert not set(plain) & set('"\\/<>:;\r\n')
        assert "\u202e" not in named
        assert "%E2%80%AE" not in named
