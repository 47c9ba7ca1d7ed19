"""Parts of a transcript can be read before it is finished."""

from __future__ import annotations

from rows import UNHOLDABLE, add, finish

from panglot.storage.database import Database
from panglot.storage.partials import Partials
from panglot.storage.records import Project
from panglot.storage.transcripts import Transcripts


class TestPartials:
    def test_readers_get_what_is_new(self, database: Database, transcripts: Transcripts, project: Project) -> None:
        partials = Partials(database)
        row, other = add(transcripts, project), add(transcripts, project)
        for each in (row, other):
            transcripts.claim(each.id, "w")
        assert partials.add(row.id, 1, 0, [{"text": "a"}, {"text": UNHOLDABLE}])
        assert partials.add(other.id, 1, 0, [{"text": "other"}])
        assert partials.add(row.id, 1, 1, [])
        first, second = partials.since(row.id, 0)
        assert first.segments == ({"text": "a"}, {"text": UNHOLDABLE})
        assert second.segments == ()
        assert first.number < second.number
        assert partials.since(row.id, first.number) == (second,)
        assert partials.since(row.id, second.number) == ()

    def test_a_chunk_is_begun_again(self, database: Database, transcripts: Transcripts, project: Project) -> None:
        partials = Partials(database)
        row = add(transcripts, project)
        transcripts.claim(row.id, "w")
        for chunk in range(4):
            partials.add(row.id, 1, chunk, [{"chunk": chunk}])
        last = partials.since(row.id, 0)[-1]
        partials.restart(row.id, 2)
        assert [each.segments[0]["chunk"] for each in partials.since(row.id, 0)] == [0, 1]
        partials.add(row.id, 1, 2, [{"chunk": 2}])
        (new,) = partials.since(row.id, last.number)
        assert new.segments == ({"chunk": 2},)
        partials.clear(row.id)
        assert partials.since(row.id, 0) == ()

    def test_nothing_is_added_to_what_is_finished(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert not Partials(database).add(row.id, 0, 0, [{"text": "not begun"}])
        finish(transcripts, row)
        assert not Partials(database).add(row.id, 1, 0, [{"text": "late"}])
        assert not Partials(database).add("none", 1, 0, [{"text": "nowhere"}])
