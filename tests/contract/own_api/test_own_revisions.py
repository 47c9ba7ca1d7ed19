"""Documents and their revisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from world import World, change_first_word, spoken

from panglot.transcripts import Finding


class TestRevisions:
    def test_the_document_holds_every_word_and_speaker(self, world: World) -> None:
        answer = world.ada.get(f"/panglot/recordings/{world.complete()}/document").json()
        document = answer["document"]
        assert answer["revision"] == 0
        assert [each["id"] for each in document["segments"]] == ["s1", "s2"]
        assert ["".join(w["text"] for w in each["words"]) for each in document["segments"]] == [
            "Hello there, world.",
            "Shalom 100% =SUM(A1)",
        ]
        assert document["speakers"] == {"A": "A", "B": "B"}
        assert [each["speaker"] for each in document["segments"]] == ["A", "B"]

    def test_revisions_are_kept_and_the_original_stays(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        assert world.edit(id, change_first_word) == 1
        assert world.edit(id, lambda document: document["speakers"].update(A="Ada"), base=1) == 2
        path = f"/panglot/recordings/{id}"
        words = [
            world.ada.get(f"{path}/document?revision={number}").json()["document"]["segments"][0]["words"][0]
            for number in (0, 1, 2)
        ]
        assert [each["text"] for each in words] == ["Hello", "Howdy", "Howdy"]
        assert words[1]["edited"] is True
        listed = world.ada.get(f"{path}/revisions").json()["revisions"]
        assert [each["number"] for each in listed] == [0, 1, 2]
        assert world.ada.get(path).json()["excerpt"].startswith("Howdy there")
        assert world.ada.get("/panglot/recordings?q=howdy").json()["recordings"][0]["id"] == id
        assert world.ada.get("/panglot/recordings?q=hello").json()["recordings"] == []
        assert world.ada.get(f"/v2/transcript/{id}").json()["text"].startswith("Hello")
        assert world.ada.get(f"{path}/document?revision=3").status_code == 404

    def test_places_to_check_can_be_taken_away_and_brought_back_but_not_made(self, world: World) -> None:
        loop, damaged = (
            Finding(kind=kind, start=start, end=start + 0.5, detail="")
            for kind, start in (("loop", 0.12345), ("damaged", 2.4))
        )
        heard = spoken()
        id = world.complete(replace(heard, audit=replace(heard.audit, findings=(loop, damaged))))  # noqa: A001
        path = f"/panglot/recordings/{id}/document"
        both = world.ada.get(path).json()["document"]["findings"]
        invented = {"kind": "loop", "start": 1.0, "end": 2.0, "detail": "invented"}
        for base, sent, kept in ((0, both[1:], both[1:]), (1, [invented, *both], both), (2, [], [])):
            world.edit(id, lambda document, sent=sent: document.update(findings=sent), base=base)
            assert world.ada.get(path).json()["document"]["findings"] == kept
        assert world.ada.get(f"{path}?revision=0").json()["document"]["findings"] == both

    def test_who_edited_what_is_outdated_is_told_the_latest(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        world.edit(id, change_first_word)
        document = world.ada.get(f"/panglot/recordings/{id}/document").json()["document"]
        answer = world.ada.post(f"/panglot/recordings/{id}/revisions", json={"base": 0, "document": document})
        assert (answer.status_code, answer.json()["latest"]) == (409, 1)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda d: d["segments"].reverse(), "order of their start"),
            (lambda d: d["segments"][1].update(id="s1"), "two segments have the id 's1'"),
            (lambda d: d["segments"][0].update(speaker="Z"), "'Z', who is not in 'speakers'"),
            (lambda d: d["segments"][0].update(language="xx"), "none of the 99"),
            (lambda d: d["segments"][0]["words"].reverse(), "order of their times"),
            (lambda d: d["segments"][1].update(end=99.0), "the recording is from 0"),
            (lambda d: d["segments"][0]["words"][0].update(text="a\0b"), "control character"),
            (lambda d: d["speakers"].update(A="\n"), "Give a name"),
            (lambda d: d["segments"][0].update(start="soon"), "document.segments.0.start"),
            (lambda d: d.update(html="<b>"), "document.html"),
        ],
    )
    def test_what_cannot_be_is_refused_with_the_place(
        self, world: World, change: Callable[[dict[str, Any]], object], said: str
    ) -> None:
        id = world.complete()  # noqa: A001
        document = world.ada.get(f"/panglot/recordings/{id}/document").json()["document"]
        change(document)
        answer = world.ada.post(f"/panglot/recordings/{id}/revisions", json={"base": 0, "document": document})
        assert answer.status_code == 400
        assert said in answer.json()["error"]
        assert world.ada.get(f"/panglot/recordings/{id}").json()["revision"] == 0

    def test_a_body_of_more_than_16_mebibytes_is_refused(self, world: World) -> None:
        body = b" " * ((16 << 20) + 1)
        answer = world.ada.post(f"/panglot/recordings/{world.complete()}/revisions", content=body)
        assert answer.status_code == 413

    def test_what_is_not_finished_has_no_document(self, world: World) -> None:
        assert world.ada.get(f"/panglot/recordings/{world.submit().id}/document").status_code == 409
