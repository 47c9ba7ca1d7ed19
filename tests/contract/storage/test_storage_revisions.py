"""Revisions of a transcript are made one after another."""

from __future__ import annotations

from rows import LINES, add, finish
from threads import at_once

from panglot.storage.database import Database
from panglot.storage.records import Project
from panglot.storage.revisions import Revisions
from panglot.storage.transcripts import Transcripts


class TestRevisions:
    def test_of_two_that_edit_the_same_one_wins(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        revisions = Revisions(database)
        finish(transcripts, row)
        made = at_once(
            4, lambda which: revisions.add(row.id, base=0, key=f"k{which}", note="", summary={}, lines=LINES)
        )
        (won,) = [each for each in made if each is not None]
        assert revisions.of(row.id) == (won,)
        assert revisions.get(row.id, 1) == won
        assert revisions.get(row.id, 2) is None
        assert transcripts.get(row.id).revision == 1

    def test_what_is_not_finished_has_none(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert Revisions(database).add(row.id, base=0, key="k", note="", summary={}, lines=()) is None
        transcripts.claim(row.id, "w")
        transcripts.fail(row.id, 1, "no")
        assert Revisions(database).add(row.id, base=0, key="k", note="", summary={}, lines=()) is None
