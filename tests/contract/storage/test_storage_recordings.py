"""Recordings are found by their words, played, counted and shared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rows import LINES, add, complete

from panglot.storage.database import Database
from panglot.storage.recordings import Recordings
from panglot.storage.records import Project, TextLine, TranscriptRow
from panglot.storage.revisions import Revisions
from panglot.storage.transcripts import Transcripts


class TestRecordings:
    @pytest.fixture
    def recordings(self, database: Database) -> Recordings:
        return Recordings(database)

    def spoken(self, transcripts: Transcripts, project: Project, **values: Any) -> TranscriptRow:
        row = add(transcripts, project, name="Rede.MP3", **values)
        transcripts.claim(row.id, "w")
        assert transcripts.complete(row.id, 1, result_key="r", duration=2.0, summary={}, lines=LINES)
        return row

    @pytest.mark.parametrize(
        ("terms", "found"),
        [
            (["guten", "tag"], True),
            (["rede.mp3", "strasse_7"], True),
            (["100%"], True),
            (["\\ x"], True),
            (["1%0"], False),
            (["strasse%7"], False),
            (["rede_mp3"], False),
            (["guten", "morgen"], False),
        ],
    )
    def test_words_are_found_as_they_are(
        self, recordings: Recordings, transcripts: Transcripts, project: Project, terms: list[str], found: bool
    ) -> None:
        row = self.spoken(transcripts, project)
        rows, more = recordings.page(project.id, limit=5, terms=terms)
        assert ([each.id for each in rows], more) == ([row.id] if found else [], False)

    def test_matches_are_lines_with_their_times(
        self, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = self.spoken(transcripts, project)
        (match,) = recordings.matches([row.id], ["tag"])[row.id]
        assert match == TextLine(start=0.0, end=1.0, text="Guten TAG 100%")

    def test_wiped_ones_are_nowhere(
        self, database: Database, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = self.spoken(transcripts, project)
        assert Revisions(database).add(row.id, base=0, key="k", note="", summary={}, lines=LINES)
        assert recordings.share(row.id, nonce="n", digest="d")
        transcripts.wipe(row.id)
        assert recordings.page(project.id, limit=5) == ((), False)
        assert recordings.matches([row.id], ["tag"]) == {row.id: ()}
        assert recordings.shared("d") is None
        assert recordings.corrected(project.id) == ()
        assert Revisions(database).of(row.id) == ()
        wiped = transcripts.get(row.id)
        assert (wiped.name, wiped.playback_key, wiped.share_nonce, wiped.revision) == ("", None, None, 0)

    def test_the_copy_to_play_is_kept_by_who_works_on_it(
        self, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert not transcripts.set_stage(row.id, 1, "recognising", playback_key="early")
        claimed = transcripts.claim(row.id, "w")
        assert not transcripts.set_stage(row.id, 2, "recognising", playback_key="other")
        assert transcripts.set_stage(row.id, 1, "recognising", playback_key="p")
        assert transcripts.set_stage(row.id, 1, "assembling")
        assert complete(transcripts, row, 1)
        assert transcripts.get(row.id).started == claimed.started is not None
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert [each.id for each in recordings.playable_before(later)] == [row.id]
        assert recordings.playable_before(row.created) == ()
        recordings.forget_playback(row.id)
        assert recordings.playable_before(later) == ()

    def test_places_in_the_queue(self, recordings: Recordings, transcripts: Transcripts, project: Project) -> None:
        ids = [add(transcripts, project).id for _ in range(4)]
        transcripts.claim(ids[0], "w")
        assert recordings.ahead(ids) == {ids[1]: 0, ids[2]: 1, ids[3]: 2}
        assert recordings.ahead([]) == {}

    def test_use_is_counted_by_key(self, recordings: Recordings, transcripts: Transcripts, project: Project) -> None:
        self.spoken(transcripts, project, key_id="k")
        transcripts.wipe(self.spoken(transcripts, project, key_id="k").id)
        add(transcripts, project)
        found = {each.key_id: (each.jobs, each.audio) for each in recordings.usage()}
        assert found == {"k": (2, 4.0), None: (1, 0.0)}

    def test_a_transcript_has_one_token_at_a_time(
        self, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = self.spoken(transcripts, project)
        assert recordings.share(row.id, nonce="n", digest="d")
        assert not recordings.share(row.id, nonce="n2", digest="d2")
        assert recordings.shared("d").id == row.id
        recordings.unshare(row.id)
        assert recordings.shared("d") is None
        assert not recordings.share(add(transcripts, project).id, nonce="n", digest="d")
