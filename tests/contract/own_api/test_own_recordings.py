"""Recordings: what a list shows, search, deletion; nobody sees those of another project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from world import HOSTILE, World, change_first_word, spoken

from panglot.service import erasing
from panglot.storage.tables import TEXTS
from panglot.testing import make_segment, make_transcript


class TestRecordings:
    def test_a_finished_recording_says_all_that_a_list_shows(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        shown = world.ada.get(f"/panglot/recordings/{id}").json()
        assert shown["name"] == "talk.mp3"
        assert (shown["status"], shown["stage"], shown["ahead"], shown["error"]) == ("completed", "done", None, None)
        assert shown["duration"] == shown["seconds_done"] == spoken().duration
        assert shown["speed"] > 0
        assert (shown["languages"], shown["speakers"]) == (["en", "he"], 2)
        assert shown["excerpt"] == "Hello there, world. Shalom 100% =SUM(A1)"
        assert (shown["revision"], shown["has_audio"], shown["shared"]) == (0, True, False)
        assert datetime.fromisoformat(shown["created"]) <= datetime.fromisoformat(shown["completed"])

    def test_without_a_name_the_end_of_the_address_is_one(self, world: World) -> None:
        answer = world.ada.post("/v2/transcript", json={"audio_url": "https://example.org/a/My%20talk.mp3?x=1"})
        assert world.ada.get(f"/panglot/recordings/{answer.json()['id']}").json()["name"] == "My talk.mp3"

    def test_the_name_given_with_a_job_is_kept_and_no_warning(self, world: World) -> None:
        sent = {"audio_url": "https://example.org/a.mp3", "audio_name": HOSTILE}
        answer = world.ada.post("/v2/transcript", json=sent).json()
        assert answer["metadata"]["warnings"] == []
        assert world.ada.get(f"/panglot/recordings/{answer['id']}").json()["name"] == HOSTILE.strip()

    def test_the_list_goes_back_page_by_page_and_leaves_out_what_is_deleted(self, world: World) -> None:
        ids = [world.submit(f"{number}").id for number in range(5)]
        world.ada.delete(f"/v2/transcript/{ids[3]}")
        first = world.ada.get("/panglot/recordings?limit=2").json()
        assert [each["id"] for each in first["recordings"]] == [ids[4], ids[2]]
        rest = world.ada.get(f"/panglot/recordings?limit=2&before={first['older']}").json()
        assert [each["id"] for each in rest["recordings"]] == [ids[1], ids[0]]
        assert rest["older"] is None
        assert world.ada.get(f"/panglot/recordings/{ids[3]}").status_code == 404
        assert world.ada.get("/panglot/recordings?before=nothing").status_code == 400

    def test_queued_ones_know_how_many_go_before_them(self, open_world: Callable[..., World]) -> None:
        world = open_world(shortest=2.0)  # a deployment of its own
        ids = [world.submit(f"{number}").id for number in range(3)]
        ahead = {each["id"]: each["ahead"] for each in world.ada.get("/panglot/recordings").json()["recordings"]}
        assert [ahead[each] for each in ids] == [0, 1, 2]

    @pytest.mark.parametrize("words", ["WORLD", "hello world", "talk shalom", "100%", "TALK.mp3"])
    def test_search_finds_names_and_words_in_any_case(self, world: World, words: str) -> None:
        found = world.complete()
        world.complete(make_transcript(make_segment("Nothing here.")), name="other.mp3")
        hits = world.ada.get("/panglot/recordings", params={"q": words}).json()["recordings"]
        assert [each["id"] for each in hits] == [found]

    def test_search_says_where(self, world: World) -> None:
        world.complete()
        hit = world.ada.get("/panglot/recordings?q=shalom").json()["recordings"][0]
        assert [each["text"] for each in hit["matches"]] == ["Shalom 100% =SUM(A1)"]
        assert hit["matches"][0]["start"] == 2.4

    @pytest.mark.parametrize("words", ["%", "_orld", "wor%d", "' OR 1=1 --"])
    def test_search_takes_no_character_for_another(self, world: World, words: str) -> None:
        world.complete(make_transcript(make_segment("Hello world.")))
        assert world.ada.get("/panglot/recordings", params={"q": words}).json()["recordings"] == []

    def test_what_is_deleted_is_not_found_and_leaves_no_text(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        world.edit(id, change_first_word)
        world.ada.delete(f"/v2/transcript/{id}")
        assert world.ada.get("/panglot/recordings?q=world").json()["recordings"] == []
        assert world.platform.blobs.list(erasing.job_prefix(id)) == ()
        assert world.platform.revisions.of(id) == ()
        with world.platform.database.reading() as connection:
            assert connection.execute(select(TEXTS).where(TEXTS.c.transcript_id == id)).first() is None

    def test_cancel_and_retry(self, world: World) -> None:
        row = world.submit(upload=True)
        assert world.ada.post(f"/panglot/recordings/{row.id}/cancel").json()["status"] == "error"
        again = world.ada.post(f"/panglot/recordings/{row.id}/retry").json()
        assert (again["status"], again["name"]) == ("queued", "talk.mp3")
        assert again["id"] != row.id
        assert row.upload_id is not None
        erasing.erase_upload(world.platform, row.upload_id)
        assert world.ada.post(f"/panglot/recordings/{row.id}/retry").status_code == 409


class TestOthers:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", ""),
            ("POST", "/cancel"),
            ("POST", "/retry"),
            ("GET", "/document"),
            ("GET", "/revisions"),
            ("POST", "/revisions"),
            ("GET", "/export?format=txt"),
            ("POST", "/links"),
            ("GET", "/waveform"),
            ("POST", "/share"),
            ("DELETE", "/share"),
        ],
    )
    def test_what_is_another_projects_is_not_there(self, world: World, method: str, path: str) -> None:
        address = f"/panglot/recordings/{world.complete()}{path}"
        assert world.bob.request(method, address).status_code == 404
        assert world.nobody.request(method, address).status_code == 401
        assert set(world.bob.request(method, address).json()) == {"error"}

    def test_lists_searches_and_corrections_are_of_ones_own_project(self, world: World) -> None:
        world.edit(world.complete(), change_first_word)
        assert world.bob.get("/panglot/recordings?q=world").json()["recordings"] == []
        assert world.bob.get("/panglot/corrections").text == ""
