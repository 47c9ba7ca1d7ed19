"""What the endpoints under ``/panglot`` promise, over the real service with a database and a folder."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import docx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from starlette.types import ASGIApp

from panglot.audio import open_audio
from panglot.audio.writing import write_wav
from panglot.corpora import read_corpus
from panglot.models import Store
from panglot.server.app import make_app
from panglot.server.settings import Settings
from panglot.service import erasing, playback
from panglot.service.documents import of_transcript
from panglot.service.limits import Limits
from panglot.service.links import Link
from panglot.service.platform import Platform, open_platform
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.service.service import Service
from panglot.storage.records import Project, TranscriptRow
from panglot.storage.tables import TEXTS
from panglot.testing import make_segment, make_transcript
from panglot.transcripts import Finding, Transcript

SECRET = b"s" * 32
HOSTILE = '../..\\<img src=x onerror="alert(1)">\r\nX-Evil: 1; \u202egpj.mp3'


def spoken() -> Transcript:
    """Two speakers, a sentence each; four seconds."""
    return make_transcript(
        make_segment("Hello there, world.", speaker="A", start=0.0),
        make_segment("Shalom 100% =SUM(A1)", speaker="B", start=2.4, language="he"),
    )


@dataclass
class World:
    """A deployment with an operator of one project, and another project."""

    platform: Platform
    folder: Path
    suffix: str
    """Ends the names of this world's projects."""
    clients: dict[str, TestClient] = field(default_factory=dict[str, TestClient])

    @property
    def ada(self) -> TestClient:
        return self.clients["ada"]

    @property
    def bob(self) -> TestClient:
        return self.clients["bob"]

    @property
    def nobody(self) -> TestClient:
        return self.clients["nobody"]

    @property
    def project(self) -> Project:
        found = self.platform.projects.find(f"ada-{self.suffix}")
        assert found is not None
        return found

    def submit(self, name: str = "talk.mp3", *, upload: bool = False) -> TranscriptRow:
        project = self.project
        upload_id = None
        if upload:
            upload_id = str(uuid4())
            self.platform.blobs.put(f"uploads/{upload_id}", self.wav())
            self.platform.uploads.add(project.id, id=upload_id, key=f"uploads/{upload_id}", size=9)
        service = Service(self.platform, models=("base",))
        request = TranscriptionRequest(surface="assemblyai", name=name)
        return service.submit(project, request, audio_url="https://example.org/x.mp3", upload_id=upload_id)

    def wav(self) -> bytes:
        tone = np.sin(np.arange(16_000 * 4) * 0.1, dtype=np.float32)[None] * 0.5
        write_wav(self.folder / "tone.wav", tone)
        return (self.folder / "tone.wav").read_bytes()

    def complete(
        self, transcript: Transcript | None = None, *, name: str = "talk.mp3", audio: bool = True, upload: bool = False
    ) -> str:
        row = self.submit(name, upload=upload)
        heard = transcript or spoken()
        claimed = self.platform.transcripts.claim(row.id, "w")
        assert claimed is not None
        if audio:
            self.keep_audio(row.id)
        document = of_transcript(heard)
        key = f"{erasing.job_prefix(row.id)}result-1.json"
        self.platform.blobs.put(key, Result(transcript=heard).write())
        assert self.platform.transcripts.complete(
            row.id, 1, result_key=key, duration=heard.duration, summary=document.summary, lines=document.lines
        )
        erasing.tidy(self.platform, row.id)
        return row.id

    def keep_audio(self, id: str) -> None:  # noqa: A002 - as in the records
        path = self.folder / playback.PLAYBACK
        with playback.PlaybackWriter(path) as writer:
            writer.write(np.full((2, 16_000 * 4), 0.5, dtype=np.float32))
            peaks = writer.finish()
        key = erasing.job_prefix(id) + playback.PLAYBACK
        self.platform.blobs.put_file(key, path)
        self.platform.blobs.put(playback.waveform_key(key), peaks)
        assert self.platform.recordings.keep_playback(id, 1, key)

    def edit(self, id: str, change: Callable[[dict[str, Any]], None], base: int = 0) -> int:  # noqa: A002
        document = self.ada.get(f"/panglot/recordings/{id}/document").json()["document"]
        change(document)
        answer = self.ada.post(f"/panglot/recordings/{id}/revisions", json={"base": base, "document": document})
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]


@pytest.fixture(scope="module")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[Platform, ASGIApp]]]:
    """Makes deployments; one with the same limits is opened once, and shared by tests of different projects."""
    opened: dict[str, tuple[Platform, ASGIApp]] = {}

    def make(**limits: Any) -> tuple[Platform, ASGIApp]:
        if repr(limits) not in opened:
            folder = tmp_path_factory.mktemp("deployment")
            platform = open_platform(
                database_url=f"sqlite:///{folder}/panglot.sqlite",
                storage_url=str(folder / "storage"),
                limits=Limits(**{"share_links": True, **limits}),
            )
            app = make_app(Service(platform, models=("base",)), Settings(home=folder), link_secret=SECRET)
            opened[repr(limits)] = platform, app
        return opened[repr(limits)]

    yield make
    for platform, _ in opened.values():
        platform.close()


@pytest.fixture
def open_world(deployments: Callable[..., tuple[Platform, ASGIApp]], tmp_path: Path) -> Callable[..., World]:
    def make(**limits: Any) -> World:
        platform, app = deployments(**limits)
        world = World(platform=platform, folder=tmp_path, suffix=uuid4().hex)
        for name in ("ada", "bob"):
            owner = platform.projects.create(f"{name}-{world.suffix}")
            _, secret = platform.projects.create_key(owner.id, f"{name}'s", operator=name == "ada")
            world.clients[name] = TestClient(app, headers={"Authorization": f"Bearer {secret}"})
        world.clients["nobody"] = TestClient(app)
        return world

    return make


@pytest.fixture
def world(open_world: Callable[..., World]) -> World:
    return open_world()


def change_first_word(document: dict[str, Any]) -> None:
    document["segments"][0]["words"][0].update(text="Howdy", edited=True)


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


class TestPlayback:
    def test_the_sound_is_served_in_parts_by_a_link_without_a_key(self, world: World) -> None:
        links = world.ada.post(f"/panglot/recordings/{world.complete()}/links").json()
        assert links["type"] == "audio/webm"
        whole = world.nobody.get(links["audio"])
        assert whole.status_code == 200
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.content[:4] == b"\x1aE\xdf\xa3"  # EBML
        size = len(whole.content)
        for asked, start, end in [("0-9", 0, 10), ("5-", 5, size), ("-7", size - 7, size), (f"3-{size + 5}", 3, size)]:
            part = world.nobody.get(links["audio"], headers={"Range": f"bytes={asked}"})
            assert part.status_code == 206
            assert part.content == whole.content[start:end]
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        for asked in (f"{size}-", "9-5", "-0"):
            refused = world.nobody.get(links["audio"], headers={"Range": f"bytes={asked}"})
            assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")
        for asked in ("lines=1-2", "bytes=0-1,4-5", "bytes=-"):
            assert world.nobody.get(links["audio"], headers={"Range": asked}).content == whole.content
        changed = {"Range": "bytes=0-9", "If-Range": '"another"'}
        assert world.nobody.get(links["audio"], headers=changed).status_code == 200

    def test_the_copy_lasts_as_long_as_the_recording(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        world.platform.blobs.fetch(erasing.job_prefix(id) + playback.PLAYBACK, world.folder / "copy.webm")
        with open_audio(world.folder / "copy.webm") as audio:
            assert sum(block.shape[1] for block in audio) / 16_000 == pytest.approx(4.0, abs=0.05)

    def test_a_link_opens_nothing_else(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        other = world.complete()
        address = world.ada.post(f"/panglot/recordings/{id}/links").json()["audio"]
        assert world.nobody.get(address.replace(id, other)).status_code == 404
        assert world.nobody.get(address.replace("signature=", "signature=0")).status_code == 404
        project = world.project
        soon = int(datetime.now(UTC).timestamp()) + 60
        redacted = Link(transcript_id=id, project_id=project.id, expires=soon)
        crossed = redacted.url("", SECRET).replace("/v2/transcript/", "/panglot/recordings/")
        assert world.nobody.get(crossed.replace("/redacted-audio/file", "/audio")).status_code == 404
        late = Link(transcript_id=id, project_id=project.id, expires=soon - 120, purpose="playback")
        assert world.nobody.get(late.url("", SECRET)).status_code == 404

    def test_the_waveform_has_as_many_peaks_as_asked_for(self, world: World) -> None:
        path = f"/panglot/recordings/{world.complete()}/waveform"
        shown = world.ada.get(f"{path}?buckets=10").json()
        assert shown["duration"] == 4.0
        assert shown["peaks"] == [128] * 10
        assert len(world.ada.get(path).json()["peaks"]) == 200

    def test_no_sound_no_link(self, world: World) -> None:
        path = f"/panglot/recordings/{world.complete(audio=False)}"
        assert world.ada.get(path).json()["has_audio"] is False
        assert world.ada.post(f"{path}/links").status_code == 404
        assert world.ada.get(f"{path}/waveform").status_code == 404

    def test_sound_is_erased_when_its_days_are_over(self, open_world: Callable[..., World]) -> None:
        world = open_world(keep_audio_days=0.5)
        id = world.complete()  # noqa: A001
        erasing.erase_outdated(world.platform)
        assert world.ada.get(f"/panglot/recordings/{id}").json()["has_audio"] is True
        rows = world.platform.recordings.playable_before(datetime.now(UTC) + timedelta(days=1))
        assert id in [each.id for each in rows]
        for each in rows:
            playback.erase_playback(world.platform, each)
        assert world.ada.get(f"/panglot/recordings/{id}").json()["has_audio"] is False
        assert len(world.platform.blobs.list(erasing.job_prefix(id))) == 1
        assert world.ada.get(f"/panglot/recordings/{id}/document").status_code == 200


class TestSharing:
    def test_a_link_shows_one_transcript_until_it_is_withdrawn(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        path = f"/panglot/recordings/{id}/share"
        url = world.ada.post(path).json()["url"]
        assert world.ada.post(path).json()["url"] == url
        token = url.rpartition("/#/shared/")[2]
        assert len(token) == 43
        shown = world.nobody.get(f"/panglot/shared/{token}")
        assert shown.status_code == 200
        assert shown.json()["recording"]["id"] == id
        assert shown.json()["document"]["segments"]
        sound = shown.json()["audio"]
        assert world.nobody.get(sound, headers={"Range": "bytes=0-3"}).status_code == 206
        assert world.nobody.get(f"/panglot/shared/{token}/waveform").status_code == 200
        assert token not in str(world.platform.transcripts.get(id))
        assert world.ada.delete(path).status_code == 204
        for address in (f"/panglot/shared/{token}", sound, f"/panglot/shared/{token}/waveform"):
            assert world.nobody.get(address).status_code == 404
        assert world.ada.post(path).json()["url"] != url

    def test_the_operator_decides(self, open_world: Callable[..., World]) -> None:
        world = open_world(share_links=False)
        assert world.ada.post(f"/panglot/recordings/{world.complete()}/share").status_code == 403
        assert world.ada.get("/panglot/about").json()["share_links"] is False

    def test_a_deleted_transcript_is_no_longer_shown(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        token = world.ada.post(f"/panglot/recordings/{id}/share").json()["url"].rpartition("/")[2]
        world.ada.delete(f"/v2/transcript/{id}")
        assert world.nobody.get(f"/panglot/shared/{token}").status_code == 404


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


class TestAboutAndOperator:
    def test_about_needs_no_key_and_then_says_less(self, world: World) -> None:
        known, unknown = (client.get("/panglot/about").json() for client in (world.ada, world.nobody))
        assert (known["authenticated"], known["operator"], known["project"]) == (True, True, world.project.name)
        assert (unknown["authenticated"], unknown["operator"], unknown["project"]) == (False, False, None)
        assert unknown["needs_key"] is True
        assert unknown["models"] == []
        assert known["models"] == ["base"]
        assert len(known["languages"]) == 99

    def test_only_operators_see_how_the_deployment_does(self, open_world: Callable[..., World]) -> None:
        world = open_world(shortest=1.0)  # a deployment of its own
        world.complete()
        row = world.submit("broken.mp3")
        world.platform.transcripts.claim(row.id, "w")
        world.platform.transcripts.fail(row.id, 1, "It is no recording.")
        world.submit()
        assert world.bob.get("/panglot/operator").status_code == 403
        assert world.nobody.get("/panglot/operator").status_code == 401
        shown = world.ada.get("/panglot/operator").json()
        assert (shown["queue"]["queued"], shown["queue"]["processing"]) == (1, 0)
        assert [(each["id"], each["project"], each["error"]) for each in shown["failures"]] == [
            (row.id, world.project.name, "It is no recording.")
        ]
        assert shown["models"] == [{"name": "base", "size": Store().entry("base").bytes, "languages_card": None}]
        assert sum(each["jobs"] for each in shown["usage"]) == 3
        assert {each["project"] for each in shown["usage"]} == {world.project.name, f"bob-{world.suffix}"}

    def test_answers_are_not_to_be_kept_nor_shown_in_frames(self, world: World) -> None:
        answer = world.ada.get("/panglot/recordings")
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
